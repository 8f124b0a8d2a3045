"""A regime: a law, guideline, contract, notice or policy as data, and what it does to a label."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from policy.label import LOW, STD, Label, Level
from policy.territory import ANYWHERE, Territory

Kind = Literal["data", "provider", "path", "zone", "modifier", "organisation", "scheme"]
Status = Literal["in-force", "watch"]
Basis = Literal["law", "guideline", "contract", "notice", "policy"]
Certainty = Literal["V", "V2", "K", "U", "P"]

UNSETTLED: Final = frozenset({"U", "P"})
"""Certainties that may only be shown as a policy of this deployment."""
AXES: Final = ("placement", "transit", "operators", "key_holders", "accreditations", "suite")
"""The axes of a label that a regime constrains; each has its own ground."""


@dataclass(frozen=True, slots=True)
class Ground:
    """On what a constraint stands; an unsettled certainty always has basis `policy`."""

    basis: Basis
    certainty: Certainty
    citation: str

    @property
    def required_by_law(self) -> bool:
        """Whether "the law requires" may be said of it."""
        return self.basis == "law" and self.certainty not in UNSETTLED


@dataclass(frozen=True, slots=True)
class EncryptionEffect:
    """What encryption does to the scope of one regime; conditions are named, never assumed met."""

    effect: Literal["none", "mitigates", "removes_scope_if"] = "none"
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of content: the floor it sets and the categories that come with it."""

    id: str
    title_ja: str
    title_en: str
    level: Level
    implies: frozenset[str]

    @property
    def effect(self) -> Label:
        """What having this category does to a label."""
        return Label(level=self.level, categories=self.implies | {self.id})


@dataclass(frozen=True, kw_only=True)
class Regime:
    """One record of the taxonomy. `categories` is what it adds, `applies_to` what brings it.

    The level is a floor of our own chain and always policy; `grounds` says on what each
    constrained axis stands. Only records of kind `data` in force have an effect on labels.
    """

    id: str
    title_ja: str
    title_en: str
    kind: Kind
    status: Status
    level: Level = Level.L0
    integrity: int = LOW
    availability: int = LOW
    applies_to: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    placement: Territory = ANYWHERE
    transit: Territory = ANYWHERE
    operators: Territory = ANYWHERE
    key_holders: Territory = ANYWHERE
    accreditations: frozenset[frozenset[str]] = frozenset()
    suite: int = STD
    obligations: frozenset[str] = frozenset()
    encryption_effect: EncryptionEffect = EncryptionEffect()
    attests: frozenset[str] = frozenset()
    basis: Basis
    certainty: Certainty
    citation: str
    review_required: bool = False
    note: str = ""
    grounds: Mapping[str, Ground] = field(default_factory=dict[str, Ground], hash=False)

    def ground(self, axis: str) -> Ground:
        """Return on what the constraint of one of `AXES` stands; of another axis, the record's."""
        return self.grounds.get(axis) or Ground(self.basis, self.certainty, self.citation)

    @property
    def binds(self) -> bool:
        """Whether the record can have an effect on a label at all."""
        return self.kind == "data" and self.status == "in-force"

    @cached_property
    def effect(self) -> Label:
        """What falling under this regime does to a label."""
        return Label(
            level=self.level,
            integrity=self.integrity,
            availability=self.availability,
            categories=self.categories,
            regimes=frozenset({self.id}),
            obligations=self.obligations,
            placement=self.placement,
            transit=self.transit,
            operators=self.operators,
            key_holders=self.key_holders,
            accreditations=self.accreditations,
            suite=self.suite,
        )
