"""Running text: windows, one automaton over each, then only the patterns that fired.

Windows overlap, so a value or a keyword cut by an edge is whole in a neighbour; a finding
belongs to the window in which it starts. Places are characters of the text as given.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from policy.classify import keyed, lexicon, signs, singles
from policy.classify.evidence import mask
from policy.classify.patterns import Hit, Triggers, fold, hits

STEP: Final = 2_000
"""Characters of a window that are its own."""
BEFORE: Final = 64
AFTER: Final = 256
MOST: Final = 10_000
"""Findings of one kind that are listed; further ones are counted."""

_WIDE: Final = r"[０-９Ａ-Ｚａ-ｚ＠－＋−‐‑‒–—―]|[0-9]ー[0-9]"
_NUMBER: Final = r"[0-9](?:-?[0-9]){5}|[0-9]{4} [0-9]{4}"
_SINGLES: Final = singles.SINGLES + signs.ALL
_KEYWORDS: Final = tuple(lexicon.KEYWORDS.items())
_NUMERIC: Final = frozenset(keyed.FORMS) | {"ip"}
_TITLES: Final = ("様", "さま", "殿", "氏", "さん", "先生")


@dataclass(frozen=True, slots=True)
class Found:
    """A finding at characters `start:end`; `masked` tells almost nothing of the value."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float
    masked: str
    distance: int | None = None

    def moved(self, by: int) -> "Found":
        """Return the same finding `by` characters further on."""
        return Found(
            rule=self.rule,
            kind=self.kind,
            start=self.start + by,
            end=self.end + by,
            confidence=self.confidence,
            masked=self.masked,
            distance=self.distance,
        )


@dataclass(frozen=True, slots=True)
class _Raw:
    rule: str
    kind: str
    hit: Hit
    confidence: float
    distance: int | None = None

    @property
    def rank(self) -> tuple[bool, float, int, str]:
        unexplained = self.kind in _NUMERIC and self.distance is None
        return (unexplained, -self.confidence, self.hit.start, self.rule)


@cache
def _triggers() -> Triggers:
    first = [_WIDE, _NUMBER, lexicon.DISEASES]
    return Triggers(
        [*first, *(single.trigger for single in _SINGLES), *(words for _, words in _KEYWORDS)]
    )


def _singles(window: bytes, fired: frozenset[int]) -> Iterator[_Raw]:
    for index, single in enumerate(_SINGLES, start=3):
        if index not in fired:
            continue
        for hit in hits(single.full, window):
            value = window[hit.start : hit.end].decode("utf-8", "ignore")
            if single.accepts(value):
                kept = _name_only(value) if single.kind == "person" and value[0] > "z" else value
                end = hit.start + len(kept.encode())
                yield _Raw(single.rule, single.kind, Hit(hit.start, end), single.confidence)


def _name_only(name: str) -> str:
    """Cut what follows a name in the same breath: a title, or a next word that is no name."""
    for title in _TITLES:
        at = name.find(title, 2)
        name = name[:at] if at > 0 else name
    first, _, second = name.partition(" ")
    return name if 0 < len(second) <= 4 and "番" not in second else first  # noqa: PLR2004


def _keyed(window: bytes, fired: frozenset[int]) -> Iterator[_Raw]:
    first = 3 + len(_SINGLES)
    kinds = frozenset(kind for index, (kind, _) in enumerate(_KEYWORDS, first) if index in fired)
    if not kinds - {lexicon.OTHER}:
        return
    if 1 in fired:
        for found in keyed.find(window, kinds):
            rule = f"keyed.{found.kind}"
            yield _Raw(rule, found.kind, found.hit, found.confidence, found.distance)
    if 2 in fired and "diagnosis" in kinds:  # noqa: PLR2004  the index of the diseases
        yield from _diseases(window)


def _diseases(window: bytes) -> Iterator[_Raw]:
    keywords = keyed.Keywords(window, frozenset({"diagnosis"}))
    for hit in hits(lexicon.DISEASES, window):
        if near := keywords.nearest("diagnosis", hit):
            yield _Raw("keyed.diagnosis", "diagnosis", hit, 0.8, near.distance)


def _settled(raws: Iterable[_Raw]) -> list[_Raw]:
    """Of findings on the same characters and of comparable kinds keep the surest."""
    kept: list[_Raw] = []
    taken: dict[str, list[Hit]] = {}
    for raw in sorted(raws, key=lambda raw: raw.rank):
        group = "number" if raw.kind in _NUMERIC else raw.kind
        places = taken.setdefault(group, [])
        at = bisect_left(places, raw.hit.end, key=lambda place: place.start)
        if at and places[at - 1].end > raw.hit.start:
            continue
        places.insert(at, raw.hit)
        kept.append(raw)
    return kept


def _plain(text: str) -> tuple[bytes, frozenset[int]]:
    window = text.encode("utf-8", "replace")
    fired = _triggers()(window)
    if 0 not in fired:
        return window, fired
    window = fold(text).encode("utf-8", "replace")
    return window, _triggers()(window)


def window_findings(text: str) -> list[Found]:
    """Return what one window of text holds, places counted from its first character."""
    window, fired = _plain(text)
    if not fired:
        return []
    found: list[Found] = []
    for raw in _settled([*_singles(window, fired), *_keyed(window, fired)]):
        start = len(window[: raw.hit.start].decode("utf-8", "ignore"))
        end = start + len(window[raw.hit.start : raw.hit.end].decode("utf-8", "ignore"))
        masked = mask(text[start:end])
        found.append(Found(raw.rule, raw.kind, start, end, raw.confidence, masked, raw.distance))
    return found


class TextScan:
    """Findings of a text that arrives in pieces of any size, in bounded memory."""

    def __init__(self) -> None:
        """Begin at character 0."""
        self.found: list[Found] = []
        self.counts: dict[str, int] = {}
        self.characters = 0
        self._buffer = ""
        self._origin = 0
        self._next = 0

    def feed(self, text: str) -> None:
        """Take the next characters."""
        self._buffer += text
        self.characters += len(text)
        while len(self._buffer) - self._next >= STEP + AFTER:
            self._window()
        kept = max(0, self._next - BEFORE)
        self._buffer, self._origin = self._buffer[kept:], self._origin + kept
        self._next -= kept

    def finish(self) -> None:
        """Take the end of the text."""
        while self._next < len(self._buffer):
            self._window()

    def _window(self) -> None:
        first = max(0, self._next - BEFORE)
        base, own = self._origin + first, self._next - first
        window = self._buffer[first : self._next + STEP + AFTER]
        for found in window_findings(window):
            if own <= found.start < own + STEP:
                self._keep(found, base)
        self._next += STEP

    def _keep(self, found: Found, base: int) -> None:
        self.counts[found.kind] = self.counts.get(found.kind, 0) + 1
        if self.counts[found.kind] <= MOST:
            self.found.append(found.moved(base))
