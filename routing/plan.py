"""Which upgrades open the most demand: the investment list.

An *upgrade* puts one span, site or cluster right in everything it fails, where each failing rule
has an action against it; what is unknown is to be recorded, and is counted as if it turned out
well. Joining two clusters may take several upgrades at once, so one more upgrade may be worth
nothing until the next is made: gains are not submodular, and no list made greedily is proven
best. Each step takes, among the fewest upgrades that join each pair, those that open the most
demand per upgrade, all worked out anew at each step.

What it does prove: every pair it names is joined by the rules after that step (`pairs_joined`
says so independently); `fewest` is exact for each pair alone; `ceiling` is all that these actions
can ever open. Limits on whole paths are not considered.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policy.canonical import JSON
from routing.barriers import Barriers
from routing.posture import Subject, failing, mendable, pairs_joined
from routing.reach import Pair

RECORD: Final = "record"
MOST_STEPS: Final = 100
Demand = Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One span, site or cluster (`kind`) and the actions that put it right; `km` of a span."""

    kind: str
    id: str
    actions: tuple[str, ...]
    rules: tuple[str, ...]
    km: float | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this upgrade."""
        return {
            "kind": self.kind,
            "id": self.id,
            "actions": list(self.actions),
            "rules": list(self.rules),
            "km": self.km,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """Upgrades to make together, the pairs that they open, and their demand."""

    upgrades: tuple[Upgrade, ...]
    opens: tuple[tuple[str, str], ...]
    demand: float

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this step."""
        return {
            "upgrades": [upgrade.to_json() for upgrade in self.upgrades],
            "opens": [list(pair) for pair in self.opens],
            "demand": self.demand,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """Demand joined `now`, the steps, the `ceiling`, and pairs no upgrade opens."""

    now: float
    ceiling: float
    steps: tuple[Step, ...]
    never: tuple[tuple[str, str], ...]
    fewest: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def to_json(self) -> dict[str, JSON]:
        """Return the whole list."""
        return {
            "now": self.now,
            "ceiling": self.ceiling,
            "steps": [step.to_json() for step in self.steps],
            "never": [list(pair) for pair in self.never],
            "fewest": [[*pair, upgrades] for pair, upgrades in sorted(self.fewest.items())],
        }


def plan(
    barriers: Barriers,
    clusters: Sequence[str],
    actions: Mapping[str, str],
    demand: Demand | None = None,
    *,
    fixed: Collection[tuple[str, str]] = (),
) -> Plan:
    """Return the upgrades that join more ordered pairs of `clusters`, best step first.

    `actions` says which action puts a violated rule right; rules without one stay. `demand` is
    per pair of ids, one each where it is not given; `fixed` (kind, id) nobody can upgrade.

    Raises:
        UnknownSiteError: an unknown cluster.
    """
    return _Planner(barriers, clusters, actions, demand or {}, frozenset(fixed)).plan()


class _Planner:
    def __init__(
        self,
        barriers: Barriers,
        clusters: Sequence[str],
        actions: Mapping[str, str],
        demand: Demand,
        fixed: frozenset[tuple[str, str]],
    ) -> None:
        self._barriers = barriers
        self._places = [barriers.topology.site_place(cluster) for cluster in clusters]
        self._demand = demand
        self._actions = actions
        curable = sum(1 << bit for bit, name in enumerate(barriers.rules) if name in actions)
        subjects = mendable(barriers, curable)
        self._possible = {s for s in subjects if (s[0], self._id(*s)) not in fixed}

    def plan(self) -> Plan:
        made: set[Subject] = set()
        now = joined = pairs_joined(self._barriers, self._places)
        ceiling = pairs_joined(self._barriers, self._places, self._possible)
        fewest = {pair: len(found) for pair, found in self._bundles(made, ceiling - now).items()}
        steps: list[Step] = []
        while joined < ceiling and len(steps) < MOST_STEPS:
            best = self._best(made, joined, ceiling)
            made |= best
            after = pairs_joined(self._barriers, self._places, made)
            steps.append(self._step(best, after - joined))
            joined = after
        every = {(a, b) for a in self._places for b in self._places if a != b}
        return Plan(
            now=self._worth(now),
            ceiling=self._worth(ceiling),
            steps=tuple(steps),
            never=tuple(sorted(map(self._ids, every - ceiling))),
            fewest={self._ids(pair): count for pair, count in fewest.items()},
        )

    def _best(
        self, made: set[Subject], joined: frozenset[Pair], ceiling: frozenset[Pair]
    ) -> frozenset[Subject]:
        bundles = set(self._bundles(made, ceiling - joined).values())
        return max(bundles, key=lambda found: (self._ratio(found, made, joined), sorted(found)))

    def _ratio(
        self, bundle: frozenset[Subject], made: set[Subject], joined: frozenset[Pair]
    ) -> float:
        after = pairs_joined(self._barriers, self._places, made | bundle)
        return self._worth(after - joined) / len(bundle)

    def _bundles(
        self, made: set[Subject], wanted: frozenset[Pair]
    ) -> dict[Pair, frozenset[Subject]]:
        """Return for each wanted pair the fewest upgrades, beside those made, that join it."""
        found: dict[Pair, frozenset[Subject]] = {}
        for source in sorted({source for source, _ in wanted}):
            ends = {target for start, target in wanted if start == source}
            for target, bundle in self._from(source, ends, made).items():
                found[source, target] = bundle
        return found

    def _from(
        self, source: int, ends: set[int], made: set[Subject]
    ) -> dict[int, frozenset[Subject]]:
        """Dijkstra by number of upgrades, then km: each subject is paid for where it is passed."""
        topology = self._barriers.topology
        start = self._cost([("site", source)], made)
        heap = [(len(start), 0.0, source, start)] if start is not None else []
        settled: set[int] = set()
        found: dict[int, frozenset[Subject]] = {}
        while heap and len(found) < len(ends):
            _, km, here, paid = heapq.heappop(heap)
            if here in settled:
                continue
            settled.add(here)
            if here in ends:
                found[here] = paid
            for head, span in topology.departures[here]:
                more = self._cost([("span", span), ("site", head)], made)
                if head not in settled and more is not None:
                    both = paid | more
                    heapq.heappush(heap, (len(both), km + topology.lengths[span], head, both))
        last = {end: self._cost([("cluster", end)], made) or frozenset() for end in found}
        return {end: paid | last[end] for end, paid in found.items()}

    def _cost(self, subjects: Sequence[Subject], made: set[Subject]) -> frozenset[Subject] | None:
        """Return which of `subjects` must still be put right, None if one cannot be."""
        kinds = failing(self._barriers)
        bad = [s for s in subjects if s not in made and kinds[s[0]].all(s[1])]
        return frozenset(bad) if all(subject in self._possible for subject in bad) else None

    def _step(self, bundle: frozenset[Subject], opened: frozenset[Pair]) -> Step:
        upgrades = tuple(self._upgrade(*subject) for subject in sorted(bundle))
        return Step(upgrades, tuple(sorted(map(self._ids, opened))), self._worth(opened))

    def _upgrade(self, kind: str, place: int) -> Upgrade:
        barriers, network = self._barriers, self._barriers.topology.network
        found = failing(barriers)[kind]
        actions = {self._actions[name] for name in barriers.names(found.violated[place])}
        actions |= {RECORD} if found.unknown[place] else set()
        span = network.spans[place] if kind == "span" else None
        return Upgrade(
            kind,
            self._id(kind, place),
            tuple(sorted(actions)),
            tuple(barriers.names(found.all(place))),
            None if span is None else span.km,
        )

    def _id(self, kind: str, place: int) -> str:
        network = self._barriers.topology.network
        return (network.spans if kind == "span" else network.sites)[place].id

    def _ids(self, pair: Pair) -> tuple[str, str]:
        sites = self._barriers.topology.network.sites
        return sites[pair[0]].id, sites[pair[1]].id

    def _worth(self, pairs: frozenset[Pair]) -> float:
        return sum(self._demand.get(self._ids(pair), 1.0) for pair in pairs)
