"""What policy answers: a permit, or a refusal that says why and what would help.

Values only. `Permit` is a key, not a flag: releasing anything needs one, and `policy.decide` is
the one module that constructs it. Sentences are rendered elsewhere from the codes and arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.canonical import JSON
from policy.question import PathFacts


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against: which rule, about whom, on what basis and how surely.

    `subject` is the id of a span, site or cluster; None for the request, the path or the engine.
    """

    code: str
    rule: str
    subject: str | None = None
    args: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    basis: str = "policy"
    citation: str = ""
    certainty: str = "P"
    waivable: bool = False

    def to_json(self) -> dict[str, JSON]:
        """Return every field under its own name."""
        return {
            "code": self.code,
            "rule": self.rule,
            "subject": self.subject,
            "args": dict(self.args),
            "basis": self.basis,
            "citation": self.citation,
            "certainty": self.certainty,
            "waivable": self.waivable,
        }


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that would take a reason away."""

    code: str
    args: Mapping[str, JSON] = field(default_factory=dict[str, JSON])

    def to_json(self) -> dict[str, JSON]:
        """Return the code and its arguments."""
        return {"code": self.code, "args": dict(self.args)}


@dataclass(frozen=True, slots=True)
class Obligation:
    """What whoever uses the permit must do."""

    code: str
    args: Mapping[str, JSON] = field(default_factory=dict[str, JSON])

    def to_json(self) -> dict[str, JSON]:
        """Return the code and its arguments."""
        return {"code": self.code, "args": dict(self.args)}


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to send one dataset along one path, until `expires` (unix seconds).

    Only `policy.decide` constructs it.
    """

    question_digest: str
    revision: str
    epoch: str
    engine: str
    label_digest: str
    dataset: str | None
    content: str | None
    source: str
    destination: str
    path: PathFacts
    obligations: tuple[Obligation, ...]
    issued: int
    expires: int

    def to_json(self) -> dict[str, JSON]:
        """Return every field, the path and the obligations as JSON."""
        return {
            "verdict": "permit",
            "question": self.question_digest,
            "revision": self.revision,
            "epoch": self.epoch,
            "engine": self.engine,
            "label": self.label_digest,
            "dataset": self.dataset,
            "content": self.content,
            "source": self.source,
            "destination": self.destination,
            "path": self.path.to_json(),
            "obligations": [item.to_json() for item in self.obligations],
            "issued": self.issued,
            "expires": self.expires,
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no, with at least one reason.

    Raises:
        ValueError: built without a reason.
    """

    reasons: tuple[Reason, ...]
    remedies: tuple[Remedy, ...] = ()

    def __post_init__(self) -> None:
        """Refuse to exist without a reason."""
        if not self.reasons:
            raise ValueError("a refusal must name at least one reason")

    def to_json(self) -> dict[str, JSON]:
        """Return the reasons and the remedies."""
        return {
            "verdict": "refuse",
            "reasons": [reason.to_json() for reason in self.reasons],
            "remedies": [remedy.to_json() for remedy in self.remedies],
        }
