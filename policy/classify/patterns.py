r"""Regular expressions on RE2: many asked at once, the few that match run again for places.

RE2 runs in linear time whatever the pattern, and its `\b` is an ASCII one, so identifiers glued
to kana and kanji are found. Text is matched as UTF-8 bytes; full-width forms are folded one
character to one character, so that places in the folded text are places in the original.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import re2
from numpy.typing import NDArray

# ー is a letter of kana: only between digits is it a hyphen.
_LONG_VOWEL: Final = 0x30FC


def _plain() -> NDArray[np.uint32]:
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[0xFF01:0xFF5F] -= 0xFEE0  # full-width ASCII, in the order of ASCII
    table[0x3000] = ord(" ")
    table[[ord(mark) for mark in "‐‑‒–—―−"]] = ord("-")
    return table


_PLAIN: Final = _plain()


def fold(text: str) -> str:
    """Return `text` with full-width ASCII and hyphens made plain, of the same length."""
    # Eight times as fast as str.translate, which asks a dictionary for each character.
    marks = _PLAIN[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)]
    vowels = marks == _LONG_VOWEL
    if vowels.any():
        digits = (marks >= ord("0")) & (marks <= ord("9"))
        vowels[1:-1] &= digits[:-2] & digits[2:]
        vowels[[0, -1]] = False
        marks[vowels] = ord("-")
    return marks.tobytes().decode("utf-32-le", "surrogatepass")


_HALF_KANA: Final = re.compile("[ｦ-ﾝ][ﾞﾟ]?")


def widen(text: str) -> tuple[str, list[int]]:
    """Return `text` with half-width kana made full, and where each character of it came from.

    A voiced kana is two characters half-width and one full; the last place is the text's end.
    """
    parts: list[str] = []
    origin: list[int] = []
    at = 0
    for match in _HALF_KANA.finditer(text):
        start, end = match.span()
        wide = unicodedata.normalize("NFKC", match.group())
        parts += (text[at:start], wide)
        origin += range(at, start)
        # A voiced vowel has no character of its own and stays two.
        origin += range(start, start + len(wide))
        at = end
    return "".join([*parts, text[at:]]), [*origin, *range(at, len(text) + 1)]


@cache
def compiled(pattern: str) -> Any:
    """Return the RE2 expression of `pattern`, to be matched with bytes."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern.encode(), options)


class Hit(NamedTuple):
    """Bytes `start:end` of a text."""

    start: int
    end: int


@cache
def _finder(pattern: str) -> tuple[Callable[..., Iterator[Any]], range]:
    expression = compiled(pattern)
    return expression.finditer, range(1, expression.groups + 1)


def hits(pattern: str, text: bytes, start: int = 0, end: int | None = None) -> list[Hit]:
    r"""Return where `pattern` matches in `text[start:end]`: its first group that took part.

    What lies outside still counts as context, for `\b` and the like.
    """
    find, groups = _finder(pattern)
    return [_part(match, groups) for match in find(text, start, end)]


def _part(match: Any, groups: range) -> Hit:
    for group in groups:
        first, last = match.span(group)
        if first >= 0:
            return Hit(first, last)
    return Hit(*match.span())


class Triggers:
    """Many patterns in one automaton: which of them match a window, in a single pass."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile `patterns`; the answers are their indices."""
        options = re2.Options()
        options.max_mem = 256 << 20
        options.never_capture = True
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns:
            self._set.Add(pattern.encode())
        self._set.Compile()

    def __call__(self, window: bytes) -> frozenset[int]:
        """Return the indices of the patterns that match somewhere in `window`."""
        return frozenset(self._set.Match(window) or ())
