"""Parquet through pyarrow: batches of bounded rows, every column cast to strings.

The file says how large its parts are; what it claims is checked before anything is unpacked.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from policy.classify.cells import Cells
from policy.classify.content import Bounded, Content, Seekable
from policy.classify.tables import WIDEST, Batch, Table
from policy.errors import UnreadableError

ROWS: Final = 16_384
LARGEST: Final = 1 << 30
"""Unpacked bytes that one row group may claim."""
_SCHEMA: Final = 4 << 20
"""Bytes of an Arrow schema."""
_SIX_DIGITS: Final = 100_000
_EXACT: Final = 2.0**63

arrow_parquet: Any = pyarrow.parquet
compute: Any = pyarrow.compute
ipc: Any = pa.ipc


class ParquetFile:
    """An opened Parquet file: how many rows, in which groups."""

    def __init__(self, content: Content) -> None:
        """Read the footer of `content`.

        Raises:
            UnreadableError: not Parquet, too wide, or a row group that claims too much.
        """
        try:
            self._file = arrow_parquet.ParquetFile(pa.PythonFile(Seekable(content), mode="r"))
            meta = self._file.metadata
            groups = [meta.row_group(i) for i in range(meta.num_row_groups)]
            self.rows: int = meta.num_rows
            self.group_rows: tuple[int, ...] = tuple(group.num_rows for group in groups)
            largest = max((group.total_byte_size for group in groups), default=0)
        except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
            raise UnreadableError("footer: not a Parquet file") from None
        if largest > LARGEST or meta.num_columns > WIDEST:
            raise UnreadableError(f"footer: over {LARGEST} bytes in a row group, or too wide")

    def table(self, groups: Sequence[int] | None = None, rows: int | None = None) -> Table:
        """Return the rows of `groups` (all by default), at most `rows` of each."""
        chosen = range(len(self.group_rows)) if groups is None else groups
        return Table(self._batches(chosen, rows))

    def _batches(self, groups: Sequence[int], rows: int | None) -> Iterator[Batch]:
        if not self.rows:
            yield headings(self._file.schema_arrow)
        for group in groups:
            size = ROWS if rows is None else min(ROWS, rows)
            try:
                for batch in self._file.iter_batches(size, [group], use_threads=False):
                    yield _strings(batch, group)
                    if rows is not None:
                        break
            except (pa.ArrowException, OSError, ValueError, MemoryError):
                raise UnreadableError(f"row group {group}: broken Parquet data") from None


def arrow_schema(source: Bounded) -> Table:
    """Return the columns of an Arrow file that holds a schema and no rows.

    Raises:
        UnreadableError: not an Arrow file, or one with rows.
    """
    raw = source.read(_SCHEMA + 1)
    if len(raw) > _SCHEMA:
        raise UnreadableError(f"byte {_SCHEMA}: an Arrow file with rows, which no reader opens")
    try:
        file = ipc.open_file(pa.BufferReader(raw))
        if file.num_record_batches:
            raise UnreadableError("footer: an Arrow file with rows, which no reader opens")
        batch = headings(file.schema)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        raise UnreadableError("footer: not an Arrow file") from None
    source.drain()
    return Table(iter([batch]))


def headings(schema: Any) -> Batch:
    """Return the columns of an Arrow schema, with no rows."""
    names = [name for name, _ in _leaves(schema.names, [_no_rows(kind) for kind in schema.types])]
    return Batch({name: Cells.from_strings([]) for name in names}, 0)


def _no_rows(kind: Any) -> Any:
    return pa.nulls(0).cast(kind) if pa.types.is_primitive(kind) else pa.array([], kind)


def _strings(batch: Any, group: int) -> Batch:
    columns: dict[str, Cells] = {}
    for name, column in _leaves(batch.schema.names, batch.columns):
        try:
            cells = Cells.of(_spelled(column))
        except (pa.ArrowException, UnicodeDecodeError):
            raise UnreadableError(f"row group {group}: a column of {column.type}") from None
        columns[name if name not in columns else f"{name} (again)"] = cells
    return Batch(columns, batch.num_rows)


def _is_list(kind: Any) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _whole_numbers(vector: Any) -> Any:
    """Return the numbers of a vector that could identify: whole ones of six digits or more.

    An embedding holds millions of fractions; none of them is an identifier.
    """
    numbers = vector.drop_null().cast(pa.float64()).to_numpy(zero_copy_only=False)
    large = (np.abs(numbers) >= _SIX_DIGITS) & (np.abs(numbers) < _EXACT)
    return pa.array(numbers[large & (numbers == np.floor(numbers))].astype(np.int64))


def _spelled(column: Any) -> Any:
    """Return a column as strings; numbers that gaps turned into floats keep their digits."""
    texts = column.cast(pa.string())
    if not pa.types.is_floating(column.type):
        return texts
    numbers = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    whole = (np.abs(numbers) < _EXACT) & (numbers == np.floor(numbers))  # a gap is NaN: neither
    digits = pa.array(np.where(whole, numbers, 0).astype(np.int64)).cast(pa.string())
    return compute.if_else(pa.array(whole), digits, texts)


def _leaves(names: Sequence[str], columns: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for name, column in zip(names, columns, strict=True):
        kind = column.type
        if pa.types.is_struct(kind):
            inner = [f"{name}.{field.name}" for field in kind]
            yield from _leaves(inner, column.flatten())
        elif _is_list(kind):
            inner = column.flatten()
            whole = pa.types.is_floating(inner.type)
            yield from _leaves([name], [_whole_numbers(inner) if whole else inner])
        elif pa.types.is_map(kind):
            yield from _leaves([f"{name}.key", f"{name}.value"], [column.keys, column.items])
        else:
            yield name, column
