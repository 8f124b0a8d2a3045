"""The search on a geographic network of 10,000 sites, a fifth of its spans barred."""

from functools import cache
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from bench.measure import Row, latency
from policy.constraints import Limits
from routing.network import Network, Site, Span
from routing.search import Found, find
from routing.topology import Topology

SITES, NEIGHBOURS, BARRED = 10_000, 4, 0.2
SOURCE, TARGET = "s00000", "s09999"


@cache
def _network() -> tuple[Topology, Any, Any]:
    chance = np.random.default_rng(48)
    points = chance.random((SITES, 2)) * 1000
    near: Any = cKDTree(points).query(points, k=NEIGHBOURS + 1)[1]
    pairs = sorted({(min(a, b), max(a, b)) for a, row in enumerate(near) for b in row[1:]})
    sites = tuple(Site(f"s{place:05d}") for place in range(SITES))
    spans = tuple(
        Span(f"e{place:06d}", f"s{a:05d}", f"s{b:05d}", float(np.hypot(*(points[a] - points[b]))))
        for place, (a, b) in enumerate(pairs)
    )
    topology = Topology(Network("geographic", 1, sites, spans))
    return topology, chance.random(len(spans)) > BARRED, np.ones(SITES, dtype=np.bool_)


def _find(targets: list[str]) -> Found:
    topology, spans, sites = _network()
    found = find(
        topology, spans=spans, sites=sites, source=SOURCE, targets=targets, limits=Limits()
    )
    if not isinstance(found, Found):
        raise TypeError("the bench network is meant to be connected")
    return found


@cache
def _masked() -> Any:
    topology, spans, _ = _network()
    kept = spans[topology.span_of]
    km = topology.km[topology.span_of[kept]]
    return csr_array((km, (topology.tail[kept], topology.head[kept])), shape=(SITES, SITES))


def _tree(matrix: Any) -> object:
    source: Any = 0
    return dijkstra(matrix, directed=True, indices=source, return_predecessors=True)


@cache
def _view() -> Any:
    topology, spans, _ = _network()
    graph: Any = nx.Graph()
    for place, span in enumerate(topology.network.spans):
        graph.add_edge(span.source, span.target, km=span.km, permitted=bool(spans[place]))
    return nx.subgraph_view(graph, filter_edge=lambda a, b: bool(graph[a][b]["permitted"]))


def mask_and_find_against_bare_scipy() -> Row:
    """Mask, search and path against one Dijkstra tree on a matrix that is masked already."""
    matrix = _masked()
    return latency(
        "routing: mask, find and name one path, 10,000 sites",
        lambda: _find([TARGET]),
        "scipy dijkstra tree alone, mask given",
        lambda: _tree(matrix),
    )


def mask_and_find_against_networkx() -> Row:
    """The same question put to networkx the way its manual shows: a filtered view."""
    view = _view()
    other = nx.bidirectional_dijkstra(view, SOURCE, TARGET, weight="km")[0]
    if abs(other - _find([TARGET]).paths[0].km) > 1e-6:  # noqa: PLR2004 - rounding of sums
        raise ValueError("the two disagree on the length")
    return latency(
        "routing: one compliant path, 10,000 sites",
        lambda: _find([TARGET]),
        "networkx bidirectional dijkstra on a filtered view",
        lambda: nx.bidirectional_dijkstra(view, SOURCE, TARGET, weight="km"),
    )


def nearest_of_many_against_networkx() -> Row:
    """The nearest of 50 clusters: one tree here, one search per cluster there."""
    view = _view()
    targets = [f"s{place:05d}" for place in range(100, SITES, SITES // 50)][:50]
    return latency(
        "routing: nearest of 50 clusters, 10,000 sites",
        lambda: _find(targets),
        "networkx dijkstra tree on a filtered view",
        lambda: nx.single_source_dijkstra(view, SOURCE, weight="km"),
    )


BENCHES = (
    mask_and_find_against_bare_scipy,
    mask_and_find_against_networkx,
    nearest_of_many_against_networkx,
)
