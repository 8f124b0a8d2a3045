"""JSON and JSON lines: objects become rows, nested names become dotted columns.

Numbers are kept as they are written, so that a 12-digit number keeps its digits.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from policy.classify import schema
from policy.classify.cells import Cells
from policy.classify.encoding import Source, Text
from policy.classify.tables import ROWS, WIDEST, Batch, Part, Prose, Table, value_like
from policy.errors import UnreadableError

LARGEST: Final = 64 << 20
"""Characters of a JSON document that is read whole."""
LONGEST: Final = 8 << 20
"""Characters of one JSON line."""
_DEEPEST: Final = 32

Value: TypeAlias = "str | bool | Sequence[Value] | Mapping[str, Value] | None"
Row: TypeAlias = dict[str, str]


def _load(text: str, place: str) -> Value:
    try:
        loaded: Value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as failure:
        # The decoder's message quotes nothing of the text, only its own expectation.
        where = f"{place}, line {failure.lineno}, column {failure.colno}"
        raise UnreadableError(f"{where}: not JSON") from None
    except RecursionError:
        raise UnreadableError(f"{place}: JSON nested too deep") from None
    return loaded


def _flatten(value: Value, path: str, row: Row, depth: int = 0) -> None:
    if depth > _DEEPEST or len(row) > WIDEST:
        raise UnreadableError(f"more than {_DEEPEST} levels or {WIDEST} names in one object")
    if isinstance(value, Mapping):
        for place, (name, inner) in enumerate(value.items(), start=1):
            safe = f"name {place}" if value_like(name) or len(name) > 100 else name  # noqa: PLR2004
            _flatten(inner, f"{path}.{safe}" if path else safe, row, depth + 1)
    elif isinstance(value, str):
        row[path] = f"{row[path]}\n{value}" if path in row else value
    elif isinstance(value, Sequence):
        for inner in value:
            _flatten(inner, path, row, depth + 1)
    elif value is not None:
        row[path] = str(value).lower()


def _row(value: Value) -> Row:
    row: Row = {}
    _flatten(value, "", row)
    return row


def _batches(rows: Iterator[Row]) -> Iterator[Batch]:
    while batch := list(islice(rows, ROWS)):
        names = dict.fromkeys(name for row in batch for name in row)
        if len(names) > WIDEST:
            raise UnreadableError(f"more than {WIDEST} names in {ROWS} objects")
        columns = {
            name or "value": Cells.from_strings([row.get(name) for row in batch]) for name in names
        }
        yield Batch(columns, len(batch))


def read(source: Source) -> Iterator[Part]:
    """Read one JSON document: lists of objects are tables, all else is one row.

    Raises:
        UnreadableError: not JSON, too large or too deep.
    """
    parts: list[str] = []
    size = 0
    for piece in Text(source):
        parts.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise UnreadableError(f"character {size}: a JSON document larger than {LARGEST}")
    text = "".join(parts)
    value = _load(text, "document")
    if isinstance(value, Mapping) and (columns := schema.of_json(value)) is not None:
        yield columns
        yield Prose(iter([(None, text)]))
    else:
        yield from _tables(value)


def _tables(value: Value) -> Iterator[Part]:
    if (records := _records(value)) is not None:
        yield Table(_batches(_row(inner) for inner in records))
    elif isinstance(value, Mapping):
        lists = [inner for inner in value.values() if _records(inner) is not None]
        rest = {name: inner for name, inner in value.items() if _records(inner) is None}
        for inner in lists:
            yield from _tables(inner)
        if rest:
            yield Table(_batches(iter([_row(rest)])))
    else:
        yield Prose(iter([(None, _row(value).get("", ""))]))


def _records(value: Value) -> Sequence[Value] | None:
    if isinstance(value, str | Mapping) or not isinstance(value, Sequence) or not value:
        return None
    return value if all(isinstance(inner, Mapping) for inner in value) else None


def read_lines(source: Source) -> Table:
    """Read JSON lines, one object or value a line, in bounded memory.

    Raises:
        UnreadableError: while the batches are read; names the line.
    """
    return Table(_batches(_row(_load(line, f"row {at}")) for at, line in _lines(source)))


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    rest, at = "", 0
    for piece in Text(source):
        lines = (rest + piece).split("\n")
        rest = lines.pop()
        if len(rest) > LONGEST:
            raise UnreadableError(f"row {at + len(lines) + 1}: longer than {LONGEST} characters")
        for line in lines:
            at += 1
            if line.strip():
                yield at, line
    if rest.strip():
        yield at + 1, rest
