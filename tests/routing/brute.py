"""The slow truth: every simple path, by networkx, judged by its own reading of the design."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from policy.constraints import Limits
from routing.network import Network, Span


@dataclass(frozen=True)
class Way:
    sites: tuple[str, ...]
    spans: tuple[Span, ...]

    @property
    def km(self) -> float:
        return left_to_right([span.km for span in self.spans])

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(span.id for span in self.spans)

    def keeps(self, limits: Limits) -> bool:
        ms = left_to_right(
            [
                0.0049 * span.km if span.latency_ms is None else span.latency_ms
                for span in self.spans
            ]
        )
        owners = {span.operator for span in self.spans}
        points = decryptions(self.spans)
        return not (
            (limits.km is not None and self.km > limits.km)
            or (limits.ms is not None and ms > limits.ms)
            or (limits.hops is not None and len(self.spans) > limits.hops)
            or (limits.operators is not None and (None in owners or len(owners) > limits.operators))
            or (limits.decryption_points is not None and not points <= limits.decryption_points)
        )


def left_to_right(numbers: list[float]) -> float:
    total = 0.0
    for number in numbers:
        total = total + number
    return total


def decryptions(spans: tuple[Span, ...]) -> float:
    """NaN when it cannot be known: then no comparison holds."""
    count = 0.0
    last = None
    for place, span in enumerate(spans):
        sealed = span.encryption
        clear = sealed is not None and sealed.layer == "none"
        if sealed is None or not (clear or sealed.segment or sealed.scope):
            return float("nan")
        segment = None if clear else sealed.segment
        if place and (segment is None or segment != last):
            count += 1
        last = segment
    return count


def graph_of(
    network: Network, spans: NDArray[np.bool_], sites: NDArray[np.bool_]
) -> "nx.MultiDiGraph[str]":
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(s.id for s, ok in zip(network.sites, sites, strict=True) if ok)
    for span, ok in zip(network.spans, spans, strict=True):
        if ok and span.source in graph and span.target in graph:
            graph.add_edge(span.source, span.target, key=span.id, span=span)
            if not span.directed:
                graph.add_edge(span.target, span.source, key=span.id, span=span)
    return graph


def ways(graph: "nx.MultiDiGraph[str]", source: str, targets: list[str]) -> Iterator[Way]:
    """Yield every simple way from `source` to each target."""
    for target in targets:
        if source in graph and target in graph:
            for edges in nx.all_simple_edge_paths(graph, source, target):
                yield Way(
                    (source, *(head for _, head, _ in edges)),
                    tuple(graph.edges[edge]["span"] for edge in edges),
                )


def pairs(
    graph: "nx.MultiDiGraph[str]", source: str, targets: list[str], limits: Limits, protect: str
) -> Iterator[tuple[Way, Way]]:
    """Yield every pair of compliant ways to one target that fail apart."""
    for target in targets:
        fit = [way for way in ways(graph, source, [target]) if way.keeps(limits)]
        for one, two in combinations(fit, 2):
            if apart(one, two, protect):
                yield one, two


def apart(one: Way, two: Way, protect: str) -> bool:
    if set(one.ids) & set(two.ids):
        return False
    if protect == "node":
        return not set(one.sites[1:-1]) & set(two.sites[1:-1])
    if protect == "srlg":
        risks = [[span.risk_groups for span in way.spans] for way in (one, two)]
        if None in risks[0] + risks[1]:
            return False
        here, there = ({group for groups in leg for group in groups or ()} for leg in risks)
        return not here & there
    return True
