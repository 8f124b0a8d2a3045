"""A working and a protecting path that fail apart, least km together, policy holding on both.

1. Without limits two ways of least total are found exactly (`routing.disjoint`). If there are none,
   there is no pair; if they keep the limits and share no risk, they are the answer.
2. Otherwise the compliant ways are taken in order of length, each with its shortest compliant
   partner, until no longer way can be the shorter leg of a better pair.
3. If that takes too long, HiGHS decides (`routing.srlg`), within a fixed allowance.
What is still open then is said to be undetermined, or is a pair with a proven lower bound.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from policy.constraints import Limits
from routing.disjoint import Way, disjoint_pair
from routing.kbest import compliant_ways
from routing.labels import LabelSearch, UnsettledError
from routing.paths import Path, total
from routing.srlg import MOST_ARCS, Programme
from routing.topology import Bools, Masked, Topology
from routing.within import compliant_path, keeps, path_of

MOST_TRIED: Final = 64
_ALIKE: Final = 1 + 1e-9


class Protect(StrEnum):
    """What a protecting path may not share with the working one."""

    NONE = "none"
    SPAN = "span"
    NODE = "node"
    SRLG = "srlg"


@dataclass(frozen=True, slots=True)
class Pair:
    """The best pair known, working path first, and a proven lower bound of the total km.

    Without `paths` an infinite bound says that there is no pair, a finite one that it is open.
    """

    paths: tuple[Path, Path] | None
    bound_km: float

    @property
    def km(self) -> float:
        """Total km; infinite without a pair."""
        return np.inf if self.paths is None else total(path.km for path in self.paths)

    @property
    def settled(self) -> bool:
        """Whether nothing better can exist."""
        return self.km <= self.bound_km * _ALIKE


class Protection:
    """Pairs from one source on one masked topology."""

    def __init__(self, masked: Masked, limits: Limits, protect: Protect) -> None:
        """Bar the spans whose risk groups are unrecorded where those are asked for."""
        self._topology = masked.topology
        self._limits = limits
        self._protect = protect
        self._groups = _risk_groups(masked.topology)
        self._masked = grouped(masked) if protect is Protect.SRLG else masked

    def pair(self, source: int, target: int) -> Pair:
        """Return the best pair to one target."""
        ways = disjoint_pair(self._masked, source, target, sites=self._protect is Protect.NODE)
        if ways is None:
            return Pair(None, np.inf)
        found = self._checked(source, ways)
        lower = total(self._topology.lengths[span] for way in ways for span in way)
        if found is not None:
            return Pair(found, lower)
        tried = self._enumerate(source, target, lower)
        return tried if tried.settled else self._solve(source, target, tried)

    def _enumerate(self, source: int, target: int, lower: float) -> Pair:
        best: Pair = Pair(None, lower)
        search = LabelSearch(self._masked, self._limits, [target])
        try:
            for tried, label in enumerate(compliant_ways(search, source)):
                if max(lower, 2 * label.km) * _ALIKE >= best.km:
                    return Pair(best.paths, best.km)
                if tried == MOST_TRIED:
                    return Pair(best.paths, max(lower, 2 * label.km))
                partner = self._partner(source, target, label.way)
                if partner is not None:
                    pair = Pair((path_of(self._topology, source, label.way), partner), lower)
                    best = min(best, pair, key=lambda known: known.km)
        except UnsettledError:
            return best
        return Pair(best.paths, best.km)

    def _partner(self, source: int, target: int, way: Way) -> Path | None:
        rest = self._masked.without(self._shared(source, way))
        return compliant_path(rest, self._limits, source, [target])

    def _solve(self, source: int, target: int, tried: Pair) -> Pair:
        masked = self._worthwhile(source, target, tried.km)
        if len(masked.arcs) > MOST_ARCS:
            return tried
        programme = Programme(masked, source, target, self._limits)
        programme.spans_apart()
        if self._protect is Protect.NODE:
            programme.sites_apart()
        if self._protect is Protect.SRLG:
            programme.groups_apart(list(self._groups.values()))
        solved = programme.solve()
        paths = None if solved.ways is None else self._checked(source, solved.ways)
        bound = max(tried.bound_km, solved.bound_km)
        best = min(tried, Pair(paths, bound), key=lambda pair: pair.km)
        return Pair(best.paths, min(bound, best.km))

    def _worthwhile(self, source: int, target: int, best: float) -> Masked:
        """Drop the arcs on which no leg of a pair of at most `best` km can run."""
        least = float(self._masked.from_source(source)[target])
        most = min(best - least, np.inf if self._limits.km is None else self._limits.km)
        return self._masked.within(source, target, most * _ALIKE)

    def _checked(self, source: int, ways: tuple[Way, Way]) -> tuple[Path, Path] | None:
        """Return the two ways as paths, shorter first, if they really are a compliant pair."""
        one, two = (path_of(self._topology, source, way) for way in ways)
        apart = not self._shared(source, ways[0])[list(ways[1])].any()
        if not (apart and keeps(one, self._limits) and keeps(two, self._limits)):
            return None
        return (one, two) if (one.km, one.hops) <= (two.km, two.hops) else (two, one)

    def _shared(self, source: int, way: Way) -> Bools:
        """Return the spans that a partner of `way` may not use."""
        topology = self._topology
        shared = np.zeros(len(topology.km), dtype=np.bool_)
        shared[list(way)] = True
        if self._protect is Protect.SRLG:
            for span in way:
                for group in topology.network.spans[span].risk_groups or ():
                    shared[self._groups[group]] = True
        if self._protect is Protect.NODE:
            inner = path_of(topology, source, way).sites[1:-1]
            places = [topology.site_index[site] for site in inner]
            touching = np.isin(topology.tail, places) | np.isin(topology.head, places)
            shared[topology.span_of[touching]] = True
        return shared


def grouped(masked: Masked) -> Masked:
    """Bar the spans whose risk groups are unrecorded: nobody can say what they fail with."""
    unrecorded = [span.risk_groups is None for span in masked.topology.network.spans]
    return masked.without(np.array(unrecorded, dtype=np.bool_))


def _risk_groups(topology: Topology) -> dict[str, list[int]]:
    """Return the spans of every risk group."""
    groups: dict[str, list[int]] = {}
    for place, span in enumerate(topology.network.spans):
        for group in span.risk_groups or ():
            groups.setdefault(group, []).append(place)
    return groups
