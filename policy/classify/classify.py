"""From bytes to a label, with the evidence for it.

The label is the closure of what the owner declared, what was detected, what was inherited and
the tenant's floor, joined. So nothing here lowers a label:

1. declared above detected stays, with a hint;
2. declared below detected is raised at once, and said;
3. a weak detection above all that holds the dataset at the higher level until someone settles it;
4. what cannot be read is unknown: at least L3, never low;
5. nothing found and no sign of publication is internal, L1.

Same bytes, name, seed, rules and taxonomy give the same result, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policy.canonical import JSON
from policy.classify import readers
from policy.classify.columns import ColumnFinding
from policy.classify.content import Content
from policy.classify.evidence import THRESHOLD, Evidence
from policy.classify.kinds import CATEGORIES, PUBLICATION
from policy.classify.sampling import Sampled
from policy.classify.survey import Findings, Survey
from policy.errors import UnreadableError
from policy.label import BOTTOM, Label, Level
from policy.regimes import Taxonomy

RULESET: Final = "1"
"""Changes whenever a detector may answer differently."""


class State(StrEnum):
    """Whether what was declared and what was detected agree."""

    SETTLED = "settled"
    CONFLICT_RAISED = "CONFLICT_RAISED"
    PROVISIONAL_HOLD = "PROVISIONAL_HOLD"


@dataclass(frozen=True, kw_only=True)
class Classification:
    """A label and why. `provisional`: not a full scan; `content_digest` only of a full scan."""

    label: Label
    evidence: tuple[Evidence, ...]
    columns: Mapping[str, ColumnFinding]
    state: State
    unknown: bool
    provisional: bool
    content_digest: str | None
    hints: tuple[str, ...]
    sampled: Sampled
    detected: Level
    declared: Level | None
    unreadable: str | None
    ruleset: str

    def to_json(self, file: str | None = None) -> dict[str, JSON]:
        """Return the result of `sekisho classify`, naming `file` if given."""
        columns: dict[str, JSON] = {name: each.to_json() for name, each in self.columns.items()}
        named: dict[str, JSON] = {} if file is None else {"file": file}
        return named | {
            "label": self.label.to_json(),
            "evidence": [each.to_json() for each in self.evidence],
            "columns": columns,
            "state": self.state.value,
            "unknown": self.unknown,
            "provisional": self.provisional,
            "content_digest": self.content_digest,
            "hints": list(self.hints),
            "sampled": self.sampled.to_json(),
            "detected": str(self.detected),
            "declared": None if self.declared is None else str(self.declared),
            "unreadable": self.unreadable,
            "ruleset": self.ruleset,
        }


def classify(
    content: Content,
    taxonomy: Taxonomy,
    *,
    full: bool,
    seed: int,
    declared: Level | None = None,
    inherited: Label | None = None,
    floor: Label | None = None,
) -> Classification:
    """Read `content`, all of it if `full`, and label it."""
    survey, failure, digest = Survey(), None, None
    sampled: Sampled | None = None
    try:
        reading = readers.read(content, full=full, seed=seed)
        sampled = reading.sampled
        for part in reading.parts:
            survey.add(part)
        digest = reading.digest() if full else None
    except UnreadableError as error:
        failure = str(error)
    found = survey.judged(lambda kind: taxonomy.label_of(CATEGORIES[kind]).level)
    given = (BOTTOM if declared is None else Label(level=declared), inherited, floor)
    settled = _settle(found, taxonomy, given, failure)
    return Classification(
        label=settled.label,
        evidence=found.evidence,
        columns=MappingProxyType(found.columns),
        state=settled.state,
        unknown=failure is not None,
        provisional=not full or failure is not None,
        content_digest=digest if failure is None else None,
        hints=_hints(settled.detected, declared, failure),
        sampled=sampled or _all(survey, content, seed, failure),
        detected=settled.detected,
        declared=declared,
        unreadable=failure,
        ruleset=f"{RULESET}:{taxonomy.digest}",
    )


@dataclass(frozen=True, slots=True)
class _Settled:
    label: Label
    detected: Level
    state: State


def _settle(
    found: Findings,
    taxonomy: Taxonomy,
    given: tuple[Label, Label | None, Label | None],
    failure: str | None,
) -> _Settled:
    unread = Level.L0 if failure is None else Level.L3
    strong = _detected(found, taxonomy, THRESHOLD, unread)
    weak = _detected(found, taxonomy, 0.0, unread)
    declared, inherited, floor = given
    counts = {"persons": found.persons}
    joined = strong.join(declared).join(inherited or BOTTOM).join(floor or BOTTOM)
    label = taxonomy.close(joined, counts)
    if weak.level > label.level:
        held = taxonomy.close(label.join(weak), counts)
        return _Settled(held, strong.level, State.PROVISIONAL_HOLD)
    raised = declared is not BOTTOM and strong.level > declared.level
    return _Settled(label, strong.level, State.CONFLICT_RAISED if raised else State.SETTLED)


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


def _hints(detected: Level, declared: Level | None, failure: str | None) -> tuple[str, ...]:
    over = declared is not None and failure is None and declared > detected
    return ("over-classified?",) if over else ()


def _all(survey: Survey, content: Content, seed: int, failure: str | None) -> Sampled:
    if survey.rows:
        return Sampled(survey.rows, survey.rows, seed)
    return Sampled(0 if failure else content.size, content.size, seed, "bytes")
