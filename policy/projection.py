"""What a rule reads of its subjects, once for all that look alike to it.

A thousand spans of six operators are six questions to a rule that reads the operator. What is not
recorded, or not fit for a question, is missing here, and missing is unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from policy.canonical import JSON, canonical
from policy.constraints import Constraints
from policy.errors import TermError
from policy.metadata import Rule
from policy.subjects import Attributes, Places, Subjects
from policy.terms import term

TENANT: Final = "constraints.*"
"""In a rule's `reads`: whatever attributes the tenant's constraints name."""
_LISTS: Final = frozenset({"jurisdictions", "accreditations", "risk_groups", "zones", "hazards"})
_LARGEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Projection:
    """What one rule reads of all subjects alike; `settled`: enough to say no without the rest."""

    facts: Attributes
    missing: tuple[str, ...]
    settled: bool

    @property
    def asked(self) -> bool:
        """Whether an engine is asked; if not, the verdict is unknown."""
        return self.settled or not self.missing


@dataclass(frozen=True, slots=True)
class Projected:
    """The distinct projections of one rule, in canonical order, and each subject's place."""

    distinct: tuple[Projection, ...]
    place: Mapping[str, Places]


def reads(rule: Rule, constraints: Constraints) -> tuple[str, ...]:
    """Return the sorted attributes that `rule` reads of its subjects under these constraints."""
    names = set(rule.reads)
    if TENANT in names:
        asked = tenant_terms(rule.subject, constraints)
        names.update(*asked.values())
    return tuple(sorted(names - {TENANT}))


def tenant_terms(subject: str, constraints: Constraints) -> dict[str, dict[str, JSON]]:
    """Return what is denied and required of each attribute of a `span` or a `site`."""
    document = constraints.to_json()
    deny, require = (_mapping(document.get(part)) for part in ("deny", "require"))
    operators, where = deny.pop("operators", None), deny.pop("jurisdictions", None)
    if subject == "site":
        deny, require = {}, {}
    _add(deny, "operator", operators)
    _add(deny, "jurisdictions" if subject == "span" else "jurisdiction", where)
    return {"deny": deny, "require": require}


def project(
    rule: Rule, names: Sequence[str], subjects: Mapping[str, Mapping[str, Attributes]]
) -> Projected:
    """Project every kind of subject onto the attributes `names`; `place` follows their order."""
    alike = {kind: Subjects.of(found).alike(names) for kind, found in subjects.items()}
    samples = {look: one for found in alike.values() for look, one in found.samples.items()}
    projections = {look: _projection(rule, names, sample) for look, sample in samples.items()}
    raws = {look: canonical(found.facts) for look, found in projections.items()}
    ordered = {raws[look]: found for look, found in projections.items()}
    order = {raw: place for place, raw in enumerate(sorted(ordered))}
    return Projected(
        distinct=tuple(ordered[raw] for raw in sorted(ordered)),
        place={
            kind: np.array([order[raws[look]] for look in found.samples], np.int64)[found.place]
            for kind, found in alike.items()
        },
    )


def _projection(rule: Rule, names: Sequence[str], attributes: Attributes) -> Projection:
    facts = {name: _recorded(name, attributes.get(name)) for name in names}
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return Projection(
        facts=known,
        missing=tuple(name for name in names if name not in known),
        settled=any(known.get(name) in words for name, words in rule.settled_by.items()),
    )


def _recorded(name: str, value: JSON) -> JSON:
    if not isinstance(value, list | tuple | set | frozenset):
        return None if name in _LISTS else _scalar(value)
    items = {canonical(item): item for item in map(_scalar, value)}
    # Light is always somewhere: an empty list of jurisdictions is one that nobody filled in.
    if canonical(None) in items or (not items and name == "jurisdictions"):
        return None
    return [items[raw] for raw in sorted(items)]


def _scalar(value: JSON) -> JSON:
    if isinstance(value, str):
        return _term(value)
    if isinstance(value, bool):
        return value
    if not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        return None
    # Engines print and compare fractions each in its own way; as text they are the same to all.
    return int(value) if value == math.floor(value) else repr(value)


def _term(text: str) -> str | None:
    try:
        return term(text)
    except TermError:
        return None


def _mapping(value: JSON) -> dict[str, JSON]:
    return dict(value) if isinstance(value, Mapping) else {}


def _add(deny: dict[str, JSON], name: str, more: JSON) -> None:
    if isinstance(more, list):
        had = deny.get(name)
        deny[name] = (
            [*had, *(item for item in more if item not in had)] if isinstance(had, list) else more
        )
