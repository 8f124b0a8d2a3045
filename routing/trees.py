"""Shortest-path trees of small networks, in plain Python."""

import heapq
import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Adjacency: TypeAlias = list[list[tuple[int, int]]]


def tree(
    arcs: Adjacency,
    starts: Sequence[int],
    weight: Sequence[float],
    spans: Sequence[bool],
    sites: Sequence[bool],
) -> NDArray[np.float64]:
    """Return every site's distance from the nearest of `starts` over admitted `arcs`.

    `arcs` lists (site, span) per site; `weight` and `spans` are per span. Infinite where a site
    is not reached.
    """
    distance = [math.inf] * len(arcs)
    heap = [(0.0, start) for start in starts]
    for start in starts:
        distance[start] = 0.0
    while heap:
        here, site = heapq.heappop(heap)
        if here > distance[site] or not sites[site]:
            continue
        for other, span in arcs[site]:
            there = here + weight[span]
            if spans[span] and sites[other] and there < distance[other]:
                distance[other] = there
                heapq.heappush(heap, (there, other))
    return np.array(distance, dtype=np.float64)
