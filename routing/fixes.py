"""Single spans whose admission alone would give a compliant path.

A fix is not a waiver: it says which span, put right by its operator, would open the way. Spans
that do not record what the limits count are left out, as nobody can say what they would count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from policy.canonical import JSON
from policy.constraints import Limits
from routing.barriers import Barriers
from routing.cut import BarredSpan, barred_span
from routing.labels import UnsettledError, known
from routing.topology import Masked
from routing.within import compliant_path

MOST_FIXES: Final = 100


@dataclass(frozen=True, slots=True)
class Fix:
    """One span and the length in km of the shortest path that it would open."""

    span: BarredSpan
    km: float

    def to_json(self) -> dict[str, JSON]:
        """Return the span's row with the path's length."""
        return {**self.span.to_json(), "km": self.km}


def single_span_fixes(
    barriers: Barriers, limits: Limits, source: int, targets: Sequence[int]
) -> tuple[Fix, ...]:
    """Return the fixes, shortest path first, at most MOST_FIXES of those that could serve."""
    masked = barriers.masked()
    ends = barriers.arrivable(targets)
    if not ends or not masked.sites[source]:
        return ()
    found = [
        Fix(barred_span(barriers, *candidate), km)
        for candidate in _candidates(masked, limits, source, ends)[:MOST_FIXES]
        if (km := _opened(masked, limits, source, ends, candidate[0])) is not None
    ]
    return tuple(sorted(found, key=lambda fix: (fix.km, fix.span.span)))


def _candidates(
    masked: Masked, limits: Limits, source: int, ends: Sequence[int]
) -> list[tuple[int, int, int]]:
    """Return (span, tail, head) of barred arcs that join what is reached to what reaches."""
    topology = masked.topology
    # A site that may not be entered is infinitely far, so its spans are no candidates.
    there, onward = masked.from_source(source), masked.to_targets(ends)
    length = there[topology.tail] + topology.km[topology.span_of] + onward[topology.head]
    barred = (~masked.spans & known(topology, limits))[topology.span_of]
    places = np.flatnonzero(np.isfinite(length) & barred)
    order = places[np.argsort(length[places], kind="stable")]
    arcs = np.stack([topology.span_of[order], topology.tail[order], topology.head[order]], axis=1)
    best: dict[int, tuple[int, int, int]] = {}
    for span, tail, head in arcs.tolist():
        best.setdefault(span, (span, tail, head))
    return list(best.values())


def _opened(
    masked: Masked, limits: Limits, source: int, ends: Sequence[int], span: int
) -> float | None:
    spans = masked.spans.copy()
    spans[span] = True
    try:
        path = compliant_path(masked.topology.cut(spans, masked.sites), limits, source, ends)
    except UnsettledError:
        return None
    return None if path is None else path.km
