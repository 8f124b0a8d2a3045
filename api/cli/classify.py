"""`sekisho classify`: say what files are."""

import sys
from pathlib import Path

import click

from api.cli.options import LEVELS, emit, lang_option, output_option, progress


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--declared", type=LEVELS, help="The level that the owner claims.")
@click.option("--full", is_flag=True, help="Scan everything; without it, a recorded sample.")
@click.option("--seed", type=int, default=0, show_default=True, help="The seed of the sample.")
@output_option
@lang_option
def command(
    *, files: tuple[Path, ...], declared: str | None, full: bool, seed: int, output: str, lang: str
) -> None:
    """Say what FILES are: label, evidence and columns.

    \b
    sekisho classify patients.csv
    sekisho classify --full --declared L2 --output json *.csv
    """  # noqa: D301
    from api.examine import examine_any  # noqa: PLC0415 - pyarrow is slow to import
    from policy.label import Level  # noqa: PLC0415

    level = None if declared is None else Level.parse(declared.upper())
    results: list[dict[str, object]] = []
    for file in files:
        progress(f"reading {file}")
        found = examine_any(file, declared=level, full=full, seed=seed)
        if found.unreadable is not None:
            progress(f"sekisho: {file}: {found.unreadable}")
        results.append({"file": str(file), **found.to_json()})
    if output == "json":
        emit(results[0] if len(results) == 1 else {"files": results})
    else:
        from api.show import show_classification  # noqa: PLC0415 - rich is slow to import

        for result in results:
            show_classification(result, lang)
    sys.exit(2 if any(result.get("unknown") for result in results) else 0)
