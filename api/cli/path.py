"""`sekisho path`: find compliant paths, or check one, against the policy."""

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from api import clock
from api.cli.options import (
    FILE,
    data_option,
    emit,
    lang_option,
    output_option,
    read_label,
)
from api.errors import UsageError
from api.offline import embedded_world, read_bounded, read_network
from policy.constraints import EMPTY, LARGEST_DOCUMENT, Constraints, parse_constraints
from routing.network import Network
from routing.paths import Path as LightPath

if TYPE_CHECKING:
    from api.wayfinding import Subject

CLEARANCE: Final = "L4"


@click.group()
def command() -> None:
    """Find compliant paths, or check one."""


@command.command()
@click.option("--network", "network_file", type=FILE, help="The network document.")
@click.option("--from", "source", required=True, help="The site where the path begins.")
@click.option("--to", "target", help="The site where it ends.")
@click.option("--to-any-cluster", is_flag=True, help="End at whichever cluster is nearest.")
@click.option("--label", help="A level such as L3, or a label as `classify` writes it.")
@click.option("--dataset", help="A registered dataset, instead of --label.")
@click.option("--rules", "rules_file", type=FILE, help="Constraints of your own; they only narrow.")
@click.option("--protect", type=click.Choice(["none", "span", "node", "srlg"]), default="none")
@click.option("-k", "count", type=click.IntRange(1, 1000), default=1, help="How many paths.")
@click.option("--objective", type=click.Choice(["km", "ms", "hops", "operators"]), default="km")
@click.option("--via", multiple=True, metavar="SITE", help="A site to pass, in any order.")
@click.option("--avoid", multiple=True, metavar="SITE", help="A site not to pass.")
@data_option
@output_option
@lang_option
def find(
    *,
    network_file: Path | None,
    source: str,
    target: str | None,
    to_any_cluster: bool,
    label: str | None,
    dataset: str | None,
    rules_file: Path | None,
    protect: str,
    count: int,
    objective: str,
    via: tuple[str, ...],
    avoid: tuple[str, ...],
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Find the shortest compliant path, or say why there is none.

    \b
    sekisho path find --network japan.json --from tokyo --to osaka --label L3
    sekisho path find --network japan.json --from tokyo --to-any-cluster --label L4 --rules my.json
    """  # noqa: D301
    from api.wayfinding import Way, find_way  # noqa: PLC0415 - imports lazily, for start-up
    from routing.search import Aim, Objective  # noqa: PLC0415

    if (target is None) == (not to_any_cluster):
        raise UsageError("give either --to SITE or --to-any-cluster")
    if count > 1 and protect != "none":
        raise UsageError("several paths with -k, or a protected pair: not both at once")
    if protect != "none" and (via or objective != "km"):
        raise UsageError("a protected pair is the shortest: it takes no --via and no --objective")
    subject = _subject(label, dataset, data)
    world = embedded_world(network_of(network_file, data))
    targets = world.clusters if target is None else (target,)
    aim = Aim(Objective(objective), via, avoid)
    way = Way(source, targets, constraints_of(rules_file), protect, count, aim)
    answer = asyncio.run(find_way(world, subject, way, clock.now))
    if output == "json":
        emit(answer.document)
    else:
        from api.show import show_answer  # noqa: PLC0415 - rich is slow to import

        show_answer(answer.document, world.topology.network, lang)
    sys.exit(0 if answer.permitted else 1)


@command.command()
@click.option("--network", "network_file", type=FILE, help="The network document.")
@click.option("--path", "path_file", type=FILE, required=True, help='{"from": …, "spans": […]}')
@click.option("--label", help="A level such as L3, or a label as `classify` writes it.")
@click.option("--dataset", help="A registered dataset, instead of --label.")
@click.option("--rules", "rules_file", type=FILE, help="Constraints of your own; they only narrow.")
@data_option
@output_option
@lang_option
def check(
    *,
    network_file: Path | None,
    path_file: Path,
    label: str | None,
    dataset: str | None,
    rules_file: Path | None,
    data: Path,
    output: str,
    lang: str,
) -> None:
    """Show every rule's verdict on every hop of a path.

    \b
    sekisho path check --network japan.json --label L3 --path spans.json
    """  # noqa: D301
    from api.checking import check_path  # noqa: PLC0415 - imports lazily, for start-up
    from api.wayfinding import Way, question_of  # noqa: PLC0415

    world = embedded_world(network_of(network_file, data))
    source, spans = _spans(path_file)
    path = LightPath.of(world.topology, source, spans)
    way = Way(source, (path.sites[-1],), constraints_of(rules_file))
    question = question_of(_subject(label, dataset, data), way, clock.now)
    document = asyncio.run(check_path(world, question, path))
    if output == "json":
        emit(document)
    else:
        from api.show import show_check  # noqa: PLC0415 - rich is slow to import

        show_check(document, world.topology.network, lang)
    sys.exit(0 if document["verdict"] == "permit" else 1)


def _subject(label: str | None, dataset: str | None, data: Path) -> "Subject":
    """A label stands for itself; a dataset is asked about with every rule, as its own steward."""
    from api.wayfinding import Subject  # noqa: PLC0415 - imports lazily, for start-up

    if (label is None) == (dataset is None):
        raise UsageError("give either --label or --dataset")
    if dataset is None:
        return Subject(read_label(label or ""))
    from api.asking import purpose_of, requester  # noqa: PLC0415 - only --dataset needs these
    from api.instance import reading  # noqa: PLC0415

    with reading(data) as instance:
        found = instance.register.dataset(dataset)
    who = requester(found, name="local", clearance=CLEARANCE)
    return Subject(found.label, found, who, purpose_of(found, None))


def network_of(file: Path | None, data: Path) -> Network:
    """Return the network in a file, or without one that in force in the instance."""
    if file is not None:
        return read_network(file)
    from api.instance import reading  # noqa: PLC0415 - only without --network is one needed

    with reading(data) as instance:
        return instance.in_force.network()


def constraints_of(file: Path | None) -> Constraints:
    """Return the constraints in a file; without one, none."""
    return EMPTY if file is None else parse_constraints(read_bounded(file, LARGEST_DOCUMENT))


def _spans(file: Path) -> tuple[str, list[str]]:
    try:
        document = json.loads(read_bounded(file, LARGEST_DOCUMENT))
        source, spans = document["from"], document["spans"]
    except (ValueError, KeyError, TypeError, RecursionError) as failure:
        raise UsageError(f'{file}: expected {{"from": site, "spans": [span, …]}}') from failure
    if not isinstance(source, str) or not isinstance(spans, list):
        raise UsageError(f'{file}: expected {{"from": site, "spans": [span, …]}}')
    if not all(isinstance(span, str) for span in spans):
        raise UsageError(f"{file}: every span is named by its id")
    return source, spans
