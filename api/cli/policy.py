"""`sekisho policy`: test the policy on the engines."""

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
@click.option("--seed", type=int, default=0, show_default=True)
@output_option
def test(engine: str, generated: int, seed: int, output: str) -> None:
    """Ask every decision vector and generated questions; the engines must agree on all."""
    from api.policytest import run  # noqa: PLC0415 - imports lazily, for start-up

    result = run(engine, generated=generated, seed=seed)
    if output == "json":
        emit(result.to_json())
    else:
        click.echo(result.line)
        for each in result.disagreements:
            click.echo(f"  {each}")
    sys.exit(0 if result.ok else 1)
