"""The search on geographic networks of 10,000 and 100,000 sites, a fifth of their spans barred."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, yen
from scipy.spatial import cKDTree

from bench.measure import Row, latency
from policy.constraints import Limits
from routing.barriers import Barriers, Failing
from routing.cut import blocking_cut
from routing.fixes import single_span_fixes
from routing.network import Network, Site, Span, parse_network
from routing.search import Found, find
from routing.standing import Baseline, Standing, bits_of
from routing.topology import Topology
from routing.waiver import minimum_waiver

SITES, MANY, NEIGHBOURS, BARRED = 10_000, 100_000, 7, 0.2
STANDING, HOPS, RULES = 1_000_000, 8, 16
EXPLAINED, FAILING, LIMIT_MS = 1_250, 0.06, 60.0


@cache
def _network(size: int = SITES) -> tuple[Topology, Any, Any]:
    """About four spans a site, as asked: 10,000 sites with 40,000 spans."""
    chance = np.random.default_rng(48)
    points = chance.random((size, 2)) * 1000
    near: Any = cKDTree(points).query(points, k=NEIGHBOURS + 1)[1]
    pairs = sorted({(min(a, b), max(a, b)) for a, row in enumerate(near) for b in row[1:]})
    sites = tuple(Site(f"s{place:06d}") for place in range(size))
    spans = tuple(
        Span(f"e{place:07d}", f"s{a:06d}", f"s{b:06d}", float(np.hypot(*(points[a] - points[b]))))
        for place, (a, b) in enumerate(pairs)
    )
    topology = Topology(Network("geographic", 1, sites, spans))
    return topology, chance.random(len(spans)) > BARRED, np.ones(size, dtype=np.bool_)


def _ends(size: int) -> tuple[str, str]:
    return "s000000", f"s{size - 1:06d}"


def _find(targets: Sequence[str], size: int = SITES, k: int = 1) -> Found:
    topology, spans, sites = _network(size)
    asked: dict[str, Any] = {"spans": spans, "sites": sites, "limits": Limits(), "k": k}
    found = find(topology, source=_ends(size)[0], targets=targets, **asked)
    if not isinstance(found, Found):
        raise TypeError("the bench network is meant to be connected")
    return found


@cache
def _masked(size: int = SITES) -> Any:
    topology, spans, _ = _network(size)
    kept = spans[topology.span_of]
    km = topology.km[topology.span_of[kept]]
    ends = topology.tail[kept].astype(np.int32), topology.head[kept].astype(np.int32)
    return csr_array((km, ends), shape=(size, size))


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


def _against_bare_scipy(size: int) -> Row:
    matrix = _masked(size)
    return latency(
        f"routing: mask, find and name one path, {size:,} sites",
        lambda: _find([_ends(size)[1]], size),
        "scipy dijkstra tree alone, mask given",
        lambda: _tree(matrix),
    )


def mask_and_find_against_bare_scipy() -> Row:
    """Mask, search and path against one Dijkstra tree on a matrix that is masked already."""
    return _against_bare_scipy(SITES)


def mask_and_find_of_many_against_bare_scipy() -> Row:
    """The same at 100,000 sites and 400,000 spans."""
    return _against_bare_scipy(MANY)


def mask_and_find_against_networkx() -> Row:
    """The same question put to networkx the way its manual shows: a filtered view."""
    view = _view()
    source, target = _ends(SITES)
    other = nx.bidirectional_dijkstra(view, source, target, weight="km")[0]
    if abs(other - _find([target]).paths[0].km) > 1e-6:  # noqa: PLR2004 - rounding of sums
        raise ValueError("the two disagree on the length")
    return latency(
        "routing: one compliant path, 10,000 sites",
        lambda: _find([target]),
        "networkx bidirectional dijkstra on a filtered view",
        lambda: nx.bidirectional_dijkstra(view, source, target, weight="km"),
    )


def nearest_of_many_against_networkx() -> Row:
    """The nearest of 50 clusters: one tree here, one search per cluster there."""
    view = _view()
    targets = [f"s{place:06d}" for place in range(100, SITES, SITES // 50)][:50]
    return latency(
        "routing: nearest of 50 clusters, 10,000 sites",
        lambda: _find(targets),
        "networkx dijkstra tree on a filtered view",
        lambda: nx.single_source_dijkstra(view, _ends(SITES)[0], weight="km"),
    )


def five_best_against_scipy() -> Row:
    """The five shortest compliant paths against Yen's method in compiled code."""
    matrix, target = _masked(), _ends(SITES)[1]
    one: Any = 0
    other = sorted(yen(matrix, one, SITES - 1, 5).tolist())
    ours = [path.km for path in _find([target], k=5).paths]
    if not np.allclose(other, ours):
        raise ValueError("the two disagree on the lengths")
    return latency(
        "routing: five shortest compliant paths, 10,000 sites",
        lambda: _find([target], k=5),
        "scipy yen, mask given",
        lambda: yen(matrix, one, SITES - 1, 5),
    )


def _fixed(ms: float) -> object:
    """A limit is a baseline that takes its time by definition; only its figure counts."""
    return ms


def _against_limit(name: str, work: Any, limit_ms: float, limit: str) -> Row:
    row = latency(name, work, limit, lambda: _fixed(limit_ms))
    return Row(name, row.value, "ms", limit_ms, limit, limit_ms / row.value)


def find_among_many_within_its_limit() -> Row:
    """A whole search at 100,000 sites and 400,000 spans against the 60 ms that it may take."""
    target = _ends(MANY)[1]
    return _against_limit(
        "routing: one compliant path, 100,000 sites",
        lambda: _find([target], MANY),
        LIMIT_MS,
        "limit",
    )


def recheck_of_a_million_within_its_limit() -> Row:
    """A million standing paths of eight spans, checked against 16 rules, in at most 100 ms."""
    sites = tuple(Site(f"n{place:05d}") for place in range(2000))
    ends = [(sites[place].id, sites[place + 1].id) for place in range(len(sites) - 1)]
    spans = tuple(Span(f"e{p:05d}", a, b, 1.0) for p, (a, b) in enumerate(ends))
    starts = np.random.default_rng(7).integers(0, len(spans) - HOPS, STANDING).tolist()
    names, links = [site.id for site in sites], [span.id for span in spans]
    each = [
        Baseline(tuple(names[p : p + HOPS + 1]), tuple(links[p : p + HOPS]))
        for p in range(len(spans) - HOPS)
    ]
    standing = Standing(Topology(Network("line", 1, sites, spans)), [each[p] for p in starts])
    failing = bits_of(Failing([place % 2**RULES for place in range(len(spans))], [0] * len(spans)))
    none = np.zeros(len(sites), dtype=np.uint64)
    return _against_limit(
        "routing: recheck 1,000,000 standing paths of 8 spans",
        lambda: standing.recheck(failing, none),
        100.0,
        "limit",
    )


def explanation_within_its_limit() -> Row:
    """Cut, single-span fixes and smallest waiver at 5,000 spans and 16 rules, within 20 ms."""
    topology = _network(EXPLAINED)[0]
    chance = np.random.default_rng(3)
    size = len(topology.network.spans)
    rules = np.where(chance.random((RULES, size)) < FAILING, 1 << np.arange(RULES)[:, None], 0)
    barred = Barriers(
        topology,
        tuple(f"rule{number}" for number in range(RULES)),
        (1 << RULES) - 1,
        Failing(rules.sum(axis=0).tolist(), [0] * size),
        Failing.none(EXPLAINED),
        Failing.none(EXPLAINED),
    )
    ends = [EXPLAINED - 1]

    def explained() -> object:
        return (
            blocking_cut(barred, 0, ends),
            single_span_fixes(barred, Limits(), 0, ends),
            minimum_waiver(barred, Limits(), 0, ends),
        )

    return _against_limit(f"routing: explain a refusal, {size:,} spans", explained, 20.0, "limit")


def load_within_its_limit() -> Row:
    """Read and check a document of 10,000 sites in at most a second."""
    raw = _network()[0].network.to_bytes()
    return _against_limit(
        "routing: load and check a network of 10,000 sites",
        lambda: parse_network(raw),
        1000.0,
        "limit",
    )


BENCHES = (
    mask_and_find_against_bare_scipy,
    mask_and_find_against_networkx,
    nearest_of_many_against_networkx,
    five_best_against_scipy,
    mask_and_find_of_many_against_bare_scipy,
    find_among_many_within_its_limit,
    recheck_of_a_million_within_its_limit,
    explanation_within_its_limit,
    load_within_its_limit,
)
