"""The blocking cut: a set of sites, and why nothing compliant leaves it.

Of all cuts one with the fewest elements is given (maximum flow: what is admitted carries without
end, what is barred counts one). It is a certificate: `routing.certificate` checks it against the
network and the verdicts alone, without trusting the solver.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from policy.canonical import JSON
from routing.barriers import Barriers, Failing
from routing.topology import Bools, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True)
class BarredSpan:
    """A span that leaves the cut's inside and may not be used."""

    span: str
    start: str
    end: str
    operator: str | None
    owner: str | None
    violated: tuple[str, ...]
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return one row of the cut."""
        return {
            "span": self.span,
            "from": self.start,
            "to": self.end,
            "operator": self.operator,
            "owner": self.owner,
            "violated": list(self.violated),
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class BarredSite:
    """A site that may not be entered, or a destination inside that may not be chosen."""

    site: str
    operator: str | None
    violated: tuple[str, ...]
    unknown: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return one row of the cut."""
        return {
            "site": self.site,
            "operator": self.operator,
            "violated": list(self.violated),
            "unknown": list(self.unknown),
        }


@dataclass(frozen=True, slots=True)
class Cut:
    """Every route from inside crosses one of `spans`, enters one of `sites`, or ends in vain."""

    inside: tuple[str, ...]
    spans: tuple[BarredSpan, ...]
    sites: tuple[BarredSite, ...]
    destinations: tuple[BarredSite, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the certificate."""
        return {
            "inside": list(self.inside),
            "spans": [span.to_json() for span in self.spans],
            "sites": [site.to_json() for site in self.sites],
            "destinations": [site.to_json() for site in self.destinations],
        }


def blocking_cut(barriers: Barriers, source: int, targets: list[int]) -> Cut:
    """Return a smallest cut between `source` and `targets`, which no compliant path joins.

    Whether the source itself is admitted is not asked.
    """
    from scipy.sparse import coo_array, csr_array  # noqa: PLC0415 (only refusals need scipy)
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow  # noqa: PLC0415

    size = len(barriers.topology.network.sites)
    capacity = _capacities(barriers, targets)
    flow = maximum_flow(capacity, size + source, 2 * size).flow
    rest = coo_array(capacity - flow)
    open_ = rest.data > 0
    residual = csr_array(
        (rest.data[open_], (rest.row[open_], rest.col[open_])), shape=capacity.shape
    )
    reached = np.zeros(2 * size + 1, dtype=np.bool_)
    order = breadth_first_order(residual, size + source, return_predecessors=False)
    reached[order] = True
    return _certificate(barriers, targets, reached[:size], reached[size : 2 * size])


def _capacities(barriers: Barriers, targets: list[int]) -> "csr_array":
    """Site s has the entrance s and the exit s + size; 2 * size is where all targets lead."""
    from scipy.sparse import coo_array, csr_array  # noqa: PLC0415

    topology = barriers.topology
    size = len(topology.network.sites)
    rules = barriers.everything
    sites = np.arange(size)
    ends: Ints = np.array(targets, dtype=np.intp)
    tail = np.concatenate([topology.tail + size, sites, ends + size])
    head = np.concatenate([topology.head, sites + size, np.full(len(ends), 2 * size)])
    admitted: Bools = np.concatenate(
        [
            barriers.spans.free_of(rules)[topology.span_of],
            barriers.sites.free_of(rules),
            barriers.destinations.free_of(rules)[ends],
        ]
    )
    endless = int(np.count_nonzero(~admitted)) + 1
    amount = np.where(admitted, endless, 1)
    summed = csr_array(coo_array((amount, (tail, head)), shape=(2 * size + 1, 2 * size + 1)))
    return csr_array(summed.minimum(endless)).astype(np.int32)


def _certificate(barriers: Barriers, targets: list[int], entered: Bools, inside: Bools) -> Cut:
    topology, network = barriers.topology, barriers.topology.network
    crossing = np.flatnonzero(inside[topology.tail] & ~entered[topology.head])
    ends = zip(
        topology.span_of[crossing].tolist(),
        topology.tail[crossing].tolist(),
        topology.head[crossing].tolist(),
        strict=True,
    )
    return Cut(
        inside=tuple(network.sites[site].id for site in np.flatnonzero(inside).tolist()),
        spans=tuple(barred_span(barriers, *end) for end in sorted(ends)),
        sites=tuple(
            barred_site(barriers, barriers.sites, site)
            for site in np.flatnonzero(entered & ~inside).tolist()
        ),
        destinations=tuple(
            barred_site(barriers, barriers.destinations, site) for site in targets if inside[site]
        ),
    )


def barred_span(barriers: Barriers, place: int, tail: int, head: int) -> BarredSpan:
    """Return the row of a barred span, crossed from the place `tail` to the place `head`."""
    network = barriers.topology.network
    span = network.spans[place]
    return BarredSpan(
        span.id,
        network.sites[tail].id,
        network.sites[head].id,
        span.operator,
        span.owner,
        tuple(barriers.names(barriers.spans.violated[place])),
        tuple(barriers.names(barriers.spans.unknown[place])),
    )


def barred_site(barriers: Barriers, failing: Failing, place: int) -> BarredSite:
    """Return the row of a site for what it is `failing`, as a site or as a destination."""
    site = barriers.topology.network.sites[place]
    return BarredSite(
        site.id,
        site.operator,
        tuple(barriers.names(failing.violated[place])),
        tuple(barriers.names(failing.unknown[place])),
    )
