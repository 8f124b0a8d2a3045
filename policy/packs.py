"""A tenant's own rules, as data of a policy revision: they bind every question about its datasets.

A pack is a constraint document and `bounds`: territories that its labels are narrowed to. It is
met with what is asked, so it can only narrow. A word that no network records is refused when the
revision is built: a misspelt denial would deny nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from policy.canonical import JSON
from policy.constraints import Constraints, constraints_from
from policy.demands import Choice, choice_from, codes
from policy.documents import objects
from policy.errors import ConstraintError
from policy.pointed import Scalar, below, object_, term_
from policy.question import Question
from policy.territory import Bound, Territory

AXES: Final = ("placement", "transit", "operators", "key_holders")


@dataclass(frozen=True, eq=False)
class Pack:
    """What one tenant adds; `bounds` by axis of the label."""

    tenant: str
    constraints: Constraints
    bounds: Mapping[str, Choice]

    def narrow(self, question: Question) -> Question:
        """Return the question as this tenant lets it be asked."""
        label = question.label
        met = {axis: getattr(label, axis).meet(self._territory(axis)) for axis in self.bounds}
        return replace(
            question,
            label=replace(label, **met),
            constraints=question.constraints.meet(self.constraints),
        )

    def _territory(self, axis: str) -> Territory:
        bound = self.bounds[axis]
        return Territory(frozenset({Bound(f"tenant.{self.tenant}", bound.allowed, bound.denied)}))


def packs_from(document: JSON, vocabulary: Mapping[str, JSON]) -> dict[str, Pack]:
    """Read packs by tenant; `vocabulary` holds the attributes of spans, and their words if closed.

    Raises:
        ConstraintError: not well formed, or a word that means nothing; begins with the pointer.
    """
    parts = object_(document, "")
    return {
        term_(tenant, "/"): _placed(tenant, parts[tenant], vocabulary) for tenant in sorted(parts)
    }


def _placed(tenant: str, document: JSON, vocabulary: Mapping[str, JSON]) -> Pack:
    try:
        return _pack(tenant, document, vocabulary)
    except ConstraintError as error:
        raise ConstraintError(f"{below('', tenant)}{error}") from error


def _pack(tenant: str, document: JSON, vocabulary: Mapping[str, JSON]) -> Pack:
    parts = dict(object_(document, ""))
    bounds = object_(parts.pop("bounds", {}), "/bounds")
    for axis in sorted(bounds.keys() - set(AXES)):
        raise ConstraintError(f"{below('/bounds', axis)}: a label has no such axis")
    constraints = constraints_from(parts)
    known = objects(vocabulary["span"])
    for part, named in (("/deny", constraints.deny), ("/require", constraints.require)):
        for name, scalars in sorted(named.items()):
            _meaningful(known, name, scalars, below(part, name))
    return Pack(
        tenant,
        constraints,
        {axis: choice_from(bounds[axis], f"/bounds/{axis}", codes) for axis in sorted(bounds)},
    )


def _meaningful(
    known: Mapping[str, JSON], name: str, scalars: frozenset[Scalar], pointer: str
) -> None:
    if name not in known:
        raise ConstraintError(f"{pointer}: spans record no such attribute")
    words = known[name]
    if not isinstance(words, list):
        return
    # True equals 1 in Python: a type is part of a word.
    spelt = {(type(word), word) for word in words}
    for word in sorted(scalars, key=str):
        if (type(word), word) not in spelt:
            raise ConstraintError(f"{pointer}: {word} is not a word of {name}")
