"""Run benches by name and print one table, or JSON rows."""

import importlib
import json
import sys
from collections.abc import Sequence

from bench.measure import PeerMissingError, Row

SUBJECTS = ("classify", "policy", "routing", "crypto", "gateway", "log", "api", "console")
OK, USAGE, UNAVAILABLE = 0, 2, 3


def main(names: Sequence[str] = (), output: str = "table") -> int:
    """Run the named subjects (none: all) and print their rows to standard output.

    Returns 0, 2 for a name that is no subject, or 3 if a row's peer is missing.
    """
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        _say(f"sekisho: no bench is named {unknown[0]}; there are {', '.join(SUBJECTS)}")
        return USAGE
    rows: list[Row] = []
    code = OK
    for name in names or SUBJECTS:
        _say(f"bench {name} ...")
        for bench in importlib.import_module(f"bench.{name}").BENCHES:
            try:
                rows.append(bench())
            except PeerMissingError as missing:
                _say(f"sekisho: bench {name}: {missing} is not installed; make dev brings it")
                code = UNAVAILABLE
    print(_json(rows) if output == "json" else _table(rows))
    return code


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _json(rows: Sequence[Row]) -> str:
    return json.dumps({"rows": [row.to_json() for row in rows]}, ensure_ascii=False, indent=1)


def _table(rows: Sequence[Row]) -> str:
    head = ("what", "Sekisho", "peer or limit", "", "ratio")
    cells = [head] + [
        (
            row.name,
            f"{row.value:,.4g} {row.unit}",
            f"{row.baseline:,.4g} {row.unit}",
            row.baseline_name,
            f"{row.ratio:.2f}",
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    right = (False, True, True, False, True)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in cells
    )
