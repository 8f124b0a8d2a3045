"""`sekisho passage`: ask for a passage, list, show and revoke."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli.options import (
    FILE,
    OUT,
    data_option,
    emit,
    lang_option,
    output_option,
    principal_options,
)
from api.errors import UsageError


@click.group()
def command() -> None:
    """Ask for a passage, list, show and revoke."""


@command.command()
@click.argument("dataset")
@click.option("--to", "target", help="The cluster where it shall go.")
@click.option("--to-any-cluster", is_flag=True, help="Wherever is nearest and permitted.")
@click.option("--rules", "rules_file", type=FILE, help="Constraints of your own; they only narrow.")
@click.option("--permit", "permit_file", type=OUT, help="Where the signed permit goes.")
@principal_options
@data_option
@output_option
@lang_option
def request(
    *,
    dataset: str,
    target: str | None,
    to_any_cluster: bool,
    rules_file: Path | None,
    permit_file: Path | None,
    purpose: str | None,
    name: str,
    clearance: str,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Ask whether DATASET may be carried to a cluster; a yes comes with a signed permit."""
    from api.asking import purpose_of, requester  # noqa: PLC0415 - imports lazily, for start-up
    from api.cli.path import constraints_of  # noqa: PLC0415
    from api.durable import write_durably  # noqa: PLC0415
    from api.gate import Request  # noqa: PLC0415
    from api.instance import opened  # noqa: PLC0415

    if (target is None) == (not to_any_cluster):
        raise UsageError("give either --to SITE or --to-any-cluster")
    with opened(data) as instance:
        found = instance.register.dataset(dataset)
        world = instance.world()
        asked = Request(
            dataset=found,
            principal=requester(found, name=name, clearance=clearance),
            purpose=purpose_of(found, purpose),
            targets=world.clusters if target is None else (target,),
            constraints=constraints_of(rules_file),
        )
        decided = asyncio.run(instance.gate(world).grant(asked))
    passage = decided.passage
    if passage is not None and permit_file is not None:
        write_durably(permit_file, passage.permit)
    if output == "json":
        granted = None if passage is None else passage.to_json()
        emit({"decision": decided.id, "passage": granted, **decided.reckoning.document})
    else:
        from api.show import show_answer  # noqa: PLC0415 - rich is slow to import

        show_answer(decided.reckoning.document, world.topology.network, lang)
        click.echo(decided.id if passage is None else f"{decided.id} {passage.id}")
    sys.exit(0 if passage is not None else 1)


@command.command("list")
@data_option
@output_option
def list_(*, data: Path, output: str) -> None:
    """List the granted passages and what became of them."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up

    with reading(data) as instance:
        found = instance.register.passages(limit=10_000)
    if output == "json":
        emit({"passages": [each.to_json() for each in found]})
        return
    from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

    rows = [
        (each.id, each.dataset, each.source, each.destination, each.state, _time(each.expires))
        for each in found
    ]
    show_rows(("id", "dataset", "from", "to", "state", "expires"), rows)


@command.command()
@click.argument("identity", metavar="PASSAGE")
@click.option("--reason", required=True, help="Why; it is recorded.")
@click.option("--as", "name", default="local", show_default=True, help="Who revokes.")
@data_option
def revoke(*, identity: str, reason: str, name: str, data: Path) -> None:
    """Stop PASSAGE: no key and no further segment is granted."""
    from api.instance import opened  # noqa: PLC0415 - imports lazily, for start-up
    from policy.question import Principal  # noqa: PLC0415

    with opened(data) as instance:
        gate = instance.gate(instance.world())
        who = Principal(id=name, kind="person", tenant=None)
        index = asyncio.run(gate.revoke(identity, principal=who, reason=reason))
    click.echo(f"{identity} revoked, log entry {index}")


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
