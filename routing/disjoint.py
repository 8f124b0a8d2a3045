"""Two ways that share no span, or no site between, of least total length (Suurballe, Bhandari).

The second way may go back over the first one's spans, which takes both off it; what is left parts
into two ways. With sites to be kept apart each is split in two, an entrance and an exit.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from routing.paths import total
from routing.topology import Floats, Ints, Masked

_INSIDE: Final = -1
Way = tuple[int, ...]
_Place = TypeVar("_Place", int, Ints)


@dataclass(frozen=True, slots=True, eq=False)
class _Arcs:
    """Arcs of a flow graph; `span` is _INSIDE from a site's entrance to its exit."""

    size: int
    tail: Ints
    head: Ints
    span: Ints
    km: Floats


def disjoint_pair(
    masked: Masked, source: int, target: int, *, sites: bool
) -> tuple[Way, Way] | None:
    """Return two ways of least total km that share no span (and no inner site if `sites`).

    Both are simple, the shorter first; None if there is no such pair.
    """
    arcs = _split(masked) if sites else _plain(masked)
    size = len(masked.topology.network.sites)
    start, end = (source + size, target) if sites else (source, target)
    first = _cheapest(arcs, start, end)
    if first is None:
        return None
    residual = _residual(arcs, *first)
    second = _cheapest(residual, start, end)
    if second is None:
        return None
    taken = set(first[0])
    for mark in residual.span[second[0]].tolist():
        taken = taken - {_turned(mark)} if mark < 0 else taken | {mark}
    leaving: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for arc in sorted(taken):
        leaving[int(arcs.tail[arc])].append((int(arcs.span[arc]), int(arcs.head[arc])))
    ways = [_follow(leaving, start, end) for _ in range(2)]
    length = masked.topology.lengths
    one, two = sorted(ways, key=lambda way: (total(length[span] for span in way), len(way), way))
    return one, two


def _plain(masked: Masked) -> _Arcs:
    topology, arcs = masked.topology, masked.arcs
    span = topology.span_of[arcs]
    size = len(topology.network.sites)
    return _Arcs(size, topology.tail[arcs], topology.head[arcs], span, topology.km[span])


def _split(masked: Masked) -> _Arcs:
    """Site s has the entrance s and the exit s + size."""
    arcs = _plain(masked)
    sites = np.arange(arcs.size)
    return _Arcs(
        2 * arcs.size,
        np.concatenate([arcs.tail + arcs.size, sites]),
        np.concatenate([arcs.head, sites + arcs.size]),
        np.concatenate([arcs.span, np.full(arcs.size, _INSIDE)]),
        np.concatenate([arcs.km, np.zeros(arcs.size)]),
    )


def _cheapest(arcs: _Arcs, start: int, end: int) -> tuple[list[int], Floats] | None:
    """Return the arcs of the cheapest way, last first, and all distances."""
    from scipy.sparse import csr_array  # noqa: PLC0415 (slow to import, only pairs need it)
    from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415

    order = np.lexsort((arcs.km, arcs.head, arcs.tail))
    pair = arcs.tail[order] * arcs.size + arcs.head[order]
    least = order[np.concatenate([[True], pair[1:] != pair[:-1]])] if len(order) else order
    matrix = csr_array(
        (arcs.km[least], (arcs.tail[least], arcs.head[least])), shape=(arcs.size, arcs.size)
    )
    trees = dijkstra(matrix, indices=[start], return_predecessors=True)
    distance, before = trees[0][0], trees[1][0]
    if not np.isfinite(distance[end]):
        return None
    keys = arcs.tail[least] * arcs.size + arcs.head[least]
    way: list[int] = []
    while end != start:
        place = int(np.searchsorted(keys, before[end] * arcs.size + end))
        way.append(int(least[place]))
        end = int(before[end])
    return way, distance


def _residual(arcs: _Arcs, chosen: list[int], distance: Floats) -> _Arcs:
    """Turn the chosen arcs round and price all by what they add to the first distances.

    Both directions of a chosen span go, and in their place comes the way back, at no cost. In the
    result `span` is the arc's place in `arcs`, or that place `_turned`.
    """
    used = (arcs.span != _INSIDE) & np.isin(arcs.span, arcs.span[chosen])
    used[chosen] = True
    keep = np.flatnonzero(np.isfinite(distance[arcs.tail]) & ~used)
    # Rounding can make a reduced price a hair less than nothing, which Dijkstra must not see.
    price = np.maximum(0.0, arcs.km[keep] + distance[arcs.tail[keep]] - distance[arcs.head[keep]])
    back = np.array(chosen, dtype=np.intp)
    return _Arcs(
        arcs.size,
        np.concatenate([arcs.tail[keep], arcs.head[back]]),
        np.concatenate([arcs.head[keep], arcs.tail[back]]),
        np.concatenate([keep, _turned(back)]),
        np.concatenate([price, np.zeros(len(back))]),
    )


def _turned(arc: _Place) -> _Place:
    return -1 - arc


def _follow(leaving: dict[int, list[tuple[int, int]]], start: int, end: int) -> Way:
    """Take one way out of the flow, leaving out the circles that cost nothing."""
    sites, spans = [start], [_INSIDE]
    while sites[-1] != end:
        span, head = leaving[sites[-1]].pop()
        if head in sites:
            keep = sites.index(head) + 1
            del sites[keep:], spans[keep:]
        else:
            sites.append(head)
            spans.append(span)
    return tuple(span for span in spans if span != _INSIDE)
