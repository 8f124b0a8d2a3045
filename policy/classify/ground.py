"""A piece of text, window by window: one automaton first, then only the patterns that fired.

Windows overlap, so a value or a keyword cut by an edge is whole in a neighbour; a finding belongs
to the window in which it starts.
"""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from policy.classify import keyed, lexicon, numbers, signs, singles
from policy.classify.numbers import Run
from policy.classify.patterns import Hit, Triggers, fold, hits, widen

BEFORE: Final = 64
AFTER: Final = 256
"""Characters around a window, or around a block of text, that are looked at with it."""
WINDOW: Final = 4_096
"""Bytes of a window that are its own."""
_WIDEST: Final = 4  # bytes of a character
_WIDE: Final = r"[０-９Ａ-Ｚａ-ｚ＠－＋ｦ-ﾝ−‐‑‒–—―]|[0-9]ー[0-9]"
_FIRST: Final = (
    _WIDE,
    "[0-9]{4} [0-9]{4} [0-9]{4}",
    r"(?i:\b[A-Z]{2}[0-9]{7})",
    lexicon.DISEASES,
)
_IS_WIDE, _SPACED, _LETTERED, _DISEASE = range(4)
_OTHERS: Final = ((_SPACED, keyed.SPACED), (_LETTERED, keyed.LETTERED))
_SINGLES: Final = dict(enumerate(singles.SINGLES + signs.ALL, len(_FIRST)))
_KEYWORDS: Final = dict(enumerate(lexicon.KEYWORDS, len(_FIRST) + len(_SINGLES)))
NUMERIC: Final = frozenset(keyed.FORMS) | {"ip"}
"""Kinds of which at most one holds for the same digits."""
_TITLES: Final = ("様", "さま", "殿", "氏", "さん", "先生")


class Raw(NamedTuple):
    """A finding at characters `start:end`, not yet weighed against others."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float
    distance: int | None = None

    @property
    def rank(self) -> tuple[bool, float, int, str]:
        """The order of findings, the one to believe first."""
        unexplained = self.kind in NUMERIC and self.distance is None
        return (unexplained, -self.confidence, self.start, self.rule)


@cache
def _triggers() -> Triggers:
    of_singles = (single.trigger for single in _SINGLES.values())
    return Triggers([*_FIRST, *of_singles, *lexicon.KEYWORDS.values()])


class Ground:
    """A piece of text as bytes, its runs of digits, and the way from bytes to characters."""

    def __init__(self, raw: bytes) -> None:
        """Take UTF-8 bytes."""
        self.raw = raw

    @cached_property
    def _runs(self) -> tuple[list[Run], list[int]]:
        # Only asked where a keyword fired: a column of dates never is.
        runs = numbers.runs(self.raw)
        return runs, [run.start for run in runs]

    def _runs_in(self, own: Hit) -> list[Run]:
        runs, starts = self._runs
        return runs[bisect_left(starts, own.start) : bisect_left(starts, own.end)]

    @cached_property
    def _characters(self) -> NDArray[np.int32]:
        counts = np.zeros(len(self.raw) + 1, np.int32)
        # As signed numbers the bytes that continue a character are the lowest.
        begins = np.frombuffer(self.raw, np.int8) > -65  # noqa: PLR2004
        np.cumsum(begins, out=counts[1:])
        return counts

    def character(self, place: int) -> int:
        """Return the number of the character at byte `place`."""
        return int(self._characters[place])

    def whole(self, place: int) -> int:
        """Return `place`, or where the character that it is within begins."""
        while 0 < place < len(self.raw) and self.raw[place] & 0xC0 == 0x80:  # noqa: PLR2004
            place -= 1
        return min(place, len(self.raw))

    def findings(self) -> Iterator[Raw]:
        """Yield all that the text holds, places in characters."""
        for start in range(0, len(self.raw), WINDOW):
            yield from self._window(Hit(start, min(start + WINDOW, len(self.raw))))

    def _window(self, own: Hit) -> Iterator[Raw]:
        around = Hit(max(0, own.start - BEFORE * _WIDEST), own.end + AFTER * _WIDEST)
        fired = _triggers()(self.raw[around.start : around.end])
        if _IS_WIDE in fired:
            yield from self._folded(own, around)
        elif fired:
            yield from self._fired(own, around, fired)

    def _folded(self, own: Hit, around: Hit) -> Iterator[Raw]:
        low, high = self.whole(around.start), self.whole(around.end)
        first, last = (self.character(self.whole(place)) for place in own)
        text, origin = widen(self.raw[low:high].decode())
        inner = Ground(fold(text).encode())
        base = self.character(low)
        everything = Hit(0, len(inner.raw))
        for raw in inner._fired(everything, everything, _triggers()(inner.raw)):
            start, end = base + origin[raw.start], base + origin[raw.end]
            if first <= start < last:
                yield raw._replace(start=start, end=end)

    def _fired(self, own: Hit, around: Hit, fired: frozenset[int]) -> Iterator[Raw]:
        kinds = frozenset(_KEYWORDS[index] for index in fired if index in _KEYWORDS)
        places = _Places(self.raw, own, around)
        for index in fired & _SINGLES.keys():
            single = _SINGLES[index]
            for start, end in places.singles(single):
                first, last = self.character(start), self.character(end)
                yield Raw(single.rule, single.kind, first, last, single.confidence)
        if kinds - {lexicon.OTHER}:
            for kind, hit, sure, distance in places.keyed(fired, kinds, self._runs_in(own)):
                first, last = self.character(hit.start), self.character(hit.end)
                yield Raw(f"keyed.{kind}", kind, first, last, sure, distance)


class _Places:
    """Where the patterns match around one window, and begin within it."""

    def __init__(self, raw: bytes, own: Hit, around: Hit) -> None:
        self._raw = raw
        self._own = own
        self._around = around

    def _hits(self, pattern: str) -> list[Hit]:
        first, last = self._own
        found = hits(pattern, self._raw, *self._around)
        return [hit for hit in found if first <= hit.start < last]

    def singles(self, single: singles.Single) -> Iterator[Hit]:
        for hit in self._hits(single.full):
            value = self._raw[hit.start : hit.end].decode("utf-8", "ignore")
            if single.accepts(value):
                if single.kind == "person" and value[0] > "z":
                    yield Hit(hit.start, hit.start + len(_name_only(value).encode()))
                else:
                    yield hit

    def keyed(
        self, fired: frozenset[int], kinds: frozenset[str], runs: list[Run]
    ) -> Iterator[keyed.Keyed]:
        sizes = keyed.sizes(kinds)
        candidates = [Hit(start, end) for start, end, size in runs if size in sizes]
        for index, pattern in _OTHERS:
            if index in fired:
                found = self._hits(pattern)
                candidates += (hit for hit in found if keyed.standing_alone(self._raw, hit))
        for hit in candidates:
            if (explained := keyed.explain(self._raw, hit, kinds)) is not None:
                yield explained
        if _DISEASE in fired and "diagnosis" in kinds:
            for hit in self._hits(lexicon.DISEASES):
                if near := keyed.nearest(self._raw, "diagnosis", hit):
                    yield keyed.Keyed("diagnosis", hit, 0.8, near.distance)


def _name_only(name: str) -> str:
    """Cut what follows a name in the same breath: a title, or a next word that is no name."""
    for title in _TITLES:
        at = name.find(title, 2)
        name = name[:at] if at > 0 else name
    first, _, second = name.partition(" ")
    return name if 0 < len(second) <= 4 and "番" not in second else first  # noqa: PLR2004
