"""`sekisho trust`: the signed bundle of trusted keys."""

from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli.options import data_option, emit, output_option


@click.group()
def command() -> None:
    """Show and verify the signed bundle of trusted keys."""


@command.command()
@data_option
@output_option
def show(data: Path, output: str) -> None:
    """Verify the trust bundle against its root and show who may do what."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up
    from crypto.trust import Root  # noqa: PLC0415

    with reading(data) as instance:
        bundle = instance.trust()
        root = Root.from_bytes(instance.layout.root.read_bytes())
    document = {
        "version": bundle.version,
        "issued": bundle.issued,
        "expires": bundle.expires,
        "digest": bundle.digest,
        "root": {"keys": len(root.keys), "threshold": root.threshold, "toy": root.toy},
        "roles": {role: len(keys) for role, keys in sorted(bundle.keys.items())},
        "sites": {site: known.tls for site, known in sorted(bundle.sites.items())},
    }
    if output == "json":
        emit(document)
        return
    from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

    until = datetime.fromtimestamp(bundle.expires, UTC).date()
    click.echo(f"version {bundle.version}, until {until}, {bundle.digest}")
    click.echo(f"root: {root.threshold} of {len(root.keys)} keys must sign")
    if root.toy:
        click.echo("TOY CUSTODY: one machine made and holds every root key; a trial, not custody")
    show_rows(("role", "keys"), [(role, str(len(keys))) for role, keys in bundle.keys.items()])
    show_rows(("site", "TLS certificate"), [(s, k.tls) for s, k in bundle.sites.items()])
