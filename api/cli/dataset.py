"""`sekisho dataset`: register, list, show and place datasets."""

import asyncio
import json
import sys
from pathlib import Path

import click

from api.cli.options import (
    FILE,
    LEVELS,
    data_option,
    emit,
    lang_option,
    output_option,
    principal_options,
    progress,
)


@click.group()
def command() -> None:
    """Register, list, show and place datasets."""


@command.command()
@click.argument("file", type=FILE)
@click.option("--tenant", required=True, help="Whose it is.")
@click.option("--site", required=True, help="The site where it lies.")
@click.option("--purpose", "purposes", multiple=True, required=True, help="What it is for.")
@click.option("--name", default="", help="What to call it; default the file's name.")
@click.option("--declared", type=LEVELS, help="The level that the owner claims.")
@click.option("--sample", is_flag=True, help="Read a sample only; the label is provisional then.")
@data_option
@output_option
@lang_option
def register(
    *,
    file: Path,
    tenant: str,
    site: str,
    purposes: tuple[str, ...],
    name: str,
    declared: str | None,
    sample: bool,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Examine FILE in full and register it as a dataset.

    \b
    sekisho dataset register patients.csv --tenant midori-hospital --site tokyo --purpose care
    """  # noqa: D301
    from api.founding import ensured  # noqa: PLC0415 - imports lazily, for start-up
    from api.registry import Registration  # noqa: PLC0415
    from policy.label import Level  # noqa: PLC0415
    from routing.topology import Topology  # noqa: PLC0415

    level = None if declared is None else Level.parse(declared.upper())
    stated = Registration(tenant, site, frozenset(purposes), name, level, full=not sample)
    with ensured(data, progress) as instance:
        Topology(instance.in_force.network()).site(site)
        progress(f"reading {file}")
        dataset, found = instance.registry.register(file, stated)
    document = {"id": dataset.id, "file": str(file), **found.to_json()}
    if output == "json":
        emit(document)
    else:
        from api.show import show_classification  # noqa: PLC0415 - rich is slow to import

        show_classification(document, lang)
        click.echo(dataset.id)
    sys.exit(2 if found.unknown else 0)


@command.command("list")
@click.option("--tenant", help="Only this tenant's.")
@data_option
@output_option
def list_(*, tenant: str | None, data: Path, output: str) -> None:
    """List the registered datasets."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up

    with reading(data) as instance:
        found = instance.register.datasets(tenant=tenant, limit=10_000)
    if output == "json":
        emit({"datasets": [each.to_json() for each in found]})
        return
    from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

    rows = [
        (each.id, each.name, each.tenant, str(each.label.level), each.site, each.state)
        for each in found
    ]
    show_rows(("id", "name", "tenant", "level", "site", "state"), rows)


@command.command()
@click.argument("identity", metavar="DATASET")
@data_option
@output_option
@lang_option
def show(*, identity: str, data: Path, output: str, lang: str) -> None:
    """Show what DATASET is, and the evidence for it."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up

    with reading(data) as instance:
        dataset = instance.register.dataset(identity)
        findings = json.loads(instance.objects.get(dataset.findings))
    document = {**dataset.to_json(), **findings, "file": dataset.name}
    if output == "json":
        emit(document)
        return
    from api.show import show_classification  # noqa: PLC0415 - rich is slow to import

    show_classification(document, lang)


@command.command()
@click.argument("identity", metavar="DATASET")
@principal_options
@data_option
@output_option
@lang_option
def place(
    *,
    identity: str,
    purpose: str | None,
    name: str,
    clearance: str,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Say for every cluster whether DATASET may be placed there, by which path, or why not."""
    from api.asking import placements, requester  # noqa: PLC0415 - imports lazily, for start-up
    from api.instance import opened  # noqa: PLC0415

    with opened(data) as instance:
        dataset = instance.register.dataset(identity)
        gate = instance.gate(instance.world())
        who = requester(dataset, name=name, clearance=clearance)
        rows = asyncio.run(placements(gate, dataset, who, purpose))
    if output == "json":
        emit({"dataset": identity, "placements": [row.to_json() for row in rows]})
    else:
        from api.show import show_placements  # noqa: PLC0415 - rich is slow to import

        show_placements(rows, lang)
    sys.exit(0 if any(row.verdict == "yes" for row in rows) else 1)
