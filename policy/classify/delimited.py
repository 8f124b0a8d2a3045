"""CSV and TSV as a stream of batches, every column as strings.

Rows of the wrong width are not dropped: a few are read as prose, many make the file unreadable.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv

from policy.classify.cells import Cells
from policy.classify.encoding import Source, Text
from policy.classify.tables import Batch, Header, Table, header_of, split
from policy.errors import UnreadableError

LOOK: Final = 1 << 18
"""Characters looked at to find the delimiter and the header."""
BLOCK: Final = 1 << 22
"""Bytes of a batch, and so of the longest row."""
_STRAYS: Final = 20

arrow_csv: Any = pyarrow.csv


class _Utf8:
    """The text after the header, as the UTF-8 file that pyarrow reads."""

    closed = False

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.failure: UnreadableError | None = None

    def read(self, size: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < size and (piece := self._next()) is not None:
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]

    def _next(self) -> bytes | None:
        try:
            piece = next(self._pieces, None)
        except UnreadableError as failure:
            self.failure = failure
            raise
        return None if piece is None else piece.encode("utf-8")

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


def sniff(head: str) -> str:
    """Return the delimiter that splits the first rows most evenly: comma, tab, semicolon or bar."""

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in split(head, delimiter)[0]]
        common = max(set(widths), key=widths.count, default=1)
        return (widths.count(common) if common > 1 else 0, common)

    return max(",\t;|", key=evenness)


def read(source: Source, delimiter: str | None = None) -> Table:
    """Read delimited text; without `delimiter` the most fitting one is taken.

    Raises:
        UnreadableError: also while the batches are read; names the row.
    """
    pieces = iter(Text(source))
    head = ""
    for piece in pieces:
        head += piece
        if len(head) >= LOOK:
            break
    if not head.strip():
        raise UnreadableError("row 1: an empty table")
    delimiter = delimiter or sniff(head[:LOOK])
    rows, consumed = split(head[:LOOK], delimiter)
    header = header_of(rows)
    lines = consumed[header.skipped - 1] if header.skipped else 0
    rest = head.split("\n", lines)[lines:] or [""]
    stream = _Utf8(chain(("\n".join(rest),), pieces))
    return Table(_batches(stream, header, delimiter, lines), header.notes)


class _Strays:
    """Rows of the wrong width: their text, and how many are too many."""

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self.text: list[str] = []
        self.count = 0
        self.first = ""

    def __call__(self, row: Any) -> str:
        self.count += 1
        if not self.first:
            place = "?" if row.number is None else row.number + self._offset
            self.first = f"row {place}: {row.actual_columns} cells, not {row.expected_columns}"
        self.text.append(row.text)
        return "skip"

    def take(self) -> str:
        taken = "\n".join(self.text)
        self.text = []
        return taken

    def judge(self, rows: int) -> None:
        if self.count > max(_STRAYS, rows // 100):
            raise UnreadableError(f"{self.first}, and so are {self.count - 1} rows more")


def _open(stream: _Utf8, width: int, delimiter: str, strays: _Strays) -> Any:
    names = [str(place) for place in range(width)]
    return arrow_csv.open_csv(
        pa.PythonFile(stream, mode="r"),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=strays
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _batches(stream: _Utf8, header: Header, delimiter: str, lines: int) -> Iterator[Batch]:
    strays, rows = _Strays(lines), 0
    yield Batch({name: Cells.from_strings([]) for name in header.names}, 0)
    try:
        for batch in _open(stream, len(header.names), delimiter, strays):
            rows += batch.num_rows
            strays.judge(rows)
            columns = {
                name: Cells.of(batch.column(place)) for place, name in enumerate(header.names)
            }
            yield Batch(columns, batch.num_rows, strays.take())
    except pa.ArrowInvalid as failure:
        if "Empty CSV" not in str(failure):
            # Arrow quotes the row in its message, so the message must not travel.
            where = f"after row {rows + lines}"
            raise (stream.failure or UnreadableError(f"{where}: not delimited text")) from None
    if strays.count:
        strays.judge(rows)
        yield Batch({}, 0, strays.take())
