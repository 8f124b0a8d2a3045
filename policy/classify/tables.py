"""The two shapes that every format is read into: tables in batches, and prose in pieces.

Which row is the header is decided here, for all formats alike. A first row that holds values is
no header: its cells would otherwise be printed as column names.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from policy.classify import lexicon
from policy.classify.cells import Cells
from policy.classify.headers import known
from policy.classify.patterns import compiled, fold
from policy.errors import UnreadableError

ROWS: Final = 8_192
"""Rows of a batch that is built from Python lists."""
WIDEST: Final = 4_096
"""Columns that a table may have."""
LOOK: Final = 50
"""Rows looked at to find the header."""

_VALUE_LIKE: Final = (
    r"[0-9]{5}|@|^[0-9]+([.,/:-][0-9]+)*$|[0-9]-[0-9]{3,4}|PRIVATE KEY|^https?:|[0-9]{4}年|"
    r"[A-Za-z0-9_-]{24}|"
    rf"({lexicon.PREFECTURES}).{{1,9}}[市区町村].*[0-9]|"
    rf"^({lexicon.SURNAMES})[ 　]?[\p{{Han}}々]{{0,2}}[\p{{Hiragana}}\p{{Katakana}}々\p{{Han}}]$"
)
# 山口県 heads a column of figures; 山口花子 is a value.
_PLACE: Final = "[県市区町村郡]$"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, by column; `stray` is the text of rows that did not fit."""

    columns: Mapping[str, Cells]
    rows: int
    stray: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose batches are read once, in order; `notes` is the text above it."""

    batches: Iterator[Batch]
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """Text in pieces. `block` is the byte at which a sampled piece begins, else None."""

    pieces: Iterator[tuple[int | None, str]]


Part = Table | Prose


@dataclass(frozen=True, slots=True)
class Header:
    """The names of a table's columns, the rows before its first row of values, and the notes."""

    names: tuple[str, ...]
    skipped: int
    notes: str


def value_like(cell: str) -> bool:
    """Say whether a cell looks like a value rather than the name of a column."""
    raw = fold(cell.strip()).encode("utf-8", "replace")
    return compiled(_VALUE_LIKE).search(raw) is not None and not compiled(_PLACE).search(raw)


def _unique(cells: Sequence[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        bare = cell.strip()
        name = f"column {place}" if not bare or value_like(bare) or len(bare) > 100 else bare  # noqa: PLR2004
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def header_of(rows: Sequence[Sequence[str]]) -> Header:
    """Find the header among the first rows of a table.

    Raises:
        UnreadableError: no row, or more columns than `WIDEST`.
    """
    widths = Counter(len(row) for row in rows if len(row) > 1) or Counter(map(len, rows))
    if not widths:
        raise UnreadableError("row 1: an empty table")
    width = max(widths, key=lambda size: (widths[size], size))
    if width > WIDEST:
        raise UnreadableError(f"row 1: more than {WIDEST} columns")
    wide = [i for i, row in enumerate(rows) if len(row) == width]
    at = next((i for i in wide if not _note(rows[i])), wide[0])
    notes = "\n".join("、".join(row) for row in rows[:at])
    if _is_header(rows[at]):
        return Header(_unique(rows[at]), at + 1, notes)
    return Header(tuple(f"column {i}" for i in range(1, width + 1)), at, notes)


def _note(row: Sequence[str]) -> bool:
    first = row[0].lstrip() if row else ""
    return first.startswith("#") or (len(row) > 1 and not any(cell.strip() for cell in row[1:]))


def _is_header(row: Sequence[str]) -> bool:
    values = [value_like(cell) for cell in row]
    heads = sum(known(cell) for cell, value in zip(row, values, strict=True) if not value)
    return not any(values) or heads > sum(values)


def of_rows(rows: Iterator[Sequence[str]], prefix: str = "") -> Table:
    """Return the table that `rows` of strings make; short rows are filled, long ones kept."""
    first = [row for row in islice(rows, LOOK) if any(cell.strip() for cell in row)]
    header = header_of([_trimmed(row) for row in first] or [[]])
    names = tuple(prefix + name for name in header.names)
    return Table(_batches(names, first[header.skipped :], rows), header.notes)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    last = max((i for i, cell in enumerate(row) if cell.strip()), default=-1)
    return row[: last + 1]


def _batches(
    names: tuple[str, ...], first: Sequence[Sequence[str]], rows: Iterator[Sequence[str]]
) -> Iterator[Batch]:
    yield _batch(names, [*first, *islice(rows, ROWS)])
    while batch := list(islice(rows, ROWS)):
        yield _batch(names, batch)


def _batch(names: tuple[str, ...], rows: Sequence[Sequence[str]]) -> Batch:
    columns = {
        name: Cells.from_strings([row[i] if i < len(row) else None for row in rows])
        for i, name in enumerate(names)
    }
    beyond = ("、".join(row[len(names) :]) for row in rows if len(row) > len(names))
    return Batch(columns, len(rows), "\n".join(beyond))


def split(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Split the first `LOOK` rows of `text`; also the physical lines consumed after each.

    Raises:
        UnreadableError: a row that the format does not allow.
    """
    lines = text.split("\n")
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    rows: list[list[str]] = []
    consumed: list[int] = []
    try:
        for row in islice(reader, LOOK):
            rows.append(row)
            consumed.append(reader.line_num)
    except csv.Error:
        raise UnreadableError(f"row {reader.line_num}: not a row of delimited text") from None
    return rows, consumed
