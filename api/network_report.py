"""The whole network under a label: judged by the policy as `path find` does, then reckoned up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.world import World
from policy.canonical import JSON
from policy.constraints import EMPTY, Constraints, Limits
from policy.decision import Reason
from policy.judge import Judgement
from policy.label import Label, Level
from policy.question import Kind, Question
from routing.barriers import Barriers, barriers
from routing.plan import Plan, plan
from routing.posture import Opening, Posture, posture

LEVELS: Final = tuple(Level)[1:5]
# Which upgrade puts right what each rule refuses; what none here puts right stays barred.
ACTIONS: Final = {
    "encryption": "encrypt",
    "harvest": "encrypt",
    "conduit": "bury",
    "accreditation": "certify",
}


@dataclass(frozen=True)
class Judged:
    """The network as one label sees it: every verdict, the limits, and what bars the way."""

    world: World
    label: Label
    judgement: Judgement
    limits: Limits
    barriers: Barriers

    @property
    def request(self) -> tuple[Reason, ...]:
        """Why the label may not travel at all; empty when it may."""
        return self.judgement.request

    @property
    def posture(self) -> Posture:
        """Which clusters reach which."""
        return posture(self.barriers, self.limits, self.world.clusters)

    def plan(self) -> Plan:
        """Return the investment list."""
        return plan(self.barriers, self.world.clusters, ACTIONS, fixed=self._fixed)

    @property
    def _fixed(self) -> list[tuple[str, str]]:
        """Nobody buries the fibre in the sea: where the conduit is refused there, it stays."""
        bit = sum(1 << place for place, name in enumerate(self.barriers.rules) if name == "conduit")
        spans = enumerate(self.world.topology.network.spans)
        refused = self.barriers.spans.violated
        return [("span", s.id) for p, s in spans if s.conduit == "submarine" and refused[p] & bit]

    def attributes(self, opening: Opening) -> list[str]:
        """Return the unrecorded attributes that keep an opening's subject unknown."""
        kinds = self.world.spans if opening.kind == "span" else self.world.sites
        known = kinds[opening.id]
        rules = self.world.bundle.rules
        read = {name for rule in opening.rules if rule in rules for name in rules[rule].reads}
        limits = {"max_operators": "operator", "max_decryption_points": "encryption.segment"}
        read |= {limits[rule] for rule in opening.rules if rule in limits}
        return sorted(name for name in read if name not in known)


async def judge_label(
    world: World, label: Label, now: int, constraints: Constraints = EMPTY
) -> Judged:
    """Ask the policy about every span, site and cluster for one label.

    Raises:
        EngineError: the engine gave no answer.
    """
    question = Question(kind=Kind.PATH, now=now, label=label, constraints=constraints)
    judgement = await world.judge(question, world.clusters)
    limits = world.bundle.limits(question)
    found = barriers(world.topology, judgement.spans, judgement.sites, judgement.clusters, limits)
    return Judged(world, label, judgement, limits, found)


def posture_document(judged: Sequence[tuple[str, Judged]]) -> dict[str, JSON]:
    """Return the posture of every label as one document, by the labels' names."""
    return {
        "clusters": list(judged[0][1].world.clusters) if judged else [],
        "labels": [{"label": name, **_posture(found)} for name, found in judged],
    }


def _posture(judged: Judged) -> Mapping[str, JSON]:
    found = judged.posture
    openings = [{**o.to_json(), "attributes": [*judged.attributes(o)]} for o in found.openings]
    return {
        **found.to_json(),
        "openings": [{**row} for row in openings],
        "request": [reason.to_json() for reason in judged.request],
    }


def plan_document(name: str, judged: Judged) -> dict[str, JSON]:
    """Return the investment list of one label as a document."""
    return {
        "label": name,
        **judged.plan().to_json(),
        "request": [reason.to_json() for reason in judged.request],
    }
