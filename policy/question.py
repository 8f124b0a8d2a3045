"""What is asked of policy: who wants to do what with which dataset, from where to where.

Every string passes `terms.term`, so that no engine sees text on which engines differ. The subjects
(sites, spans, clusters) are not part of the question: `policy.judge` adds what rules read of them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from policy.canonical import JSON, digest
from policy.constraints import EMPTY, Constraints, constraints_from
from policy.documents import decoded, integer, objects, optional, sub, text
from policy.errors import TermError
from policy.facts import DatasetFacts, PathFacts, Principal
from policy.label import Label
from policy.terms import term

__all__ = ["DatasetFacts", "Kind", "PathFacts", "Principal", "Question"]


class Kind(StrEnum):
    """What the answer will be used for."""

    PLACEMENT = "placement"
    PATH = "path"
    PASSAGE = "passage"
    RELEASE = "release"


@dataclass(frozen=True)
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

    @cached_property
    def about(self) -> tuple[str, ...]:
        """Everything but the time, as texts: equal for questions that differ in `now` alone."""
        return (
            self.constraints.text,
            "null" if self.dataset is None else self.dataset.text,
            _quoted(self.destination),
            self.kind.value,
            self.label.text,
            "null" if self.path is None else self.path.text,
            "null" if self.principal is None else self.principal.text,
            _quoted(self.purpose),
            _quoted(self.source),
        )

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that `digest` names and a replay reads."""
        constraints, dataset, destination, kind, label, path, principal, purpose, source = (
            self.about
        )
        return (
            f'{{"constraints":{constraints},"dataset":{dataset},"destination":{destination},'
            f'"kind":"{kind}","label":{label},"now":{self.now},"path":{path},'
            f'"principal":{principal},"purpose":{purpose},"source":{source},"v":1}}'
        ).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Question":
        """Read what `to_bytes` gives; raises TermError, LabelError or ConstraintError."""
        try:
            return cls.from_json(decoded(raw))
        except RecursionError as error:
            raise TermError("nested too deeply") from error

    @cached_property
    def digest(self) -> str:
        """The digest of `to_bytes`."""
        return digest(self.to_bytes())


def _terms(*texts: str | None) -> None:
    for text_ in texts:
        if text_ is not None:
            term(text_)


def _quoted(text_: str | None) -> str:
    # A term holds nothing that JSON would escape.
    return "null" if text_ is None else f'"{text_}"'
