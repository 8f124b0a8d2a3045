"""Who asks, for which dataset, over which path: the parts of a question.

Every string passes `terms.term`. Each part keeps its canonical text, because parts are asked about
many times and written once.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from policy.canonical import JSON, canonical
from policy.documents import integer, number, objects, optional, strings, sub, text, truth
from policy.errors import TermError
from policy.label import Level
from policy.terms import term

LONGEST_CHAIN: Final = 8


class PrincipalKind(StrEnum):
    """What sort of party asks."""

    PERSON = "person"
    AGENT = "agent"
    SERVICE = "service"
    SITE = "site"


@dataclass(frozen=True)
class Principal:
    """Who asks, and for whom when it is an agent.

    Raises:
        TermError: an id, tenant or role that a question may not carry, or an unknown kind.
    """

    id: str
    kind: str
    tenant: str | None
    roles: frozenset[str] = frozenset()
    clearance: Level = Level.L0
    on_behalf_of: "Principal | None" = None

    def __post_init__(self) -> None:
        """Check every string, and that the chain ends."""
        if self.kind not in set(PrincipalKind):
            raise TermError("a principal is a person, an agent, a service or a site")
        if len(self.chain) > LONGEST_CHAIN:
            raise TermError(f"at most {LONGEST_CHAIN} principals act for one another")
        _terms(self.id, self.tenant, *self.roles)

    @property
    def chain(self) -> tuple["Principal", ...]:
        """This principal, whom it acts for, whom that one acts for, and so on."""
        above = () if self.on_behalf_of is None else self.on_behalf_of.chain
        return (self, *above)

    def to_json(self) -> dict[str, JSON]:
        """Return every field; `clearance` as in "L3"."""
        return {
            "id": self.id,
            "kind": str(self.kind),
            "tenant": self.tenant,
            "roles": sorted(self.roles),
            "clearance": str(self.clearance),
            "on_behalf_of": None if self.on_behalf_of is None else self.on_behalf_of.to_json(),
        }

    @cached_property
    def text(self) -> str:
        """The canonical text of `to_json`."""
        return canonical(self.to_json()).decode()

    @classmethod
    def from_json(cls, document: JSON) -> "Principal":
        """Read what `to_json` gives; raises TermError or LabelError."""
        parts = objects(document)
        return cls(
            id=text(parts, "id"),
            kind=text(parts, "kind"),
            tenant=optional(parts, "tenant", text),
            roles=frozenset(strings(parts, "roles")),
            clearance=Level.parse(text(parts, "clearance")),
            on_behalf_of=sub(parts, "on_behalf_of", cls.from_json),
        )


@dataclass(frozen=True)
class DatasetFacts:
    """What policy may know of a dataset beside its label; `content` is a digest.

    `secrecy_years` is for how long it must stay secret, `records` how many it holds, `labelled_by`
    the id of who declared its label; None is unrecorded.
    """

    id: str
    tenant: str
    content: str | None
    purposes: frozenset[str]
    provisional: bool
    secrecy_years: int | None = None
    records: int | None = None
    labelled_by: str | None = None

    def __post_init__(self) -> None:
        """Check every string, and that counts are counts."""
        _terms(self.id, self.tenant, self.content, self.labelled_by, *self.purposes)
        if min(self.secrecy_years or 0, self.records or 0) < 0:
            raise TermError("years and records are not negative")

    def to_json(self) -> dict[str, JSON]:
        """Return every field; those that came later only when they are recorded."""
        later: dict[str, JSON] = {
            "secrecy_years": self.secrecy_years,
            "records": self.records,
            "labelled_by": self.labelled_by,
        }
        return {
            "id": self.id,
            "tenant": self.tenant,
            "content": self.content,
            "purposes": sorted(self.purposes),
            "provisional": self.provisional,
            # Questions that were recorded before these fields keep their bytes and digest.
            **{name: value for name, value in later.items() if value is not None},
        }

    @cached_property
    def text(self) -> str:
        """The canonical text of `to_json`."""
        return canonical(self.to_json()).decode()

    @classmethod
    def from_json(cls, document: JSON) -> "DatasetFacts":
        """Read what `to_json` gives; raises TermError."""
        parts = objects(document)
        return cls(
            id=text(parts, "id"),
            tenant=text(parts, "tenant"),
            content=optional(parts, "content", text),
            purposes=frozenset(strings(parts, "purposes")),
            provisional=truth(parts, "provisional"),
            secrecy_years=optional(parts, "secrecy_years", integer),
            records=optional(parts, "records", integer),
            labelled_by=optional(parts, "labelled_by", text),
        )


@dataclass(frozen=True)
class PathFacts:
    """What policy may know of a whole path.

    `operators` holds the distinct span operators, None when some are unrecorded. `km` and `ms`
    are unrounded sums.
    """

    sites: tuple[str, ...]
    spans: tuple[str, ...]
    km: float
    ms: float
    operators: tuple[str, ...] | None
    decryption_points: int | None

    def __post_init__(self) -> None:
        """Check every string."""
        _terms(*self.sites, *self.spans, *(self.operators or ()))

    def to_json(self) -> dict[str, JSON]:
        """Return every field."""
        return {
            "sites": list(self.sites),
            "spans": list(self.spans),
            "km": self.km,
            "ms": self.ms,
            "operators": None if self.operators is None else list(self.operators),
            "decryption_points": self.decryption_points,
        }

    @cached_property
    def text(self) -> str:
        """The canonical text of `to_json`."""
        return canonical(self.to_json()).decode()

    @classmethod
    def from_json(cls, document: JSON) -> "PathFacts":
        """Read what `to_json` gives; raises TermError."""
        parts = objects(document)
        return cls(
            sites=strings(parts, "sites"),
            spans=strings(parts, "spans"),
            km=number(parts, "km"),
            ms=number(parts, "ms"),
            operators=optional(parts, "operators", strings),
            decryption_points=optional(parts, "decryption_points", integer),
        )


def _terms(*texts: str | None) -> None:
    for text_ in texts:
        if text_ is not None:
            term(text_)
