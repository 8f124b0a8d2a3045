"""`sekisho policy`: test the policy on the engines, compare two, simulate one."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import data_option, emit, output_option, progress

if TYPE_CHECKING:
    from api.record import Entry


@click.group()
def command() -> None:
    """Test the policy on the engines, compare two, simulate one."""


@command.command()
@click.option(
    "--engine", type=click.Choice(["embedded", "opa", "both"]), default="both", show_default=True
)
@click.option("--generated", type=click.IntRange(min=0), default=2000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@output_option
def test(*, engine: str, generated: int, seed: int, output: str) -> None:
    """Ask every decision vector and generated questions; the engines must agree on all.

    OPA is looked for in $SEKISHO_OPA, PATH and ~/go/bin, and started on loopback.
    """
    from api import resources  # noqa: PLC0415 - imports lazily, for start-up
    from api.engines import running  # noqa: PLC0415
    from api.offline import shipped_bundle  # noqa: PLC0415
    from api.policytest import Report, run  # noqa: PLC0415

    async def tested() -> Report:
        bundle = shipped_bundle()
        async with running(bundle, engine) as engines:
            vectors = resources.decision_vectors()
            return await run(bundle, engines, vectors, generated=generated, seed=seed)

    report = asyncio.run(tested())
    if output == "json":
        emit(report.to_json())
    else:
        click.echo(f"{report.vectors} vectors, {report.generated} generated questions")
        for each in report.disagreements:
            click.echo(f"  disagreement: {each}")
    sys.exit(0 if report.ok else 1)


@command.command()
@click.argument("before")
@click.argument("after")
@click.option("--generated", type=click.IntRange(min=0), default=2000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@output_option
def diff(*, before: str, after: str, generated: int, seed: int, output: str) -> None:
    """Say how the policy AFTER differs from BEFORE, with questions answered differently.

    A policy is `shipped` or a folder laid out as `policy/rego`.

    \b
    sekisho policy diff shipped my-policy
    """  # noqa: D301
    from api import resources  # noqa: PLC0415 - imports lazily, for start-up
    from api.candidates import candidate  # noqa: PLC0415
    from api.policydiff import compare  # noqa: PLC0415
    from policy.engines.embedded import EmbeddedEngine  # noqa: PLC0415

    bundles = candidate(before), candidate(after)
    engines = EmbeddedEngine(bundles[0]), EmbeddedEngine(bundles[1])
    vectors = resources.decision_vectors()
    found = asyncio.run(compare(bundles, engines, vectors, generated=generated, seed=seed))
    if output == "json":
        emit(found.to_json())
    else:
        for name, what in found.rules.items():
            click.echo(f"rule {name}: {what}")
        for place in found.data:
            click.echo(f"data {place}: changed")
        for each in found.examples:
            click.echo(_example(each))
        click.echo(f"{found.differing} of {found.asked} questions are answered differently")
    sys.exit(0 if found.same else 1)


@command.command()
@click.argument("policy")
@click.option("--against", type=click.Choice(["all", "permit", "refuse"]), default="all")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only decisions from this day.")
@click.option("--tenant", help="Only this tenant's.")
@click.option(
    "--network", type=click.Choice(["then", "now"]), default="then", show_default=True,
    help="The network of the time of each decision, or that in force.",
)  # fmt: skip
@data_option
@output_option
def simulate(
    *,
    policy: str,
    against: str,
    since: datetime | None,
    tenant: str | None,
    network: str,
    data: Path,
    output: str,
) -> None:
    """Say what POLICY would have decided otherwise, and which passages under way it would stop.

    Nothing is recorded, and nothing changes.

    \b
    sekisho policy simulate my-policy --data .sekisho --network now
    """  # noqa: D301
    from api.candidates import candidate  # noqa: PLC0415 - imports lazily, for start-up
    from api.impact import Simulation  # noqa: PLC0415
    from api.instance import reading  # noqa: PLC0415
    from policy.engines.embedded import EmbeddedEngine  # noqa: PLC0415

    def chosen(entry: "Entry") -> bool:
        facts = entry.facts
        asked = against in ("all", facts["verdict"])
        return asked and (tenant is None or facts["tenant"] == tenant)

    start = 0 if since is None else int(since.replace(tzinfo=UTC).timestamp())
    with reading(data) as instance:
        work = Simulation(instance, candidate(policy), EmbeddedEngine, now=network == "now")
        impact = asyncio.run(work.run(since=start, chosen=chosen, progress=_progress))
    if output == "json":
        emit(impact.to_json())
        return
    for effect, count in impact.effects().items():
        click.echo(f"{effect}: {count}")
    for change in impact.changes:
        if change.effect != "unchanged":
            codes = ", ".join(change.codes)
            click.echo(
                f"  {change.decision} {change.tenant} {change.level} {change.effect} {codes}"
            )
    for passage in impact.under_way:
        click.echo(f"  under way, would be stopped: {passage}")


def _example(each: Mapping[str, Any]) -> str:
    codes = [f"+{code}" for code in each["codes_new"]] + [f"-{code}" for code in each["codes_gone"]]
    change = f"{each['before']} -> {each['after']}"
    return f"{each['case']} ({each['kind']}, {each['level']}): {change} {' '.join(codes)}"


def _progress(done: int, total: int) -> None:
    if done == total or done % 1000 == 0:
        progress(f"{done} of {total} decisions")
