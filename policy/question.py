"""What is asked of policy: who wants to do what with which dataset, from where to where.

Every string passes `terms.term`, so that no engine sees text on which engines differ. The subjects
(sites, spans, clusters) are not part of the question: `policy.judge` adds what rules read of them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from policy.canonical import JSON, canonical, digest
from policy.constraints import EMPTY, Constraints, constraints_from
from policy.documents import decoded, integer, number, objects, optional, strings, sub, text, truth
from policy.errors import TermError
from policy.label import Label, Level
from policy.terms import term

LONGEST_CHAIN: Final = 8


class Kind(StrEnum):
    """What the answer will be used for."""

    PLACEMENT = "placement"
    PATH = "path"
    PASSAGE = "passage"
    RELEASE = "release"


class PrincipalKind(StrEnum):
    """What sort of party asks."""

    PERSON = "person"
    AGENT = "agent"
    SERVICE = "service"
    SITE = "site"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """What policy may know of a dataset beside its label; `content` is a digest."""

    id: str
    tenant: str
    content: str | None
    purposes: frozenset[str]
    provisional: bool

    def __post_init__(self) -> None:
        """Check every string."""
        _terms(self.id, self.tenant, self.content, *self.purposes)

    def to_json(self) -> dict[str, JSON]:
        """Return every field."""
        return {
            "id": self.id,
            "tenant": self.tenant,
            "content": self.content,
            "purposes": sorted(self.purposes),
            "provisional": self.provisional,
        }

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
        )


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `now` in unix seconds, `source` and `destination` are site ids."""

    kind: Kind
    now: int
    label: Label
    principal: Principal | None = None
    dataset: DatasetFacts | None = None
    purpose: str | None = None
    source: str | None = None
    destination: str | None = None
    constraints: Constraints = field(default=EMPTY)
    path: PathFacts | None = None

    def __post_init__(self) -> None:
        """Check every string."""
        _terms(self.purpose, self.source, self.destination)

    def to_json(self) -> dict[str, JSON]:
        """Return every field; absent parts are null."""
        return {
            "kind": self.kind.value,
            "now": self.now,
            "label": self.label.to_json(),
            "principal": None if self.principal is None else self.principal.to_json(),
            "dataset": None if self.dataset is None else self.dataset.to_json(),
            "purpose": self.purpose,
            "source": self.source,
            "destination": self.destination,
            "constraints": self.constraints.to_json(),
            "path": None if self.path is None else self.path.to_json(),
        }

    @classmethod
    def from_json(cls, document: JSON) -> "Question":
        """Read what `to_json` gives; raises TermError, LabelError or ConstraintError."""
        parts = objects(document)
        if (kind := text(parts, "kind")) not in set(Kind):
            raise TermError("a question asks for placement, path, passage or release")
        return cls(
            kind=Kind(kind),
            now=integer(parts, "now"),
            label=Label.from_json(objects(parts.get("label"))),
            principal=sub(parts, "principal", Principal.from_json),
            dataset=sub(parts, "dataset", DatasetFacts.from_json),
            purpose=optional(parts, "purpose", text),
            source=optional(parts, "source", text),
            destination=optional(parts, "destination", text),
            constraints=constraints_from(parts.get("constraints", {})),
            path=sub(parts, "path", PathFacts.from_json),
        )

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that `digest` names and a replay reads."""
        return canonical({"v": 1, **self.to_json()})

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Question":
        """Read what `to_bytes` gives; raises TermError, LabelError or ConstraintError."""
        try:
            return cls.from_json(decoded(raw))
        except RecursionError as error:
            raise TermError("nested too deeply") from error

    @property
    def digest(self) -> str:
        """The digest of `to_bytes`."""
        return digest(self.to_bytes())


def _terms(*texts: str | None) -> None:
    for text_ in texts:
        if text_ is not None:
            term(text_)
