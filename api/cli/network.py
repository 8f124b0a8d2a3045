"""`sekisho network`: import and show network documents."""

import sys
from pathlib import Path

import click

from api.cli.options import FILE, OUT, data_option, emit, lang_option, output_option, progress


@click.group()
def command() -> None:
    """Import and show network documents."""


@command.command("import")
@click.argument("file", type=FILE)
@click.option("--format", "name", default="auto", show_default=True, help="The file's format.")
@click.option("-o", "out", type=OUT, required=True, help="Where the canonical document goes.")
@output_option
def import_(file: Path, name: str, out: Path, output: str) -> None:
    """Turn FILE into the canonical document and say what was understood, unknown and dropped."""
    from api.durable import write_durably  # noqa: PLC0415 - imports lazily, for start-up
    from api.offline import LARGEST_DOCUMENT, read_bounded  # noqa: PLC0415
    from routing.formats.importing import import_network  # noqa: PLC0415
    from routing.network import build_network  # noqa: PLC0415

    document, report = import_network(read_bounded(file, LARGEST_DOCUMENT), name)
    network = build_network(document)
    write_durably(out, network.to_bytes(), mode=0o644)
    if output == "json":
        emit(report.to_json())
        return
    progress(f"{report.format}: understood {', '.join(report.understood)}")
    for key, count in report.unknown:
        progress(f"not known: {key} ({count})")
    for line in report.dropped:
        progress(f"dropped: {line}")
    click.echo(f"{out}: {len(network.sites)} sites, {len(network.spans)} spans")


@command.command()
@click.argument("out", type=OUT)
@click.option("--network", "network_file", type=FILE, help="The network document.")
@click.option("--format", "name", required=True, help="canonical, graphml, gnpy or ietf.")
@data_option
@output_option
def export(*, network_file: Path | None, out: Path, name: str, data: Path, output: str) -> None:
    """Write a network to OUT in another format and say what that format could not carry."""
    from api.cli.path import network_of  # noqa: PLC0415 - imports lazily, for start-up
    from api.durable import write_durably  # noqa: PLC0415
    from routing.formats.writing import export_network  # noqa: PLC0415

    raw, report = export_network(network_of(network_file, data), name)
    write_durably(out, raw, mode=0o644)
    if output == "json":
        emit(report.to_json())
        return
    for key, count in report.lost:
        progress(f"not carried: {key} ({count})")
    for line in report.assumed:
        progress(f"assumed: {line}")
    click.echo(f"{out}: {report.format}, {len(raw)} bytes")


@command.command()
@click.option("--network", "network_file", type=FILE, help="The network document.")
@data_option
@output_option
@lang_option
def show(network_file: Path | None, data: Path, output: str, lang: str) -> None:
    """Show a network: its sites, and what is recorded of its spans."""
    from api.cli.path import network_of  # noqa: PLC0415 - imports lazily, for start-up

    network = network_of(network_file, data)
    for warning in network.warnings:
        progress(f"warning: {warning}")
    if output == "json":
        emit(network.to_json())
    else:
        from api.show import show_network  # noqa: PLC0415 - rich is slow to import

        show_network(network, lang)
    sys.exit(0)
