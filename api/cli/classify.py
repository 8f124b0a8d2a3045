"""`sekisho classify`: say what files are."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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
    """Say what FILES are, or all files in a folder: label, evidence and columns.

    \b
    sekisho classify patients.csv
    sekisho classify --full archive/
    sekisho classify --full --declared L2 --output json *.csv
    """  # noqa: D301
    results = list(_results(files, declared, full=full, seed=seed))
    alone = len(results) == 1 and results[0]["file"] == str(files[0])
    if output == "json":
        emit(results[0] if alone else {"files": results})
    else:
        for result in results:
            _show(result, lang)
    sys.exit(2 if any(result["unknown"] for result in results) else 0)


def _results(
    files: tuple[Path, ...], declared: str | None, *, full: bool, seed: int
) -> Iterator[dict[str, Any]]:
    from api.examine import examine_any, files_in  # noqa: PLC0415 - pyarrow is slow to import
    from policy.label import Level  # noqa: PLC0415

    level = None if declared is None else Level.parse(declared.upper())
    for file in (file for place in files for file in files_in(place)):
        progress(f"reading {file}")
        found = examine_any(file, declared=level, full=full, seed=seed)
        if found.unreadable is not None:
            progress(f"sekisho: {file}: {found.unreadable}")
        yield {**found.to_json(str(file))}


def _show(result: Mapping[str, Any], lang: str) -> None:
    from api.show import show_classification  # noqa: PLC0415 - rich is slow to import

    show_classification(result, lang)
    for member in result.get("members", ()):
        _show({**member, "file": f"{result['file']} › {member['file']}"}, lang)
