"""One column of one batch, as the bytes and offsets of its cells: the vectorised ground.

Cells are strings, always: type inference drops the leading zero of a number. They are trimmed,
full-width forms are made plain, and empty cells and placeholders are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from policy.classify.digit_columns import Flags, Matrix

Places = NDArray[np.int64]

pc: Any = pyarrow.compute  # its functions are made at import, where no type checker sees them

_WIDE: Final = (b"\xef", b"\xe3\x80\x80")
_HYPHENS: Final = (b"\xe2\x80", b"\xe2\x88\x92", b"\xe3\x83\xbc")
_PLACEHOLDERS: Final = (
    "",
    "-",
    "--",
    "なし",
    "無し",
    "無",
    "不明",
    "null",
    "NULL",
    "None",
    "N/A",
    "NA",
    "nan",
)
_SEPARATORS: Final = b"- ()"
_DIGIT: Final = np.isin(np.arange(256), list(b"0123456789"))


def _bytes(array: Any) -> NDArray[np.uint8]:
    buffer = array.buffers()[2]
    return np.frombuffer(buffer, np.uint8) if buffer is not None else np.zeros(0, np.uint8)


def _holds(data: NDArray[np.uint8], marks: Sequence[bytes]) -> bool:
    """Say whether any of `marks` may be in `data`: by first bytes, then by all of them."""
    # bytes.find crawls through kanji, all of which begin alike.
    for mark in marks:
        last = len(data) - len(mark) + 1
        here = data[:last] == mark[0] if last > 0 else np.zeros(0, np.bool_)
        for place, byte in enumerate(mark[1:], start=1):
            if not here.any():
                break
            here &= data[place : place + last] == byte
        if here.any():
            return True
    return False


def _plain(array: Any) -> Any:
    if _holds(_bytes(array), _WIDE):
        array = pc.utf8_normalize(array, "NFKC")
    array = pc.utf8_trim_whitespace(array)
    if _holds(_bytes(array), _HYPHENS):
        array = pc.replace_substring_regex(array, "([0-9])[‐‑‒–—―−ー]", "\\1-")
    return array


def _running(flags: Flags) -> NDArray[np.int32]:
    counts = np.zeros(len(flags) + 1, np.int32)
    np.cumsum(flags, out=counts[1:])
    return counts


def _separators(data: NDArray[np.uint8]) -> Flags:
    # Comparing four times is faster than looking each byte up.
    flags: Flags = np.equal(data, _SEPARATORS[0])
    for mark in _SEPARATORS[1:]:
        flags |= data == mark
    return flags


@dataclass(frozen=True)
class Cells:
    """The cells of a column that hold something."""

    array: Any

    @classmethod
    def of(cls, array: Any) -> "Cells":
        """Make cells of a pyarrow string array; nulls are empty cells."""
        plain = _plain(pc.fill_null(array.cast(pa.string()), ""))
        empty = pc.is_in(plain, value_set=pa.array(_PLACEHOLDERS, pa.string()))
        return cls(plain.filter(pc.invert(empty)))

    @classmethod
    def from_strings(cls, strings: Sequence[str | None]) -> "Cells":
        """Make cells of Python strings."""
        clean = [None if text is None else text.encode("utf-8", "replace") for text in strings]
        return cls.of(pa.array(clean, pa.binary()).cast(pa.string()))

    def __len__(self) -> int:
        """The number of cells that hold something."""
        return len(self.array)

    @cached_property
    def data(self) -> NDArray[np.uint8]:
        """All bytes, cell after cell."""
        return _bytes(self.array)

    @cached_property
    def edges(self) -> Places:
        """Where each cell begins in `data`, and at last where the last one ends."""
        if not len(self):
            return np.zeros(1, np.int64)
        offsets = np.frombuffer(self.array.buffers()[1], np.int32)
        first = self.array.offset
        return offsets[first : first + len(self) + 1].astype(np.int64)

    @cached_property
    def lengths(self) -> Places:
        """Bytes of each cell."""
        return np.diff(self.edges)

    @cached_property
    def squeezed(self) -> tuple[NDArray[np.uint8], Places]:
        """Bytes and edges without hyphens, spaces and parentheses."""
        separators = _separators(self.data)
        if not separators.any():
            return self.data, self.edges
        keep = ~separators
        return self.data[keep], _running(keep)[self.edges].astype(np.int64)

    @cached_property
    def digit_counts(self) -> Places:
        """ASCII digits in each cell."""
        return np.diff(_running(self.data - np.uint8(ord("0")) < 10)[self.edges])  # noqa: PLR2004

    @cached_property
    def numeric(self) -> Flags:
        """Which cells are digits and separators only, with at least one digit."""
        sizes = np.diff(self.squeezed[1])
        return np.asarray((sizes == self.digit_counts) & (sizes > 0))

    def matrix(self, length: int) -> tuple[Places, Matrix]:
        """Return the indices of the cells of exactly `length` digits, and those digits."""
        data, edges = self.squeezed
        rows = np.flatnonzero(self.numeric & (np.diff(edges) == length))
        return rows, data[edges[rows][:, None] + np.arange(length)] - ord("0")

    def shape(self, pattern: str) -> Flags:
        """Return which cells, separators kept, have the shape `pattern`: A letter, 9 digit.

        Any other character stands for itself; letters are ASCII capitals or small.
        """
        fits = np.asarray(self.lengths == len(pattern), np.bool_)
        rows = np.flatnonzero(fits)
        block = self.data[self.edges[rows][:, None] + np.arange(len(pattern))]
        good = np.ones(len(rows), np.bool_)
        for place, mark in enumerate(pattern):
            column = block[:, place]
            if mark == "9":
                good &= _DIGIT[column]
            elif mark == "A":
                good &= ((column | 0x20) >= ord("a")) & ((column | 0x20) <= ord("z"))
            else:
                good &= column == ord(mark)
        fits[rows] = good
        return fits

    def matching(self, pattern: str) -> Flags:
        """Return which cells match the RE2 `pattern` somewhere."""
        flags = pc.match_substring_regex(self.array, pattern)
        return np.asarray(flags.to_numpy(zero_copy_only=False), np.bool_)

    def has(self, byte: str) -> bool:
        """Say whether any cell holds the ASCII character `byte`."""
        return bool((self.data == ord(byte)).any())

    @cached_property
    def wide(self) -> bool:
        """Whether any cell holds a character beyond ASCII."""
        return bool((self.data >= 0x80).any())  # noqa: PLR2004

    @cached_property
    def lettered(self) -> bool:
        """Whether any cell begins with a digit and then a capital A to E, as an ECCN does."""
        starts = self.edges[:-1][self.lengths > 1]
        second = self.data[starts + 1]
        lead = _DIGIT[self.data[starts]] & (second >= ord("A")) & (second <= ord("E"))
        return bool(lead.any())

    def first(self, chosen: Flags, most: int) -> list[str]:
        """Return the first `most` of the chosen cells as Python strings."""
        rows = pa.array(np.flatnonzero(chosen)[:most])
        texts: list[str] = self.array.take(rows).to_pylist()
        return texts

    def texts(self, chosen: Flags) -> list[str]:
        """Return the chosen cells as Python strings."""
        texts: list[str] = self.array.filter(pa.array(chosen)).to_pylist()
        return texts
