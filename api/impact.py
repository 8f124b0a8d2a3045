"""What a candidate policy would change: every recorded decision, worked out once more under it.

Two networks can be meant: that of the time (`then`: what if this policy had been in force?) and
that in force (`now`: what if it came into force today?). What was recorded is compared with what
the candidate says; nothing is recorded, released or activated here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.errors import NotFoundError, UnavailableError
from api.instance import Parts
from api.log.reader import Reader
from api.passage import PassageState
from api.reckoning import Reckoning
from api.record import Entry
from api.replay import work_out
from api.world import World
from policy.bundle import Bundle
from policy.canonical import JSON, canonical, digest
from policy.engines.engine import Engine
from policy.errors import PolicyError
from policy.question import Question
from routing.errors import RoutingError
from routing.network import parse_network
from routing.topology import Topology

UNCHANGED: Final = "unchanged"
REFUSED: Final = "newly refused"
PERMITTED: Final = "newly permitted"
UNREPLAYABLE: Final = "not replayable"


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded decision and what the candidate says of it."""

    index: int
    decision: str
    kind: str
    tenant: str | None
    dataset: str | None
    level: str | None
    target: str | None
    effect: str
    codes: tuple[str, ...]
    spans: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the row as JSON."""
        return {
            "index": self.index,
            "decision": self.decision,
            "kind": self.kind,
            "tenant": self.tenant,
            "dataset": self.dataset,
            "level": self.level,
            "target": self.target,
            "effect": self.effect,
            "codes": list(self.codes),
            "spans": list(self.spans),
        }


@dataclass(frozen=True, slots=True)
class Impact:
    """The changes that a candidate makes, and the passages under way that it would refuse."""

    revision: str
    changes: tuple[Change, ...]
    under_way: tuple[str, ...]

    def effects(self) -> dict[str, int]:
        """Return how many decisions each effect concerns."""
        return dict(sorted(Counter(change.effect for change in self.changes).items()))

    def grouped(self, effect: str, by: str) -> dict[str, int]:
        """Return how many decisions of an effect there are for each tenant, level or target."""
        chosen = (change for change in self.changes if change.effect == effect)
        return dict(sorted(Counter(str(getattr(change, by)) for change in chosen).items()))

    def to_json(self) -> dict[str, JSON]:
        """Return the counts, and every decision that is not unchanged."""
        return {
            "revision": self.revision,
            "effects": dict(self.effects()),
            "newly_refused": {by: dict(self.grouped(REFUSED, by)) for by in GROUPS},
            "newly_permitted": {by: dict(self.grouped(PERMITTED, by)) for by in GROUPS},
            "changes": [each.to_json() for each in self.changes if each.effect != UNCHANGED],
            "passages_under_way": list(self.under_way),
        }


GROUPS: Final = ("tenant", "level", "target")


@dataclass(frozen=True)
class Simulation:
    """Works recorded decisions out under a candidate; `engine` makes the engine of a bundle."""

    parts: Parts
    candidate: Bundle
    engine: Callable[[Bundle], Engine]
    now: bool = False

    async def run(
        self,
        *,
        since: int = 0,
        chosen: Callable[[Entry], bool] = lambda _entry: True,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Impact:
        """Return the impact on the decisions recorded from `since` (Unix seconds) that are chosen.

        Raises:
            EngineError: the engine cannot take the candidate.
        """
        entries = [(i, e) for i, e in self._decisions() if e.at >= since and chosen(e)]
        worlds: dict[str, World] = {}
        answered: dict[str, Reckoning] = {}
        changes: list[Change] = []
        for done, (index, entry) in enumerate(entries):
            changes.append(await self._change(index, entry, worlds, answered))
            progress(done + 1, len(entries))
        return Impact(self.candidate.revision, tuple(changes), self._under_way(changes))

    def _decisions(self) -> Iterable[tuple[int, Entry]]:
        with Reader(self.parts.layout.log) as reader:
            found = [Entry.from_bytes(raw) for raw in reader.entries()]
        return ((index, entry) for index, entry in enumerate(found) if entry.kind == "decision")

    async def _change(
        self,
        index: int,
        entry: Entry,
        worlds: dict[str, World],
        answered: dict[str, Reckoning],
    ) -> Change:
        facts = entry.facts
        try:
            question = Question.from_bytes(self.parts.objects.get(str(facts["question"])))
            world = self._world(str(facts["epoch"]), worlds)
            key = _key(question, world, facts)
            if key not in answered:
                answered[key] = await work_out(world, question, facts)
        except (NotFoundError, UnavailableError, PolicyError, RoutingError):
            return _row(index, facts, None, UNREPLAYABLE, None)
        again = answered[key]
        return _row(index, facts, question, _effect(facts, again), again)

    def _world(self, epoch: str, worlds: dict[str, World]) -> World:
        name = "now" if self.now else epoch
        if name not in worlds:
            network = (
                self.parts.in_force.network()
                if self.now
                else parse_network(self.parts.objects.get(epoch))
            )
            worlds[name] = World(self.candidate, self.engine(self.candidate), Topology(network))
        return worlds[name]

    def _under_way(self, changes: Iterable[Change]) -> tuple[str, ...]:
        """Return the passages that were granted, still stand, and would not be any more."""
        refused = {change.index for change in changes if change.effect == REFUSED}
        now = self.parts.now()
        return tuple(
            passage.id
            for passage in self.parts.register.passages(limit=1_000_000)
            if passage.decision in refused
            and passage.state is PassageState.GRANTED
            and now < passage.expires
        )


def _key(question: Question, world: World, facts: Mapping[str, JSON]) -> str:
    """Name everything but the time of asking: the same question is worked out once."""
    asked = {name: value for name, value in question.to_json().items() if name != "now"}
    return digest(canonical([asked, world.topology.network.digest, facts.get("options")]))


def _effect(facts: Mapping[str, JSON], again: Reckoning) -> str:
    before, after = facts["verdict"] == "permit", again.permitted
    if before == after:
        return UNCHANGED
    return PERMITTED if after else REFUSED


def _row(
    index: int,
    facts: Mapping[str, JSON],
    question: Question | None,
    effect: str,
    again: Reckoning | None,
) -> Change:
    def text(name: str) -> str | None:
        value = facts.get(name)
        return None if value is None else str(value)

    path = None if question is None else question.path
    return Change(
        index=index,
        decision=str(facts["id"]),
        kind=str(facts["kind"]),
        tenant=text("tenant"),
        dataset=text("dataset"),
        level=None if question is None else str(question.label.level),
        target=None if question is None else question.destination,
        effect=effect,
        codes=() if again is None else again.codes,
        spans=() if path is None else path.spans,
    )
