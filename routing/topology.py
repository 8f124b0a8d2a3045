"""The network as index arrays: what the search reads.

An *arc* is one direction of a span: an undirected span has two. Arcs are sorted by (tail, head,
km, span), so the shortest of several parallel spans comes first, whatever mask is laid over them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from routing.errors import UnknownSiteError
from routing.fields import shown
from routing.network import Network, Site, Span
from routing.segments import opaque, segment_of
from routing.trees import Adjacency, tree

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

UNRECORDED: Final = -1
MOST_CUTS: Final = 16
# Up to here plain Python is as fast, and a command need not wait for scipy to be imported.
SMALL: Final = 300

if TYPE_CHECKING:
    import networkx as nx
    from scipy.sparse import csr_array


class Topology:
    """Index arrays over one network; sites and spans have the places they have there."""

    def __init__(self, network: Network) -> None:
        """Build the arrays: O(E log E), once per epoch."""
        self.network = network
        self.site_index = {site.id: place for place, site in enumerate(network.sites)}
        self.span_index = {span.id: place for place, span in enumerate(network.spans)}
        self.km: Floats = np.array([span.km for span in network.spans], dtype=np.float64)
        self.ms: Floats = np.array([span.ms for span in network.spans], dtype=np.float64)
        self.tail, self.head, self.span_of = self._arcs()
        self._cuts = lru_cache(maxsize=MOST_CUTS)(self._cut)
        self.pair: Ints = self.tail * max(1, len(network.sites)) + self.head

    def _arcs(self) -> tuple[Ints, Ints, Ints]:
        spans = self.network.spans
        source = np.array([self.site_index[span.source] for span in spans], dtype=np.intp)
        target = np.array([self.site_index[span.target] for span in spans], dtype=np.intp)
        both = np.flatnonzero([not span.directed for span in spans])
        tail = np.concatenate([source, target[both]])
        head = np.concatenate([target, source[both]])
        span_of = np.concatenate([np.arange(len(spans)), both])
        order = np.lexsort((span_of, self.km[span_of], head, tail))
        return tail[order], head[order], span_of[order]

    def site(self, site: str) -> Site:
        """Return a site by id; raises UnknownSiteError."""
        return self.network.sites[self.site_place(site)]

    def span(self, span: str) -> Span:
        """Return a span by id; raises UnknownSiteError."""
        if span not in self.span_index:
            raise UnknownSiteError(f"no span has the id {shown(span)}")
        return self.network.spans[self.span_index[span]]

    def site_place(self, site: str) -> int:
        """Return the place of a site; raises UnknownSiteError."""
        if site not in self.site_index:
            raise UnknownSiteError(f"no site has the id {shown(site)}{self._meant(site)}")
        return self.site_index[site]

    def _meant(self, site: str) -> str:
        """Return a question about what was perhaps meant: a like id, or a site of that name."""
        named = [each.id for each in self.network.sites if site and site in (each.name or "")]
        alike = named[:3] or get_close_matches(site[:64], self.site_index, n=3)
        return f"; did you mean {', '.join(alike)}?" if alike else ""

    @cached_property
    def lengths(self) -> list[float]:
        """Per span, its km as a plain number."""
        return [span.km for span in self.network.spans]

    @cached_property
    def latencies(self) -> list[float]:
        """Per span, its ms as a plain number."""
        return [span.ms for span in self.network.spans]

    @cached_property
    def operators(self) -> tuple[str, ...]:
        """The distinct recorded span operators, sorted."""
        return tuple(sorted({span.operator for span in self.network.spans if span.operator}))

    @cached_property
    def operator_of(self) -> list[int]:
        """Per span, the place of its operator in `operators`, or UNRECORDED."""
        place = {name: place for place, name in enumerate(self.operators)}
        return [place.get(span.operator or "", UNRECORDED) for span in self.network.spans]

    @cached_property
    def segment_of(self) -> list[int]:
        """Per span, a number for its crypto segment; UNRECORDED where it belongs to none."""
        named: dict[str | None, int] = {None: UNRECORDED}
        segments = [segment_of(span) for span in self.network.spans]
        return [named.setdefault(segment, len(named)) for segment in segments]

    @cached_property
    def opaque(self) -> Bools:
        """Which spans nobody can say the decryption points of."""
        return np.array([opaque(span) for span in self.network.spans], dtype=np.bool_)

    @cached_property
    def departures(self) -> Adjacency:
        """Per site, (head, span) of every arc that leaves it."""
        leaving: list[list[tuple[int, int]]] = [[] for _ in self.network.sites]
        arcs = zip(self.tail.tolist(), self.head.tolist(), self.span_of.tolist(), strict=True)
        for tail, head, span in arcs:
            leaving[tail].append((head, span))
        return leaving

    @cached_property
    def arrivals(self) -> Adjacency:
        """Per site, (tail, span) of every arc that enters it."""
        entering: list[list[tuple[int, int]]] = [[] for _ in self.network.sites]
        for tail, arcs in enumerate(self.departures):
            for head, span in arcs:
                entering[head].append((tail, span))
        return entering

    @cached_property
    def operated(self) -> Bools:
        """Which spans record their operator."""
        return np.array([place != UNRECORDED for place in self.operator_of], dtype=np.bool_)

    def cut(self, spans: Bools, sites: Bools) -> "Masked":
        """Return what is left when only these spans and sites are admitted; remembered."""
        return self._cuts(spans.tobytes(), sites.tobytes())

    def _cut(self, spans: bytes, sites: bytes) -> "Masked":
        admitted = np.frombuffer(spans, dtype=np.bool_), np.frombuffer(sites, dtype=np.bool_)
        return Masked.of(self, *admitted)

    def matrix(self, arcs: Ints, weight: Floats, *, backwards: bool = False) -> "csr_array":
        """Return sites x sites: of each pair, the least `weight` (per span) among `arcs`."""
        from scipy.sparse import csr_array  # noqa: PLC0415 (small networks do without)

        size = len(self.network.sites)
        if not len(arcs):
            return csr_array((size, size), dtype=np.float64)
        pair = self.pair[arcs]
        first = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]]))
        least = np.minimum.reduceat(weight[self.span_of[arcs]], first)
        tail, head = self.tail[arcs[first]], self.head[arcs[first]]
        if backwards:
            return csr_array((least, (head, tail)), shape=(size, size))
        starts = np.searchsorted(tail, np.arange(size + 1))
        return csr_array((least, head, starts), shape=(size, size))

    def graph(self) -> "nx.MultiDiGraph[str]":
        """Return a networkx model: an edge per arc, keyed by span id, with `km` and `ms`."""
        import networkx as nx  # noqa: PLC0415 (a tenth of a second that a search does not need)

        model: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=self.network.name)
        model.add_nodes_from((site.id, site.attributes) for site in self.network.sites)
        for span in self.network.spans:
            ends = [(span.source, span.target)]
            ends += [] if span.directed else [(span.target, span.source)]
            for tail, head in ends:
                model.add_edge(tail, head, key=span.id, **span.attributes, ms=span.ms)
        return model


@dataclass(frozen=True, eq=False)
class Masked:
    """A topology cut down to what is admitted: nothing searched here can leave it."""

    topology: Topology
    spans: Bools
    sites: Bools
    arcs: Ints

    @classmethod
    def of(cls, topology: Topology, spans: Bools, sites: Bools) -> "Masked":
        """Keep the arcs whose span and both of whose ends are admitted."""
        open_ = spans[topology.span_of] & sites[topology.tail] & sites[topology.head]
        return cls(topology, spans, sites, np.flatnonzero(open_))

    def without(self, spans: Bools) -> "Masked":
        """Return this topology with `spans` barred as well."""
        return Masked.of(self.topology, self.spans & ~spans, self.sites)

    def within(self, source: int, target: int, km: float) -> "Masked":
        """Return this topology with only the arcs on some way of at most `km` between the ends."""
        span = self.topology.span_of[self.arcs]
        start = self.from_source(source)[self.topology.tail[self.arcs]]
        length = start + self.topology.km[span] + self.to_targets([target])[self._heads]
        return Masked(self.topology, self.spans, self.sites, self.arcs[length <= km])

    def from_source(self, source: int) -> Floats:
        """Return every site's distance from `source` in km; infinite where it is not reached."""
        return self._distances([source], self.topology.km, backwards=False)

    def to_targets(self, targets: Sequence[int], weight: Floats | None = None) -> Floats:
        """Return every site's distance to the nearest of `targets`, in km or per-span `weight`."""
        weight = self.topology.km if weight is None else weight
        return self._distances(targets, weight, backwards=True)

    def _distances(self, starts: Sequence[int], weight: Floats, *, backwards: bool) -> Floats:
        topology = self.topology
        if len(topology.network.sites) <= SMALL:
            arcs = topology.arrivals if backwards else topology.departures
            return tree(arcs, starts, weight.tolist(), self.spans.tolist(), self.sites.tolist())
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415 (small networks do without)

        # The matrix of lengths onwards is asked for again and again, the others once.
        plain = not backwards and weight is topology.km
        matrix = self._onwards if plain else topology.matrix(self.arcs, weight, backwards=backwards)
        return np.asarray(dijkstra(matrix, indices=list(starts), min_only=True))

    @property
    def _heads(self) -> Ints:
        return self.topology.head[self.arcs]

    @cached_property
    def _onwards(self) -> "csr_array":
        return self.topology.matrix(self.arcs, self.topology.km)
