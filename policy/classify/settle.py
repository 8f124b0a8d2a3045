"""Findings, claims and floors joined into one label: never lower than any of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from policy.classify.evidence import THRESHOLD
from policy.classify.kinds import CATEGORIES, PUBLICATION
from policy.classify.survey import Findings
from policy.label import BOTTOM, Label, Level
from policy.regimes import Taxonomy

RULESET: Final = "3"
"""Changes whenever a detector may answer differently."""


class State(StrEnum):
    """Whether what was declared and what was detected agree."""

    SETTLED = "settled"
    CONFLICT_RAISED = "CONFLICT_RAISED"
    PROVISIONAL_HOLD = "PROVISIONAL_HOLD"


@dataclass(frozen=True)
class Task:
    """How to look, and what is given beside the content."""

    taxonomy: Taxonomy
    full: bool
    seed: int
    declared: Level | None = None
    inherited: Label | None = None
    floor: Label | None = None

    @property
    def given(self) -> Label:
        """What was declared, inherited and set as the floor, joined."""
        declared = BOTTOM if self.declared is None else Label(level=self.declared)
        return declared.join(self.inherited or BOTTOM).join(self.floor or BOTTOM)

    @property
    def ruleset(self) -> str:
        """The version of the detectors and the digest of the taxonomy."""
        return f"{RULESET}:{self.taxonomy.digest}"


@dataclass(frozen=True, slots=True)
class Settled:
    """The label, the level that was surely detected, and whether that agrees with the claim."""

    label: Label
    detected: Level
    state: State


def settle(found: Findings, task: Task, failure: str | None) -> Settled:
    """Join what was found with what was given; `failure` says that not everything was read."""
    unread = Level.L0 if failure is None else Level.L3
    strong = _detected(found, task.taxonomy, THRESHOLD, unread)
    weak = _detected(found, task.taxonomy, 0.0, unread)
    counts = {"persons": found.persons}
    label = task.taxonomy.close(strong.join(task.given), counts)
    if weak.level > label.level:
        held = task.taxonomy.close(label.join(weak), counts)
        return Settled(held, strong.level, State.PROVISIONAL_HOLD)
    raised = task.declared is not None and strong.level > task.declared
    return Settled(label, strong.level, State.CONFLICT_RAISED if raised else State.SETTLED)


def _detected(found: Findings, taxonomy: Taxonomy, at_least: float, unread: Level) -> Label:
    kinds = set(found.kinds(at_least=at_least))
    # A sign has to be sure: a weak one must not make anything public.
    signs = set(found.kinds(at_least=THRESHOLD)) & PUBLICATION
    others = {name for kind in kinds - PUBLICATION for name in CATEGORIES[kind]}
    published = {name for kind in signs for name in CATEGORIES[kind]}
    counts = {"persons": found.persons}
    label = taxonomy.label_of(others, level=unread, counts=counts)
    if label.level == Level.L0 and signs:
        return taxonomy.label_of(others | published, counts=counts)
    return taxonomy.label_of(others, level=max(label.level, Level.L1), counts=counts)


def hints(detected: Level, declared: Level | None, failure: str | None) -> tuple[str, ...]:
    """Return what the owner may want to look at: a claim above everything that was found."""
    over = declared is not None and failure is None and declared > detected
    return ("over-classified?",) if over else ()
