"""What every foreign format is read into before it becomes a network document."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from policy.canonical import JSON


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import made of a file: keys understood, keys not known (with counts), things dropped.

    Nothing is lost without a line here.
    """

    format: str
    understood: tuple[str, ...]
    unknown: tuple[tuple[str, int], ...]
    dropped: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the report as `network import` prints it."""
        return {
            "format": self.format,
            "understood": list(self.understood),
            "unknown": dict(self.unknown),
            "dropped": list(self.dropped),
        }


@dataclass(frozen=True, slots=True)
class LooseGraph:
    """Nodes (with `id`) and links (with `source`, `target`), every other key as it was found."""

    name: str
    directed: bool
    nodes: list[dict[str, Any]]
    links: list[dict[str, Any]]
    epoch: Any = 0


@dataclass(slots=True)
class Notes:
    """A report in the making."""

    understood: set[str] = field(default_factory=set[str])
    unknown: Counter[str] = field(default_factory=Counter[str])
    dropped: list[str] = field(default_factory=list[str])

    def report(self, name: str) -> ImportReport:
        """Return what was noted, sorted."""
        return ImportReport(
            name,
            tuple(sorted(self.understood)),
            tuple(sorted(self.unknown.items())),
            tuple(self.dropped),
        )
