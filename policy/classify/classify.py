"""From bytes to a label, with the evidence for it.

The label is the closure of what the owner declared, what was detected, what was inherited and
the tenant's floor, joined. So nothing here lowers a label:

1. declared above detected stays, with a hint;
2. declared below detected is raised at once, and said;
3. a weak detection above all that holds the dataset at the higher level until someone settles it;
4. what cannot be read is unknown: at least L3, never low;
5. nothing found and no sign of publication is internal, L1;
6. an archive is what its files are together, and unknown if one of them is.

Same bytes, name, seed, rules and taxonomy give the same result, byte for byte.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from policy.canonical import JSON
from policy.classify import archives, readers
from policy.classify.archives import Budget
from policy.classify.columns import ColumnFinding
from policy.classify.content import Content
from policy.classify.evidence import Evidence, ordered
from policy.classify.kinds import CATEGORIES
from policy.classify.sampling import Sampled
from policy.classify.settle import State, Task, hints, settle
from policy.classify.survey import Survey
from policy.errors import UnreadableError
from policy.label import Label, Level
from policy.regimes import Taxonomy


@dataclass(frozen=True, kw_only=True)
class Classification:
    """A label and why. `provisional`: not a full scan; `content_digest` only of a full scan.

    `members` are the files of an archive by name, each with its own result.
    """

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
    persons: int = 0
    members: "tuple[tuple[str, Classification], ...]" = ()

    def to_json(self, file: str | None = None) -> dict[str, JSON]:
        """Return the result of `sekisho classify`, naming `file` if given."""
        columns: dict[str, JSON] = {name: each.to_json() for name, each in self.columns.items()}
        named: dict[str, JSON] = {} if file is None else {"file": file}
        return (
            named
            | {
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
                "persons": self.persons,
                "ruleset": self.ruleset,
            }
            | self._members()
        )

    def _members(self) -> dict[str, JSON]:
        return (
            {"members": [each.to_json(name) for name, each in self.members]} if self.members else {}
        )


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
    task = Task(taxonomy, full, seed, declared, inherited, floor)
    return _classify(content, task, Budget())


def _classify(content: Content, task: Task, budget: Budget) -> Classification:
    try:
        archive = archives.is_archive(content)
    except UnreadableError:
        archive = False  # the reader will say the same, with its reason
    return _of_archive(content, task, budget) if archive else _of_file(content, task)


def _of_file(content: Content, task: Task) -> Classification:
    survey, failure, digest = Survey(), None, None
    sampled: Sampled | None = None
    try:
        reading = readers.read(content, full=task.full, seed=task.seed)
        sampled = reading.sampled
        for part in reading.parts:
            survey.add(part)
        digest = reading.digest() if task.full else None
    except UnreadableError as error:
        failure = str(error)
    found = survey.judged(lambda kind: task.taxonomy.label_of(CATEGORIES[kind]).level)
    settled = settle(found, task, failure)
    provisional = not task.full or failure is not None or survey.without_rows
    return Classification(
        label=settled.label,
        evidence=found.evidence,
        columns=MappingProxyType(found.columns),
        state=settled.state,
        unknown=failure is not None,
        provisional=provisional,
        content_digest=None if provisional else digest,
        hints=hints(settled.detected, task.declared, failure),
        sampled=sampled or _all(survey, content, task.seed, failure),
        detected=settled.detected,
        declared=task.declared,
        unreadable=failure,
        ruleset=task.ruleset,
        persons=found.persons,
    )


def _of_archive(content: Content, task: Task, budget: Budget) -> Classification:
    alone = replace(task, declared=None, inherited=None, floor=None)
    members: list[tuple[str, Classification]] = []
    failure, digest = None, None
    budget.depth += 1
    try:
        before = readers.digest(content) if task.full else None
        for member in archives.members(content, budget):
            members.append((member.name, _classify(member, alone, budget)))  # noqa: PERF401  kept if one breaks
        digest = None if before is None else readers.unchanged(content, before)
    except UnreadableError as error:
        failure = str(error)
    budget.depth -= 1
    unread = (f"{name}: {each.unreadable}" for name, each in members if each.unknown)
    return _together(members, task, failure or next(unread, None), digest)


def _together(
    members: list[tuple[str, Classification]], task: Task, failure: str | None, digest: str | None
) -> Classification:
    results = [each for _, each in members]
    persons = sum(each.persons for each in results)
    detected = max(
        [Level.L1 if failure is None else Level.L3, *(each.detected for each in results)]
    )
    joined = Label(level=detected if failure or not results else Level.L0).join(task.given)
    for each in results:
        joined = joined.join(each.label)
    provisional = not task.full or failure is not None or any(each.provisional for each in results)
    return Classification(
        label=task.taxonomy.close(joined, {"persons": persons}),
        evidence=ordered(_within(name, found) for name, each in members for found in each.evidence),
        columns=MappingProxyType(
            {
                f"{name}/{head}": found
                for name, each in members
                for head, found in each.columns.items()
            }
        ),
        state=_state_of(results, detected, task.declared),
        unknown=failure is not None,
        provisional=provisional,
        content_digest=None if provisional else digest,
        hints=hints(detected, task.declared, failure),
        sampled=Sampled(len(members), len(members) + (failure is not None), task.seed, "files"),
        detected=detected,
        declared=task.declared,
        unreadable=failure,
        ruleset=task.ruleset,
        persons=persons,
        members=tuple(members),
    )


def _within(name: str, found: Evidence) -> Evidence:
    return replace(found, member=name if found.member is None else f"{name}/{found.member}")


def _state_of(results: list[Classification], detected: Level, declared: Level | None) -> State:
    highest = max((each.label.level for each in results), default=Level.L0)
    if highest > detected and (declared is None or highest > declared):
        return State.PROVISIONAL_HOLD
    raised = declared is not None and detected > declared
    return State.CONFLICT_RAISED if raised else State.SETTLED


def _all(survey: Survey, content: Content, seed: int, failure: str | None) -> Sampled:
    if survey.rows:
        return Sampled(survey.rows, survey.rows, seed)
    return Sampled(0 if failure else content.size, content.size, seed, "bytes")
