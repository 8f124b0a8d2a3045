"""Shortest paths on the masked topology: one tree from the source prices every destination.

Among paths of equal length the one with the fewest spans wins, then the one whose span ids come
first: the answer depends on the network alone, not on the order of its document.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import dijkstra

from routing.topology import Bools, Floats, Ints, Topology


@dataclass(frozen=True, slots=True, eq=False)
class Masked:
    """A topology cut down to what is admitted: everything searched here cannot leave it."""

    topology: Topology
    spans: Bools
    sites: Bools
    arcs: Ints

    @classmethod
    def cut(cls, topology: Topology, spans: Bools, sites: Bools) -> "Masked":
        """Keep the arcs whose span and both of whose ends are admitted."""
        return cls(topology, spans, sites, topology.open_arcs(spans, sites))

    def without(self, spans: Bools) -> "Masked":
        """Return this topology with `spans` barred as well."""
        return Masked.cut(self.topology, self.spans & ~spans, self.sites)

    def from_source(self, source: int, weight: Floats | None = None) -> Floats:
        """Return every site's distance from `source`; infinite where it is not reached."""
        weight = self.topology.km if weight is None else weight
        matrix = self.topology.matrix(self.arcs, weight)
        return np.asarray(dijkstra(matrix, indices=[source], min_only=True))

    def to_targets(self, targets: Sequence[int], weight: Floats | None = None) -> Floats:
        """Return every site's distance to the nearest of `targets`."""
        weight = self.topology.km if weight is None else weight
        reverse = self.topology.matrix(self.arcs, weight, backwards=True)
        return np.asarray(dijkstra(reverse, indices=list(targets), min_only=True))


def shortest(masked: Masked, source: int, targets: Sequence[int]) -> tuple[int, ...] | None:
    """Return the spans of the shortest path from `source` to any of `targets`; None if none."""
    distance = masked.from_source(source).tolist()
    reached = [target for target in targets if math.isfinite(distance[target])]
    if not reached:
        return None
    nearest = min(distance[target] for target in reached)
    ways = [_trace(masked, distance, source, t) for t in reached if distance[t] == nearest]
    return min(ways, key=lambda way: (len(way), way))


def _trace(masked: Masked, distance: list[float], source: int, target: int) -> tuple[int, ...]:
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


def _tight(masked: Masked, distance: list[float], here: int) -> list[tuple[int, int]]:
    return [
        (tail, span)
        for tail, span in masked.topology.arrivals[here]
        if masked.spans[span] and distance[tail] + masked.topology.lengths[span] == distance[here]
    ]
