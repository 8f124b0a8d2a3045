"""`sekisho network`: other formats in and out, differences, and reports on a whole network."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import (
    FILE,
    OUT,
    data_option,
    emit,
    lang_option,
    output_option,
    progress,
    read_label,
)

if TYPE_CHECKING:
    from api.network_report import Judged


@click.group()
def command() -> None:
    """Import, export, compare and report on network documents."""


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


@command.command()
@click.argument("before", type=FILE)
@click.argument("after", type=FILE)
@output_option
@lang_option
def diff(*, before: Path, after: Path, output: str, lang: str) -> None:
    """Say what the network AFTER changes against BEFORE; exit 0 whether or not they differ."""
    from api.offline import read_network  # noqa: PLC0415 - imports lazily, for start-up
    from routing.diff import difference  # noqa: PLC0415

    found = difference(read_network(before), read_network(after)).to_json()
    if output == "json":
        emit(found)
    else:
        from api.network_tables import show_difference  # noqa: PLC0415 - rich is slow to import

        changes: Any = found["changes"]
        show_difference(changes, lang)


@command.command()
@click.option("--network", "network_file", type=FILE, help="The network document.")
@click.option("--label", "labels", multiple=True, help="A level or a label; default L1 to L4.")
@click.option("--rules", "rules_file", type=FILE, help="Constraints of your own; they only narrow.")
@click.option("--map", "out", type=OUT, help="Where a map of the last label goes, as SVG.")
@data_option
@output_option
@lang_option
def posture(
    *,
    network_file: Path | None,
    labels: tuple[str, ...],
    rules_file: Path | None,
    out: Path | None,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Show which clusters reach which under each label, and on what that hangs.

    \b
    sekisho network posture --network japan.json
    sekisho network posture --network japan.json --label L4 --map l4.svg
    """  # noqa: D301
    from api.network_report import LEVELS, posture_document  # noqa: PLC0415

    names = labels or tuple(str(level) for level in LEVELS)
    judged = _judged(names, network_file, rules_file, data)
    document = posture_document(judged)
    if out is not None:
        name, found = judged[-1]
        single = [point.id for point in found.posture.points if point.kind == "span"]
        _draw(out, found, f"{name}: {found.world.topology.network.name}", single=single)
    if output == "json":
        emit(document)
    else:
        from api.network_tables import show_posture  # noqa: PLC0415 - rich is slow to import

        show_posture(document, lang)


@command.command()
@click.option("--network", "network_file", type=FILE, help="The network document.")
@click.option("--label", required=True, help="A level such as L4, or a label.")
@click.option("--rules", "rules_file", type=FILE, help="Constraints of your own; they only narrow.")
@click.option("--steps", type=click.IntRange(1, 100), default=10, help="How many steps to show.")
@click.option("--map", "out", type=OUT, help="Where a map with the upgrades goes, as SVG.")
@data_option
@output_option
@lang_option
def plan(
    *,
    network_file: Path | None,
    label: str,
    rules_file: Path | None,
    steps: int,
    out: Path | None,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """List the upgrades that open the most pairs of clusters: encrypt, bury, record, certify.

    \b
    sekisho network plan --network japan.json --label L4
    """  # noqa: D301
    from api.network_report import plan_document  # noqa: PLC0415 - imports lazily, for start-up

    ((name, found),) = _judged((label,), network_file, rules_file, data)
    document: dict[str, Any] = plan_document(name, found)
    if out is not None:
        shown = [u["id"] for step in document["steps"][:steps] for u in step["upgrades"]]
        _draw(out, found, f"{name}: upgrades", marked=shown)
    if output == "json":
        emit(document)
    else:
        from api.network_tables import show_plan  # noqa: PLC0415 - rich is slow to import

        show_plan(document, steps, lang)


def _judged(
    names: tuple[str, ...], network_file: Path | None, rules_file: Path | None, data: Path
) -> list[tuple[str, "Judged"]]:
    from api import clock  # noqa: PLC0415 - imports lazily, for start-up
    from api.cli.path import constraints_of, network_of  # noqa: PLC0415
    from api.network_report import judge_label  # noqa: PLC0415
    from api.offline import embedded_world  # noqa: PLC0415

    world = embedded_world(network_of(network_file, data))
    rules, now = constraints_of(rules_file), clock.now()
    labels = [(name, read_label(name)) for name in names]
    return [(name, asyncio.run(judge_label(world, label, now, rules))) for name, label in labels]


def _draw(out: Path, found: "Judged", title: str, **marks: list[str]) -> None:
    from api.durable import write_durably  # noqa: PLC0415 - imports lazily, for start-up
    from api.network_map import draw  # noqa: PLC0415

    write_durably(out, draw(found.barriers, title=title, **marks).encode(), mode=0o644)
    progress(f"map: {out}")
