"""The label of a dataset: a point of a lattice that only joins upwards.

* join = the higher levels, the union of the sets, the meet of the territories;
* `BOTTOM` is the label of nothing, and joining with it changes nothing;
* a label never goes down here: declassification is a decision of two people, made elsewhere.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Final

from typing_extensions import override

from policy import label_document
from policy.canonical import JSON, canonical, digest
from policy.errors import LabelError
from policy.territory import ANYWHERE, Bound, Territory

LOW: Final = 1
HIGH: Final = 2
STD: Final = 0
GOV: Final = 1


class Level(IntEnum):
    """Confidentiality, compared as integers: L0 public to L5, which is refused."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4
    L5 = 5

    @override
    def __str__(self) -> str:
        return self.name

    @classmethod
    def parse(cls, text: object) -> "Level":
        """Return the level written as `L0` to `L5`.

        Raises:
            LabelError: anything else, numbers and lower case included.
        """
        if isinstance(text, str) and text in cls.__members__:
            return cls[text]
        raise LabelError("a level is written L0, L1, L2, L3, L4 or L5")


@dataclass(frozen=True, kw_only=True)
class Label:
    """How sensitive, what kind, under which regimes, and where it and its keys may be.

    `integrity` and `availability` are 1 or 2; `suite` is the crypto floor, 0 std or 1 gov; every
    inner set of `accreditations` is a demand met by any one of its members.
    """

    level: Level = Level.L0
    integrity: int = LOW
    availability: int = LOW
    categories: frozenset[str] = frozenset()
    regimes: frozenset[str] = frozenset()
    obligations: frozenset[str] = frozenset()
    placement: Territory = ANYWHERE
    transit: Territory = ANYWHERE
    operators: Territory = ANYWHERE
    key_holders: Territory = ANYWHERE
    accreditations: frozenset[frozenset[str]] = frozenset()
    suite: int = STD

    def __post_init__(self) -> None:
        """Refuse values outside the axes.

        Raises:
            LabelError: an axis out of range, or an accreditation demand that names none.
        """
        if not (LOW <= self.integrity <= HIGH and LOW <= self.availability <= HIGH):
            raise LabelError("integrity and availability are 1 or 2")
        if not STD <= self.suite <= GOV:
            raise LabelError("suite is 0 (std) or 1 (gov)")
        if not all(self.accreditations):
            raise LabelError("an accreditation demand names at least one accreditation")

    def join(self, other: "Label") -> "Label":
        """Return the least label that is at least as strict as both."""
        return Label(
            level=max(self.level, other.level),
            integrity=max(self.integrity, other.integrity),
            availability=max(self.availability, other.availability),
            categories=self.categories | other.categories,
            regimes=self.regimes | other.regimes,
            obligations=self.obligations | other.obligations,
            placement=self.placement.meet(other.placement),
            transit=self.transit.meet(other.transit),
            operators=self.operators.meet(other.operators),
            key_holders=self.key_holders.meet(other.key_holders),
            accreditations=self.accreditations | other.accreditations,
            suite=max(self.suite, other.suite),
        )

    def below(self, other: "Label") -> bool:
        """Say whether `other` is at least as strict on every axis."""
        return self.join(other) == other

    def to_json(self) -> dict[str, JSON]:
        """Return the document that `from_json` reads: sorted lists, level as `L3`."""
        demands: list[JSON] = [*sorted(sorted(demand) for demand in self.accreditations)]
        return {
            "level": str(self.level),
            "integrity": self.integrity,
            "availability": self.availability,
            "categories": sorted(self.categories),
            "regimes": sorted(self.regimes),
            "obligations": sorted(self.obligations),
            "placement": self.placement.to_json(),
            "transit": self.transit.to_json(),
            "operators": self.operators.to_json(),
            "key_holders": self.key_holders.to_json(),
            "accreditations": demands,
            "suite": self.suite,
        }

    @classmethod
    def from_json(cls, doc: JSON) -> "Label":
        """Read what `to_json` wrote, and nothing else.

        Raises:
            LabelError: any other document; the message names the place as a JSON pointer.
        """
        read = label_document.Reader(doc, {field.name for field in fields(cls)})
        return cls(
            level=Level.parse(read.raw("level")),
            integrity=read.number("integrity"),
            availability=read.number("availability"),
            categories=read.terms("categories"),
            regimes=read.terms("regimes"),
            obligations=read.terms("obligations"),
            placement=read.territory("placement"),
            transit=read.territory("transit"),
            operators=read.territory("operators"),
            key_holders=read.territory("key_holders"),
            accreditations=read.demands("accreditations"),
            suite=read.number("suite"),
        )

    @cached_property
    def text(self) -> str:
        """The canonical text of the document."""
        return canonical(self.to_json()).decode()

    @cached_property
    def digest(self) -> str:
        """The digest of the canonical document."""
        return digest(self.text.encode())


BOTTOM: Final = Label()

__all__ = ["ANYWHERE", "BOTTOM", "Bound", "Label", "Level", "Territory"]
