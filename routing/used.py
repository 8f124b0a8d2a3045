"""What a way has used up on its way to a site, and when one way is no worse than another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from heapq import heappop, heappush
from typing import NamedTuple

from routing.topology import UNRECORDED


class Least(StrEnum):
    """What is made least first; km and then the number of spans come after it."""

    KM = "km"
    MS = "ms"
    HOPS = "hops"
    OPERATORS = "operators"
    DECRYPTION_POINTS = "decryption_points"
    RULES = "rules"


class Label(NamedTuple):
    """A way to `site`; `operators` and `rules` are bit sets, `span` and `before` lead back.

    `via` are the mandatory sites passed, `visited` all sites where circles must be told.
    """

    site: int
    segment: int
    rules: int = 0
    operators: int = 0
    km: float = 0.0
    ms: float = 0.0
    hops: int = 0
    decryption_points: int = 0
    span: int = UNRECORDED
    before: "Label | None" = None
    via: int = 0
    visited: int = 0

    @property
    def way(self) -> tuple[int, ...]:
        """The spans from the source on."""
        spans: list[int] = []
        here: Label = self
        while here.before is not None:
            spans.append(here.span)
            here = here.before
        return tuple(reversed(spans))

    def amount(self, least: Least) -> float:
        """Return how much of one respect is used up."""
        value: float = getattr(self, least.value)
        return int(value).bit_count() if least in {Least.OPERATORS, Least.RULES} else value


@dataclass(frozen=True, slots=True)
class Burdens:
    """The rules, as bit sets, that each span, site and target fails; empty: none does."""

    spans: Sequence[int] = ()
    sites: Sequence[int] = ()
    targets: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(slots=True)
class Front:
    """Labels waiting to go on, least first; only those that no other one dominates."""

    dominates: Callable[[Label, Label], bool]
    heap: list[tuple[tuple[float, float, int], int, Label]] = field(
        default_factory=list[tuple[tuple[float, float, int], int, Label]]
    )
    kept: dict[tuple[int, int], list[Label]] = field(
        default_factory=dict[tuple[int, int], list[Label]]
    )

    def add(self, label: Label, rank: tuple[float, float, int], turn: int) -> None:
        """Add a label unless one at its site and in its segment dominates it."""
        rivals = self.kept.setdefault((label.site, label.segment), [])
        for rival in rivals:
            if self.dominates(rival, label):
                return
        if rivals:
            rivals[:] = [rival for rival in rivals if not self.dominates(label, rival)]
        rivals.append(label)
        heappush(self.heap, (rank, turn, label))

    def pop(self) -> Label | None:
        """Return the least label that is still undominated, None when there are no more."""
        while self.heap:
            label = heappop(self.heap)[-1]
            if any(rival is label for rival in self.kept[label.site, label.segment]):
                return label
        return None
