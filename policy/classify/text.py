"""Running text in blocks: what each holds, and which of several findings to believe.

Blocks overlap, so a value or a keyword cut by an edge is whole in a neighbour. Places are
characters of the text as given.
"""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final, NamedTuple

from policy.classify.evidence import mask
from policy.classify.ground import AFTER, BEFORE, NUMERIC, Ground, Raw

STEP: Final = 1 << 17
"""Characters of a block that are its own."""
MOST: Final = 10_000
"""Findings of one kind that are listed; further ones are counted."""


class Found(NamedTuple):
    """A finding at characters `start:end`; `masked` tells almost nothing of the value."""

    rule: str
    kind: str
    start: int
    end: int
    confidence: float
    masked: str
    distance: int | None = None


def _settled(raws: Iterable[Raw]) -> list[Raw]:
    """Of findings on the same characters and of comparable kinds keep the surest."""
    kept: list[Raw] = []
    groups: dict[str, tuple[int, list[Raw]]] = {}
    for raw in sorted(raws, key=lambda raw: raw.start):
        name = "number" if raw.kind in NUMERIC else raw.kind
        reach, group = groups.get(name, (0, []))
        if group and raw.start >= reach:
            kept.extend(_surest(group))
            group = []
        group.append(raw)
        groups[name] = max(reach, raw.end), group
    kept.extend(raw for _, group in groups.values() for raw in _surest(group))
    return sorted(kept, key=lambda raw: (raw.start, raw.end, raw.rule))


def _surest(clash: list[Raw]) -> list[Raw]:
    if len(clash) == 1:
        return clash
    kept: list[Raw] = []
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
        for raw in _settled(Ground(block.encode("utf-8", "replace")).findings()):
            if first <= raw.start < first + len(own):
                self._keep(raw, base, mask(block[raw.start : raw.end]))
        self._behind = (self._behind + own)[-BEFORE:]

    def _keep(self, raw: Raw, base: int, masked: str) -> None:
        rule, kind, start, end, sure, distance = raw
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        if count <= MOST:
            self.found.append(Found(rule, kind, base + start, base + end, sure, masked, distance))
