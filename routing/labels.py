"""Exact search where the path as a whole is limited: label setting with dominance.

A *label* is a way from the source to a site with everything it has used up. A label is dropped
only if another at the same site (and in the same crypto segment) is no worse in every respect
that still matters, so nothing compliant is ever missed. No respect gets better by going round in
a circle (`routing.segments` says why for decryption points), and among equal lengths fewer spans
come first: the first label to arrive is a simple path.
"""

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from policy.constraints import Limits
from routing.topology import UNRECORDED, Bools, Floats, Masked, Topology

MOST_LABELS: Final = 400_000
# Distances to the targets are added from the other end and may round differently: a hair less is
# still a lower bound, so that no label on the very limit is lost.
_SLACK: Final = 1 - 1e-12
_ARRIVED: Final = -1


class UnsettledError(Exception):
    """The search ran out of labels; never leaves this package, which then says *undetermined*."""


class Least(StrEnum):
    """What is made least first; km and then the number of spans come after it."""

    KM = "km"
    MS = "ms"
    HOPS = "hops"
    OPERATORS = "operators"
    DECRYPTION_POINTS = "decryption_points"
    RULES = "rules"


class Label(NamedTuple):
    """A way to `site`; `operators` and `rules` are bit sets, `span` and `before` lead back."""

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


def known(topology: Topology, limits: Limits) -> Bools:
    """Return the spans that record what `limits` count; an unrecorded one is out."""
    recorded = np.ones(len(topology.network.spans), dtype=np.bool_)
    if limits.operators is not None:
        recorded &= topology.operated
    if limits.decryption_points is not None:
        recorded &= ~topology.opaque
    return recorded


class LabelSearch:
    """Ways to any of `targets` on one masked topology within `limits`, least first.

    The allowance of labels is shared by all runs, so that an answer never depends on the clock.
    """

    def __init__(
        self,
        masked: Masked,
        limits: Limits,
        targets: Sequence[int],
        *,
        least: Least = Least.KM,
        burdens: Burdens | None = None,
        allowance: int = MOST_LABELS,
    ) -> None:
        """Price every site's way to the targets; `burdens` serves `Least.RULES`."""
        self.masked = masked
        self.limits = limits
        self.targets = frozenset(targets)
        self.least = least
        self.burdens = burdens or Burdens()
        self.allowance = allowance
        self._ahead = {Least.KM: self._lower_bounds(None)}
        if limits.ms is not None:
            self._ahead[Least.MS] = self._lower_bounds(masked.topology.ms)
        if limits.hops is not None:
            self._ahead[Least.HOPS] = self._lower_bounds(np.ones_like(masked.topology.km))
        matter = {least, *(name for name in Least if getattr(limits, name.value, None) is not None)}
        self._sets = matter & {Least.OPERATORS, Least.RULES}
        self._numbers = sorted(matter - self._sets)
        self._by_segment = Least.DECRYPTION_POINTS in matter
        self._by_operator = Least.OPERATORS in matter

    def start(self, source: int) -> Label:
        """Return the label of having gone nowhere."""
        return Label(
            source, UNRECORDED, rules=self.burdens.sites[source] if self.burdens.sites else 0
        )

    def run(
        self,
        start: Label,
        *,
        closed: Collection[int] = (),
        barred: Collection[int] = (),
        stop: bool = True,
    ) -> Label | None:
        """Return the least label that goes on from `start` to a target, None if there is none.

        The way on avoids the sites in `closed`; its first step is none of the spans in `barred`,
        and is to stop there and then only if `stop`.

        Raises:
            UnsettledError: the allowance of labels ran out.
        """
        heap: list[tuple[float, float, int, int, Label]] = []
        settled: dict[tuple[int, int], list[Label]] = {}
        self._push(heap, start)
        while heap:
            label = heapq.heappop(heap)[-1]
            if label.before is not None and label.site == _ARRIVED:
                return label.before._replace(rules=label.rules)
            rivals = settled.setdefault((label.site, label.segment), [])
            if any(self._dominates(rival, label) for rival in rivals):
                continue
            rivals.append(label)
            first = label is start
            if label.site in self.targets and (stop or not first):
                self._arrive(heap, label)
            for head, span in self.masked.topology.departures[label.site]:
                if head not in closed and not (first and span in barred):
                    self._extend(heap, label, head, span)
        return None

    def step(self, label: Label, head: int, span: int) -> Label:
        """Return `label` gone on over `span` to the site `head`."""
        topology, burdens = self.masked.topology, self.burdens
        rules = label.rules
        if burdens.sites:
            rules |= burdens.spans[span] | burdens.sites[head]
        segment = topology.segment_of[span] if self._by_segment else UNRECORDED
        decrypted = label.hops > 0 and (segment == UNRECORDED or segment != label.segment)
        return Label(
            head,
            segment,
            rules,
            label.operators | (1 << topology.operator_of[span] if self._by_operator else 0),
            label.km + topology.lengths[span],
            label.ms + topology.latencies[span],
            label.hops + 1,
            label.decryption_points + decrypted,
            span,
            label,
        )

    def _extend(
        self, heap: list[tuple[float, float, int, int, Label]], label: Label, head: int, span: int
    ) -> None:
        masked = self.masked
        if masked.spans[span] and masked.sites[head] and self._ahead[Least.KM][head] < np.inf:
            onward = self.step(label, head, span)
            if self._within(onward):
                self._push(heap, onward)

    def _arrive(self, heap: list[tuple[float, float, int, int, Label]], label: Label) -> None:
        rules = label.rules | self.burdens.targets.get(label.site, 0)
        self._push(heap, label._replace(site=_ARRIVED, rules=rules, before=label))

    def _push(self, heap: list[tuple[float, float, int, int, Label]], label: Label) -> None:
        self.allowance -= 1
        if self.allowance < 0:
            raise UnsettledError
        ahead = 0.0 if label.site == _ARRIVED else self._ahead[Least.KM][label.site]
        km = label.km + ahead
        first = km if self.least is Least.KM else label.amount(self.least)
        heapq.heappush(heap, (first, km, label.hops, -self.allowance, label))

    def _within(self, label: Label) -> bool:
        limits = self.limits
        return (
            (limits.km is None or label.km + self._ahead[Least.KM][label.site] <= limits.km)
            and (limits.ms is None or label.ms + self._ahead[Least.MS][label.site] <= limits.ms)
            and (
                limits.hops is None
                or label.hops + self._ahead[Least.HOPS][label.site] <= limits.hops
            )
            and (limits.operators is None or label.operators.bit_count() <= limits.operators)
            and (
                limits.decryption_points is None
                or label.decryption_points <= limits.decryption_points
            )
        )

    def _dominates(self, rival: Label, label: Label) -> bool:
        if Least.RULES in self._sets and rival.rules & ~label.rules:
            return False
        if Least.OPERATORS in self._sets and rival.operators & ~label.operators:
            return False
        return all(getattr(rival, name) <= getattr(label, name) for name in self._numbers)

    def _lower_bounds(self, weight: Floats | None) -> list[float]:
        bounds: list[float] = (
            self.masked.to_targets(sorted(self.targets), weight) * _SLACK
        ).tolist()
        return bounds
