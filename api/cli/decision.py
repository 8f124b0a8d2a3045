"""`sekisho decision`: list, show and replay decisions."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli.options import data_option, emit, lang_option, output_option


@click.group()
def command() -> None:
    """List, show and replay decisions."""


@command.command("list")
@click.option("--verdict", type=click.Choice(["permit", "refuse"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@data_option
@output_option
def list_(verdict: str | None, limit: int, data: Path, output: str) -> None:
    """List decisions, newest first."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up
    from api.store.decisions import list_decisions  # noqa: PLC0415

    with reading(data) as instance, instance.database.read() as session:
        rows = list_decisions(session, tenant=None, limit=limit, verdict=verdict)
    if output == "json":
        emit({"decisions": [row.model_dump() for row in rows]})
        return
    from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

    cells = [
        (str(row.position), row.id, _time(row.at), row.kind, row.verdict, row.dataset or "")
        for row in rows
    ]
    show_rows(("#", "id", "at", "kind", "verdict", "dataset"), cells)


@command.command()
@click.argument("identity", metavar="DECISION")
@data_option
@output_option
@lang_option
def show(identity: str, data: Path, output: str, lang: str) -> None:
    """Show a DECISION as it was recorded: question, answer, policy and network."""
    from api.instance import decision_entry, reading  # noqa: PLC0415 - imports lazily
    from routing.network import parse_network  # noqa: PLC0415

    with reading(data) as instance:
        index, entry = decision_entry(instance, identity)
        outcome = json.loads(instance.objects.get(str(entry.facts["outcome"])))
        network = parse_network(instance.objects.get(str(entry.facts["epoch"])))
    if output == "json":
        emit({"index": index, "at": entry.at, **entry.facts, "answer": outcome})
        return
    from api.show import show_answer  # noqa: PLC0415 - rich is slow to import

    for name in ("kind", "dataset", "principal", "engine", "revision", "epoch", "question"):
        click.echo(f"{name:10} {entry.facts[name]}")
    show_answer(outcome, network, lang)


@command.command()
@click.argument("identity", metavar="DECISION")
@data_option
@output_option
def replay(identity: str, data: Path, output: str) -> None:
    """Work a DECISION out once more, with the policy and network of its time."""
    from api.instance import decision_entry, reading  # noqa: PLC0415 - imports lazily
    from api.replay import replay as work_out  # noqa: PLC0415
    from policy.engines.embedded import EmbeddedEngine  # noqa: PLC0415

    with reading(data) as instance:
        _, entry = decision_entry(instance, identity)
        found = asyncio.run(work_out(entry, instance.objects, EmbeddedEngine))
    if output == "json":
        emit(found.to_json())
    else:
        click.echo(found.result)
        for line in found.differences:
            click.echo(f"  {line}")
    sys.exit(0 if found.result == "same" else 1)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
