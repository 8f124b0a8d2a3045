"""Decision vectors, and questions drawn at random, on which engines must agree.

A vector is one JSON file: what is expected first, then the question and its subjects. A drawn case
follows from its seed and number alone.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.decide import decide
from policy.decision import Refusal
from policy.documents import decoded, objects, text
from policy.judge import Judgement
from policy.question import Question
from policy.subjects import Attributes
from policy.verdicts import Verdicts

_Item = TypeVar("_Item")
_TAMENESS: Final = 16


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its subjects, and what is expected of it if that is known."""

    name: str
    question: Question
    spans: Mapping[str, Attributes]
    sites: Mapping[str, Attributes]
    clusters: Mapping[str, Attributes]
    expect: Mapping[str, JSON] | None = None

    @classmethod
    def from_bytes(cls, name: str, raw: bytes) -> "Case":
        """Read one vector; raises TermError, LabelError or ConstraintError."""
        document = objects(decoded(raw))
        text(document, "about")
        return cls(
            name=name,
            question=Question.from_json(document.get("question")),
            spans=_subjects(document, "spans"),
            sites=_subjects(document, "sites"),
            clusters=_subjects(document, "clusters"),
            expect=objects(document.get("expect")),
        )


def verdicts(judgement: Judgement) -> dict[str, JSON]:
    """Return what a vector expects: every verdict as a word, and the codes against."""
    return {
        "request": sorted(reason.code for reason in judgement.request),
        "path": sorted(reason.code for reason in judgement.path),
        "spans": _words(judgement.spans),
        "sites": _words(judgement.sites),
        "clusters": _words(judgement.clusters),
    }


def outcome(case: Case, judgement: Judgement, bundle: Bundle) -> dict[str, JSON]:
    """Return everything that two engines must agree on, the reasons and their order included."""
    decision = decide(case.question, judgement, bundle=bundle, engine="any", epoch="any")
    against = decision.reasons if isinstance(decision, Refusal) else ()
    return {
        **verdicts(judgement),
        "decision": "refuse" if isinstance(decision, Refusal) else "permit",
        "codes": sorted({reason.code for reason in against}),
        "reasons": [
            reason.to_json()
            for found in (judgement.spans, judgement.sites, judgement.clusters)
            for place in range(len(found.subjects))
            for reason in found.reasons(place)
        ]
        + [reason.to_json() for reason in (*judgement.request, *judgement.path)],
        "obligations": [obligation.code for obligation in judgement.obligations],
    }


def differences(expect: Mapping[str, JSON], found: Mapping[str, JSON]) -> list[str]:
    """Return the parts of `expect` that `found` does not hold alike."""
    return sorted(part for part, value in expect.items() if found.get(part) != value)


class Draw:
    """Choices that follow from a seed alone, the same on every machine and version."""

    def __init__(self, seed: int, number: int) -> None:
        """Start the stream of case `number`."""
        self._bytes = _stream(f"{seed}/{number}".encode())
        # Wholly random questions are nearly all refused; half of them are tame, to be permitted.
        self._tame = number % 2 == 1

    def below(self, most: int) -> int:
        """Return a number from 0 to `most` - 1; `most` is small."""
        return (next(self._bytes) << 8 | next(self._bytes)) % most

    def one(self, items: Sequence[_Item]) -> _Item:
        """Return one of the items; the first nearly always when the case is tame."""
        if self._tame and self.below(_TAMENESS):
            return items[0]
        return items[self.below(len(items))]

    def some(self, items: Sequence[_Item]) -> list[_Item]:
        """Return each of the items or not."""
        return [item for item in items if self.below(2)]

    def chance(self, one_in: int) -> bool:
        """Say yes one time in `one_in`, more rarely when the case is tame."""
        return self.below(one_in * (_TAMENESS if self._tame else 1)) == 0


def _stream(key: bytes) -> Iterator[int]:
    block = hashlib.sha256(key).digest()
    while True:
        yield from block
        block = hashlib.sha256(key + block).digest()


def _words(verdicts: Verdicts) -> dict[str, JSON]:
    return {
        subject: {name: verdict.word for name, verdict in sorted(verdicts.of(place).items())}
        for place, subject in enumerate(verdicts.subjects)
    }


def _subjects(document: Mapping[str, JSON], part: str) -> dict[str, Attributes]:
    found = objects(document.get(part))
    return {subject: objects(found[subject]) for subject in found}
