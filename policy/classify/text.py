"""Running text: blocks, one automaton over each window, then only the patterns that fired.

Blocks and windows overlap, so a value or a keyword cut by an edge is whole in a neighbour; a
finding belongs to the one in which it starts. Places are characters of the text as given.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from policy.classify import keyed, lexicon, numbers, signs, singles
from policy.classify.evidence import mask
from policy.classify.numbers import Run
from policy.classify.patterns import Hit, Triggers, fold, hits

STEP: Final = 1 << 17
"""Characters of a block that are its own."""
BEFORE: Final = 64
AFTER: Final = 256
MOST: Final = 10_000
"""Findings of one kind that are listed; further ones are counted."""

WINDOW: Final = 4_096
"""Bytes of a window that are its own."""
_WIDEST: Final = 4  # bytes of a character
_WIDE: Final = r"[０-９Ａ-Ｚａ-ｚ＠－＋−‐‑‒–—―]|[0-9]ー[0-9]"
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
_NUMERIC: Final = frozenset(keyed.FORMS) | {"ip"}
_TITLES: Final = ("様", "さま", "殿", "氏", "さん", "先生")


class Found(NamedTuple):
    """A finding at characters `start:end`; `masked` tells almost nothing of the value."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float
    masked: str
    distance: int | None = None


class _Raw(NamedTuple):
    rule: str
    kind: str
    start: int
    end: int
    confidence: float
    distance: int | None = None

    @property
    def rank(self) -> tuple[bool, float, int, str]:
        unexplained = self.kind in _NUMERIC and self.distance is None
        return (unexplained, -self.confidence, self.start, self.rule)


@cache
def _triggers() -> Triggers:
    of_singles = (single.trigger for single in _SINGLES.values())
    return Triggers([*_FIRST, *of_singles, *lexicon.KEYWORDS.values()])


class _Ground:
    """A piece of text as bytes, its runs of digits, and the way from bytes to characters."""

    def __init__(self, raw: bytes, base: int = 0) -> None:
        self.raw = raw
        self.runs = numbers.runs(raw)
        self._base = base

    @cached_property
    def _characters(self) -> NDArray[np.int32]:
        counts = np.zeros(len(self.raw) + 1, np.int32)
        # As signed numbers the bytes that continue a character are the lowest.
        begins = np.frombuffer(self.raw, np.int8) > -65  # noqa: PLR2004
        np.cumsum(begins, out=counts[1:])
        return counts

    def character(self, place: int) -> int:
        """Return the character at byte `place`, counted from where the text begins."""
        return self._base + int(self._characters[place])

    def whole(self, place: int) -> int:
        """Return `place`, or where the character that it is within begins."""
        while 0 < place < len(self.raw) and self.raw[place] & 0xC0 == 0x80:  # noqa: PLR2004
            place -= 1
        return min(place, len(self.raw))

    def findings(self) -> Iterator[_Raw]:
        """Yield all that the text holds, places in characters."""
        starts = [run.start for run in self.runs]
        at = 0
        for start in range(0, len(self.raw), WINDOW):
            end = min(start + WINDOW, len(self.raw))
            first = at
            while at < len(starts) and starts[at] < end:
                at += 1
            yield from self._window(start, end, self.runs[first:at])

    def _window(self, start: int, end: int, runs: list[Run]) -> Iterator[_Raw]:
        low = max(0, start - BEFORE * _WIDEST)
        high = end + AFTER * _WIDEST
        fired = _triggers()(self.raw[low:high])
        if _IS_WIDE in fired:
            yield from self._folded(start, end, low, high)
        elif fired:
            yield from self._fired(Hit(start, end), Hit(low, high), fired, runs)

    def _folded(self, start: int, end: int, low: int, high: int) -> Iterator[_Raw]:
        low, high = self.whole(low), self.whole(high)
        text = fold(self.raw[low:high].decode())
        first, last = self.character(self.whole(start)), self.character(self.whole(end))
        inner = _Ground(text.encode(), self.character(low))
        everything = Hit(0, len(inner.raw))
        fired = _triggers()(inner.raw)
        for raw in inner._fired(everything, everything, fired, inner.runs):
            if first <= raw.start < last:
                yield raw

    def _fired(
        self, own: Hit, around: Hit, fired: frozenset[int], runs: list[Run]
    ) -> Iterator[_Raw]:
        kinds = frozenset(_KEYWORDS[index] for index in fired if index in _KEYWORDS)
        places = _Places(self.raw, own, around)
        for index in fired & _SINGLES.keys():
            single = _SINGLES[index]
            for start, end in places.singles(single):
                first, last = self.character(start), self.character(end)
                yield _Raw(single.rule, single.kind, first, last, single.confidence)
        if kinds - {lexicon.OTHER}:
            for kind, hit, sure, distance in places.keyed(fired, kinds, runs):
                first, last = self.character(hit.start), self.character(hit.end)
                yield _Raw(f"keyed.{kind}", kind, first, last, sure, distance)


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


def _settled(raws: Iterable[_Raw]) -> list[_Raw]:
    """Of findings on the same characters and of comparable kinds keep the surest."""
    kept: list[_Raw] = []
    groups: dict[str, tuple[int, list[_Raw]]] = {}
    for raw in sorted(raws, key=lambda raw: raw.start):
        name = "number" if raw.kind in _NUMERIC else raw.kind
        reach, group = groups.get(name, (0, []))
        if group and raw.start >= reach:
            kept.extend(_surest(group))
            group = []
        group.append(raw)
        groups[name] = max(reach, raw.end), group
    kept.extend(raw for _, group in groups.values() for raw in _surest(group))
    return sorted(kept, key=lambda raw: (raw.start, raw.end, raw.rule))


def _surest(clash: list[_Raw]) -> list[_Raw]:
    if len(clash) == 1:
        return clash
    kept: list[_Raw] = []
    for raw in sorted(clash, key=lambda raw: raw.rank):
        at = bisect_left(kept, raw.end, key=lambda each: each.start)
        if not at or kept[at - 1].end <= raw.start:
            kept.insert(at, raw)
    return kept


class TextScan:
    """Findings of a text that arrives in pieces of any size, in bounded memory."""

    def __init__(self) -> None:
        """Begin at character 0."""
        self.found: list[Found] = []
        self.counts: dict[str, int] = {}
        self.characters = 0
        self._pieces: list[str] = []
        self._held = 0
        self._behind = ""

    def feed(self, text: str) -> None:
        """Take the next characters."""
        self._pieces.append(text)
        self._held += len(text)
        self.characters += len(text)
        if self._held >= STEP + AFTER:
            self._blocks(AFTER)

    def finish(self) -> None:
        """Take the end of the text."""
        self._blocks(0)

    def _blocks(self, after: int) -> None:
        text = "".join(self._pieces)
        at = 0
        while len(text) - at >= STEP + after or (not after and at < len(text)):
            self._block(text, at)
            at = min(at + STEP, len(text))
        self._pieces, self._held = [text[at:]], len(text) - at

    def _block(self, text: str, at: int) -> None:
        own = text[at : at + STEP]
        block = self._behind + own + text[at + STEP : at + STEP + AFTER]
        first = len(self._behind)
        base = self.characters - len(text) + at - first
        for raw in _settled(_Ground(block.encode("utf-8", "replace")).findings()):
            if first <= raw.start < first + len(own):
                self._keep(raw, base, mask(block[raw.start : raw.end]))
        self._behind = (self._behind + own)[-BEFORE:]

    def _keep(self, raw: _Raw, base: int, masked: str) -> None:
        rule, kind, start, end, sure, distance = raw
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        if count <= MOST:
            self.found.append(Found(rule, kind, base + start, base + end, sure, masked, distance))
