"""Every rule's verdict on every subject, as one matrix. An unknown is never a yes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from policy.canonical import JSON
from policy.decision import Reason
from policy.metadata import Rule


class Verdict(IntEnum):
    """What one rule says of one subject."""

    NO = 0
    YES = 1
    UNKNOWN = 2

    @property
    def word(self) -> str:
        """`no`, `yes` or `unknown`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Stand:
    """On what a reason stands: basis, citation and certainty, as the taxonomy knows them."""

    basis: str
    citation: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Code:
    """Why not: a code and its arguments; on what it stands, where not on its rule's own word."""

    code: str
    args: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    stand: Stand | None = None

    def reason(self, rule: Rule, subject: str | None) -> Reason:
        """Return the reason that `rule` gives against `subject` with this code."""
        stand = self.stand or Stand(rule.basis, rule.citation, rule.certainty)
        return Reason(
            code=self.code,
            rule=rule.name,
            subject=subject,
            args=self.args,
            basis=stand.basis,
            citation=stand.citation,
            certainty=stand.certainty,
            waivable=rule.waivable,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict on everything that looks alike to it; codes unless it is a yes."""

    verdict: Verdict
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Rules x subjects. `profile[r, s]` is the place in `findings[r]` of what rule r found on s."""

    rules: tuple[Rule, ...]
    subjects: tuple[str, ...]
    profile: NDArray[np.int64]
    findings: tuple[tuple[Finding, ...], ...]

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        """The `Verdict` of every rule (rows) on every subject (columns)."""
        status = np.zeros((len(self.rules), len(self.subjects)), dtype=np.uint8)
        for row, found in enumerate(self.findings):
            words = np.array([finding.verdict for finding in found], dtype=np.uint8)
            status[row] = words[self.profile[row]]
        return status

    @cached_property
    def admissible(self) -> NDArray[np.bool_]:
        """Which subjects have a yes of every rule; none of them when there is no rule."""
        # numpy holds that every member of nothing is true; here an empty policy admits nobody.
        if not self.rules:
            return np.zeros(len(self.subjects), dtype=np.bool_)
        passed: NDArray[np.bool_] = np.all(self.status == Verdict.YES, axis=0)
        return passed

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of every subject by its id."""
        return {subject: place for place, subject in enumerate(self.subjects)}

    @cached_property
    def admitted(self) -> frozenset[str]:
        """The ids of the subjects that are admissible."""
        return frozenset(
            subject
            for subject, passed in zip(self.subjects, self.admissible.tolist(), strict=True)
            if passed
        )

    def of(self, subject: int) -> dict[str, Verdict]:
        """Return each rule's verdict on the subject at this place."""
        return {
            rule.name: Verdict(int(self.status[row, subject]))
            for row, rule in enumerate(self.rules)
        }

    def reasons(self, subject: int) -> tuple[Reason, ...]:
        """Return the reasons against the subject at this place; none when it is admissible."""
        return tuple(
            code.reason(rule, self.subjects[subject])
            for row, rule in enumerate(self.rules)
            for code in self.findings[row][self.profile[row, subject]].codes
        )
