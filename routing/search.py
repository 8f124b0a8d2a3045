"""Compliant paths: the mask first, then a complete search of what it leaves.

Nothing here can leave the mask, because what it bars is not in the graph. No K-shortest shortcut:
where a compliant path exists it is found, where none is found none exists, and what could not be
settled within the fixed allowance is said to be undetermined, never guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

import numpy as np

from policy.constraints import Limits
from routing.aim import Aim, Aimed, Objective
from routing.errors import PathError
from routing.kbest import compliant_ways
from routing.labels import Label, LabelSearch, UnsettledError, known
from routing.paths import Path
from routing.protect import Pair, Protect, Protection
from routing.topology import Bools, Masked, Topology
from routing.within import compliant_path, path_of

__all__ = ["SHORTEST", "Aim", "Found", "NoPath", "Objective", "Protect", "find"]

SHORTEST: Final = Aim()


@dataclass(frozen=True, slots=True)
class Found:
    """At least one compliant path, shortest first; of a protected pair the working one first.

    `bound_km` is set only if a shorter pair could not be excluded: no pair is shorter than it.
    """

    paths: tuple[Path, ...]
    bound_km: float | None = None

    def __post_init__(self) -> None:
        """Refuse to be empty: that would be a permit for nothing."""
        if not self.paths:
            raise ValueError("found must name at least one path")


@dataclass(frozen=True, slots=True)
class NoPath:
    """No compliant path exists; or, if `undetermined`, the search gave up before it knew."""

    undetermined: bool = False


def find(
    topology: Topology,
    *,
    spans: Bools,
    sites: Bools,
    source: str,
    targets: Sequence[str],
    limits: Limits,
    k: int = 1,
    protect: str = Protect.NONE,
    aim: Aim = SHORTEST,
) -> Found | NoPath:
    """Return the `k` best compliant paths by `aim`, or the shortest protected pair, to any target.

    `spans` and `sites` say which are admitted, in the order of the network; the source never
    counts as a target.

    Raises:
        UnknownSiteError: an unknown source, target or site of `aim`.
        PathError: the source is the only target.
        ValueError: masks of the wrong length, `k` below 1 or together with protection, or a
            pair that is to be anything but the shortest.
    """
    _check(topology, spans, sites, k, Protect(protect))
    if protect != Protect.NONE and not aim.plain:
        raise ValueError("a protected pair is the shortest, and passes no mandatory site")
    start, ends = _ends(topology, source, targets)
    via = [topology.site_place(site) for site in aim.via]
    sites = _without(topology, sites, aim.avoid)
    masked = topology.cut(spans & known(topology, _counting(limits, aim)), sites)
    ends = [end for end in ends if sites[end]]
    if not all(sites[[start, *via]]) or not ends:
        return NoPath()
    if protect != Protect.NONE:
        protection = Protection(masked, limits, Protect(protect))
        return _best([protection.pair(start, end) for end in ends])
    try:
        if aim.plain:
            return _shortest(masked, limits, start, ends, k)
        search = Aimed(masked, limits, ends, aim.objective, via)
        ways = search.ways(start, k)
        return _named(topology, start, ways)
    except UnsettledError:
        return NoPath(undetermined=True)


def _without(topology: Topology, sites: Bools, avoid: Sequence[str]) -> Bools:
    if not avoid:
        return sites
    left = sites.copy()
    left[[topology.site_place(site) for site in avoid]] = False
    return left


def _counting(limits: Limits, aim: Aim) -> Limits:
    """Return limits that count what the aim counts: only spans that record it can be compared."""
    if aim.objective is not Objective.OPERATORS or limits.operators is not None:
        return limits
    return replace(limits, operators=0)


def _check(topology: Topology, spans: Bools, sites: Bools, k: int, protect: Protect) -> None:
    network = topology.network
    if len(spans) != len(network.spans) or len(sites) != len(network.sites):
        raise ValueError("a mask must have one entry for every span and every site")
    if k < 1 or (k > 1 and protect is not Protect.NONE):
        raise ValueError("k is 1 or more, and 1 for a protected pair")


def _ends(topology: Topology, source: str, targets: Sequence[str]) -> tuple[int, list[int]]:
    start = topology.site_place(source)
    ends = {topology.site_place(target) for target in targets}
    if ends == {start}:
        raise PathError("source and destination are the same site")
    return start, sorted(ends - {start})


def _shortest(
    masked: Masked, limits: Limits, source: int, targets: Sequence[int], k: int
) -> Found | NoPath:
    if k == 1:
        path = compliant_path(masked, limits, source, targets)
        return NoPath() if path is None else Found((path,))
    ways = compliant_ways(LabelSearch(masked, limits, targets), source)
    return _named(masked.topology, source, islice(ways, k))


def _named(topology: Topology, source: int, ways: Iterable[Label]) -> Found | NoPath:
    paths = tuple(path_of(topology, source, label.way) for label in ways)
    return Found(paths) if paths else NoPath()


def _best(pairs: Sequence[Pair]) -> Found | NoPath:
    best = min(pairs, key=lambda pair: pair.km)
    bound = min(pair.bound_km for pair in pairs)
    if best.paths is None:
        return NoPath(undetermined=bool(np.isfinite(bound)))
    settled = Pair(best.paths, bound).settled
    return Found(best.paths, None if settled else bound)
