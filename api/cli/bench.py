"""`sekisho bench`: measure against a peer or limit in the same run."""

import sys

import click

from api.cli.options import output_option
from api.errors import UnavailableError


@click.command()
@click.argument("names", nargs=-1)
@output_option
def command(*, names: tuple[str, ...], output: str) -> None:
    """Measure the named subjects, or all; ratios are the larger the better.

    \b
    sekisho bench routing log
    """  # noqa: D301
    try:
        from bench.run import main as measure  # noqa: PLC0415 - benches are no part of a wheel
    except ImportError as missing:
        problem = f"{missing.name} is not installed; `make dev` brings it"
        raise UnavailableError(problem) from missing
    sys.exit(measure(names, output))
