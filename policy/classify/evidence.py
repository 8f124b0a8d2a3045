"""What was found, where, and how surely: everything but the thing itself.

A raw value never enters an `Evidence`. A mask keeps at most the last two characters, and none
of a short value; its shape does not tell the length.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policy.canonical import JSON

THRESHOLD: Final = 0.7
"""Confidence from which a finding decides; below it, it only holds."""

_KEPT: Final = 2
_LONG: Final = 8


def mask(value: str) -> str:
    """Return five dots and, of a value of 8 characters or more, its last two."""
    return "•••••" + (value[-_KEPT:] if len(value) >= _LONG else "")


def confidence(*log_odds: float) -> float:
    """Return the probability, to 3 places, that independent `log_odds` add up to."""
    return round(1 / (1 + math.exp(-sum(log_odds))), 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One finding: `kind` by `rule`, in a column (`count` cells) or at characters `start:end`.

    `validity` is valid over well-formed values; `distance` is characters to the keyword. `block`
    is the byte at which a sampled block begins, when start and end count from there. `member`
    names the file in an archive.
    """

    rule: str
    kind: str
    confidence: float
    column: str | None = None
    start: int | None = None
    end: int | None = None
    block: int | None = None
    count: int = 1
    validity: float | None = None
    masked: str | None = None
    distance: int | None = None
    member: str | None = None

    @property
    def order(self) -> tuple[str, str, int, int, int, str, str]:
        """Where it stands in a report: by file, column, place, kind and rule."""
        place = (self.block or 0, self.start or 0, self.end or 0)
        return (self.member or "", self.column or "", *place, self.kind, self.rule)

    def to_json(self) -> dict[str, JSON]:
        """Return the fields that apply, `kind` under its contract name `type`."""
        fields: dict[str, JSON] = {
            "rule": self.rule, "type": self.kind, "confidence": self.confidence,
            "member": self.member,
            "column": self.column, "start": self.start, "end": self.end, "block": self.block,
            "count": self.count, "validity": self.validity, "masked": self.masked,
            "keyword_distance": self.distance,
        }  # fmt: skip
        return {name: value for name, value in fields.items() if value is not None}


def ordered(findings: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return `findings` in report order, the same for the same findings."""
    return tuple(sorted(findings, key=lambda finding: finding.order))
