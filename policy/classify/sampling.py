"""Looking at a part: which part, from a recorded seed, and what looking at a part can miss.

Blocks lie at the head, in the middle and at the tail, because sorted files hide things. Where
quoted line breaks are seen, cutting at lines would lie, so the content is read whole.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import ceil, log
from typing import Final

from policy.canonical import JSON
from policy.classify.content import Content

WHOLE: Final = 4 << 20
"""Bytes up to which a sample is the whole content."""
BLOCK: Final = 64 << 10
BLOCKS: Final = 32
DETECTION: Final = 0.99
"""The probability of seeing at least one cell of a prevalence, that a sample is sized for."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """`seen` of about `total` rows (or bytes of prose), chosen by `seed`."""

    seen: int
    total: int
    seed: int
    unit: str = "rows"

    @property
    def prevalence(self) -> float:
        """The share below which something may have been missed, with probability 1 %.

        Rows of one block are neighbours, so for a file in runs this is optimistic.
        """
        if self.seen >= self.total:
            return 0.0
        return 1.0 if self.seen <= 0 else 1 - (1 - DETECTION) ** (1 / self.seen)

    def to_json(self) -> dict[str, JSON]:
        """Return the statement `n of N, would miss prevalence < p`."""
        return {
            "seen": self.seen,
            "total": self.total,
            "unit": self.unit,
            "seed": self.seed,
            "would_miss_prevalence_below": round(self.prevalence, 6),
            "detection": DETECTION,
        }


def rows_needed(prevalence: float, detection: float = DETECTION) -> int:
    """Return how many rows show a `prevalence` at least once with probability `detection`."""
    return ceil(log(1 - detection) / log(1 - prevalence))


def draw(seed: int, bound: int, count: int) -> tuple[int, ...]:
    """Return `count` numbers below `bound` that `seed` fixes, on every machine alike."""
    stream = (
        int.from_bytes(hashlib.sha256(f"sekisho sample {seed} {at}".encode()).digest()[:8], "big")
        for at in range(count)
    )
    return tuple(number % max(1, bound) for number in stream)


def strata(seed: int, items: int, count: int) -> tuple[int, ...]:
    """Return `count` of `items` in order: the first, the last, and one of each stretch between."""
    if items <= count:
        return tuple(range(items))
    inner = count - 2
    jitter = draw(seed, items, inner)
    edges = [1 + (items - 2) * at // inner for at in range(inner + 1)]
    between = [
        low + jump % max(1, high - low)
        for low, high, jump in zip(edges[:-1], edges[1:], jitter, strict=True)
    ]
    return tuple(sorted({0, items - 1, *between}))


def blocks(content: Content, seed: int) -> Iterator[tuple[int, bytes]]:
    """Yield (byte, whole lines) of stratified blocks; the first keeps the content's head."""
    for index in strata(seed, ceil(content.size / BLOCK), BLOCKS):
        start = index * BLOCK
        raw = content.span(start, min(BLOCK, content.size - start))
        first = raw.find(b"\n") + 1 if start else 0
        last = raw.rfind(b"\n") + 1 if start + BLOCK < content.size else len(raw)
        if first < last:
            yield start + first, raw[first:last]


def lines(content: Content, seed: int) -> tuple[Content, Sampled] | None:
    """Return a small content of whole lines of a large one; None where it must be read whole."""
    if content.size <= WHOLE:
        return None
    pieces: Sequence[bytes] = [raw for _, raw in blocks(content, seed)]
    joined = b"".join(pieces)
    if not joined or any(_open_quote(raw) for raw in pieces):
        return None
    seen = joined.count(b"\n")
    total = max(seen, round(content.size * seen / len(joined)))
    return Content(content.name, BytesIO(joined), len(joined)), Sampled(seen, total, seed)


def _open_quote(raw: bytes) -> bool:
    return any(line.count(b'"') % 2 for line in raw.split(b"\n"))
