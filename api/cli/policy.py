"""`sekisho policy`: test the policy on the engines."""

import asyncio
import sys

import click

from api.cli.options import emit, output_option


@click.group()
def command() -> None:
    """Test the policy on the engines."""


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
