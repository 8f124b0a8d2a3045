"""The smallest set of rules whose waiving would give a compliant path, limits included.

Exact, by label setting on sets of rules. A rule that nobody may waive is never in the set: what
fails one is not in the graph that is searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from policy.canonical import JSON
from policy.constraints import Limits
from routing.barriers import Barriers
from routing.labels import MOST_LABELS, Burdens, LabelSearch, Least, UnsettledError
from routing.paths import Path
from routing.topology import Masked
from routing.within import compliant_path

_ARRIVED: Final = -1


@dataclass(frozen=True, slots=True)
class Waiver:
    """Rules to waive and the shortest path there is then; what the path fails, told apart.

    `undetermined` means that the search gave up: there may be a set of rules.
    """

    rules: tuple[str, ...] = ()
    path: Path | None = None
    violated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    undetermined: bool = False

    def to_json(self) -> dict[str, JSON]:
        """Return the rules, the path they open, and which of them are violated or unknown."""
        return {
            "rules": list(self.rules),
            "violated": list(self.violated),
            "unknown": list(self.unknown),
            "path": None if self.path is None else self.path.to_json(),
            "undetermined": self.undetermined,
        }


def minimum_waiver(
    barriers: Barriers, limits: Limits, source: int, targets: Sequence[int]
) -> Waiver | None:
    """Return the smallest waiver, None if no set of waivable rules would help."""
    ends = barriers.arrivable(targets, barriers.waivable)
    masked = barriers.masked(barriers.waivable)
    if not ends or not masked.sites[source]:
        return None
    try:
        rules = _rules(barriers, masked, limits, source, ends)
        if rules is None:
            return None
        left = barriers.masked(rules)
        path = compliant_path(left, limits, source, barriers.arrivable(ends, rules))
    except UnsettledError:
        return Waiver(undetermined=True)
    return _waiver(barriers, rules, path)


def _rules(
    barriers: Barriers, masked: Masked, limits: Limits, source: int, ends: Sequence[int]
) -> int | None:
    """Return the fewest rules whose waiver gives a path within `limits`, as a bit set."""
    burdens = _burdens(barriers, ends)
    if limits == Limits():
        return _fewest(masked, burdens, source)
    search = LabelSearch(masked, limits, ends, least=Least.RULES, burdens=burdens)
    label = search.run(search.start(source))
    return None if label is None else label.rules


def _fewest(masked: Masked, burdens: Burdens, source: int) -> int | None:
    """Answer where only rules count: label setting on bare numbers, many times as fast."""
    open_ = masked.spans.tolist(), masked.sites.tolist()
    first = burdens.sites[source]
    heap = [(first.bit_count(), first, source)]
    kept: dict[int, list[int]] = {source: [first]}
    allowance = MOST_LABELS
    while heap:
        _, rules, site = heappop(heap)
        if site == _ARRIVED:
            return rules
        if rules not in kept[site]:
            continue
        for head, more in _onward(masked, open_, burdens, rules, site):
            rivals = kept.setdefault(head, [])
            if any(not rival & ~more for rival in rivals):
                continue
            rivals[:] = [rival for rival in rivals if more & ~rival]
            rivals.append(more)
            heappush(heap, (more.bit_count(), more, head))
            allowance -= 1
            if allowance < 0:
                raise UnsettledError
    return None


def _onward(
    masked: Masked, open_: tuple[list[bool], list[bool]], burdens: Burdens, rules: int, site: int
) -> list[tuple[int, int]]:
    spans, sites = open_
    onward = [
        (head, rules | burdens.spans[span] | burdens.sites[head])
        for head, span in masked.topology.departures[site]
        if spans[span] and sites[head]
    ]
    if site in burdens.targets:
        onward.append((_ARRIVED, rules | burdens.targets[site]))
    return onward


def _burdens(barriers: Barriers, ends: Sequence[int]) -> Burdens:
    spans = [barriers.spans.all(place) for place in range(len(barriers.spans.violated))]
    sites = [barriers.sites.all(place) for place in range(len(barriers.sites.violated))]
    return Burdens(spans, sites, {end: barriers.destinations.all(end) for end in ends})


def _waiver(barriers: Barriers, rules: int, path: Path | None) -> Waiver:
    topology = barriers.topology
    violated = unknown = 0
    if path is not None:
        passed = [(barriers.spans, topology.span_index[span]) for span in path.spans]
        passed += [(barriers.sites, topology.site_index[site]) for site in path.sites]
        passed.append((barriers.destinations, topology.site_index[path.sites[-1]]))
        for failing, place in passed:
            violated |= failing.violated[place]
            unknown |= failing.unknown[place]
    return Waiver(
        rules=tuple(barriers.names(rules)),
        path=path,
        violated=tuple(barriers.names(violated)),
        unknown=tuple(barriers.names(unknown)),
    )
