"""Shortest paths on the masked topology: one tree from the source prices every destination.

Among paths of equal length the one with the fewest spans wins, then the one whose span ids come
first: the answer depends on the network alone, not on the order of its document.
"""

import math
from collections.abc import Iterable, Sequence

from routing.topology import Floats, Masked


def shortest(masked: Masked, source: int, targets: Sequence[int]) -> tuple[int, ...] | None:
    """Return the spans of the shortest path from `source` to any of `targets`; None if none."""
    distance = masked.from_source(source)
    reached = [target for target in targets if math.isfinite(distance[target])]
    if not reached:
        return None
    nearest = min(distance[target] for target in reached)
    ways = [_trace(masked, distance, source, t) for t in reached if distance[t] == nearest]
    return min(ways, key=lambda way: (len(way), way))


def _trace(masked: Masked, distance: Floats, source: int, target: int) -> tuple[int, ...]:
    """Go back over *tight* arcs, where the tail's distance plus the length is the head's.

    Level by level from the target, so that the way has the fewest spans; span places follow span
    ids, so that the least place at each step gives the first way in the order of ids.
    """
    onward: dict[int, tuple[int, int]] = {}
    level: Iterable[int] = (target,)
    while source not in onward:
        found: dict[int, tuple[int, int]] = {}
        for here in level:
            for step in _tight(masked, distance, here):
                tail, span = step
                if tail not in onward and tail != target:
                    found[tail] = min(found.get(tail, (span, here)), (span, here))
        onward.update(found)
        level = found
    way: list[int] = []
    while source != target:
        span, source = onward[source]
        way.append(span)
    return tuple(way)


def _tight(masked: Masked, distance: Floats, here: int) -> list[tuple[int, int]]:
    return [
        (tail, span)
        for tail, span in masked.topology.arrivals[here]
        if masked.spans[span] and distance[tail] + masked.topology.lengths[span] == distance[here]
    ]
