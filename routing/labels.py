"""Exact search where the path as a whole is limited: label setting with dominance.

A *label* is a way from the source to a site with everything it has used up. A label is dropped
only if another at the same site (and in the same crypto segment) is no worse in every respect
that still matters, so nothing compliant is ever missed. No respect gets better by going round in
a circle (`routing.segments` says why for decryption points), and among equal lengths fewer spans
come first: the first label to arrive is a simple path.
"""

from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Final

import numpy as np

from policy.constraints import Limits
from routing.topology import UNRECORDED, Bools, Floats, Masked, Topology
from routing.used import Burdens, Front, Label, Least

__all__ = ["Burdens", "Label", "LabelSearch", "Least", "UnsettledError", "known"]

MOST_LABELS: Final = 400_000
# Distances to the targets are added from the other end and may round differently: a hair less is
# still a lower bound, so that no label on the very limit is lost.
_SLACK: Final = 1 - 1e-12
_ARRIVED: Final = -1
# What a label must be no worse in, taken together, to leave another behind. Sets and counts of
# rules and operators are compared by themselves.
_ORDERS: Final = {
    Least.KM: ("km", "hops"),
    Least.MS: ("ms", "km", "hops"),
    Least.HOPS: ("hops", "km"),
    Least.OPERATORS: ("km", "hops"),
    Least.DECRYPTION_POINTS: ("decryption_points", "km", "hops"),
    Least.RULES: ("km", "hops"),
}


class UnsettledError(Exception):
    """The search ran out of labels; never leaves this package, which then says *undetermined*."""


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
        allowance: int | None = None,
        via: Sequence[int] = (),
        ranked: bool = False,
        simple: bool = False,
    ) -> None:
        """Price every site's way to the targets; `burdens` serves `Least.RULES`.

        Every way passes the sites `via`, in any order. `ranked`: of equals in `least` the one of
        least km and then fewest spans wins. `simple`: no way passes a site twice; needed only
        with `via`, where going round in a circle can serve.
        """
        self.masked = masked
        self.limits = limits
        self.targets = frozenset(targets)
        self.least = least
        self.burdens = burdens or Burdens()
        self.allowance = MOST_LABELS if allowance is None else allowance
        self._via = {site: 1 << place for place, site in enumerate(sorted({*via}))}
        self._all = (1 << len(self._via)) - 1
        self._simple = simple
        self._order = ranked or least is Least.KM
        self._ordered = attrgetter(*_ORDERS[least])
        self._ahead = {Least.KM: self._lower_bounds(None)}
        if limits.ms is not None or (ranked and least is Least.MS):
            self._ahead[Least.MS] = self._lower_bounds(masked.topology.ms)
        if limits.hops is not None or (ranked and least is Least.HOPS):
            self._ahead[Least.HOPS] = self._lower_bounds(np.ones_like(masked.topology.km))
        matter = {least, *(name for name in Least if getattr(limits, name.value, None) is not None)}
        by_rank = {least} if self._order else set[Least]()
        self._numbers = sorted(matter - {Least.OPERATORS, Least.RULES} - by_rank)
        self._by_segment = Least.DECRYPTION_POINTS in matter
        self._by_operator = Least.OPERATORS in matter

    def start(self, source: int) -> Label:
        """Return the label of having gone nowhere."""
        return Label(
            source,
            UNRECORDED,
            rules=self.burdens.sites[source] if self.burdens.sites else 0,
            via=self._via.get(source, 0),
            visited=1 << source if self._simple else 0,
        )

    def rank(self, label: Label) -> tuple[float, ...]:
        """Return by what arrived ways are put in order, the best first."""
        return (label.amount(self.least), label.km, label.hops)

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
        front = Front(self._dominates)
        self._push(front, start)
        while (label := front.pop()) is not None:
            if label.before is not None and label.site == _ARRIVED:
                return label.before._replace(rules=label.rules)
            first = label is start
            if label.site in self.targets and (stop or not first) and label.via == self._all:
                self._arrive(front, label)
            for head, span in self.masked.topology.departures[label.site]:
                if head not in closed and not (first and span in barred):
                    self._extend(front, label, head, span)
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
            label.via | self._via.get(head, 0),
            label.visited | 1 << head if self._simple else 0,
        )

    def _extend(self, front: Front, label: Label, head: int, span: int) -> None:
        if not label.visited >> head & 1 and self._open(head, span):
            onward = self.step(label, head, span)
            if self._within(onward):
                self._push(front, onward)

    def _arrive(self, front: Front, label: Label) -> None:
        rules = label.rules | self.burdens.targets.get(label.site, 0)
        self._push(front, label._replace(site=_ARRIVED, rules=rules, before=label))

    def _push(self, front: Front, label: Label) -> None:
        self.allowance -= 1
        if self.allowance < 0:
            raise UnsettledError
        front.add(label, self._promise(label), -self.allowance)

    def _promise(self, label: Label) -> tuple[float, float, int]:
        """Return at most what any way that goes on from `label` ranks."""
        km = label.km + self._still(Least.KM, label)
        if self.least is Least.KM:
            return (km, km, label.hops)
        first = label.amount(self.least)
        return (first + self._still(self.least, label) if self._order else first, km, label.hops)

    def promise(
        self, start: Label, *, closed: Collection[int], barred: Collection[int], stop: bool
    ) -> tuple[float, float, int] | None:
        """Return at most what `run` with the same arguments ranks; None if it finds nothing."""
        best = self._promise(start._replace(site=_ARRIVED)) if stop else None
        best = best if start.site in self.targets and start.via == self._all else None
        for head, span in self.masked.topology.departures[start.site]:
            if head in closed or span in barred or not self._open(head, span):
                continue
            onward = self.step(start, head, span)
            if self._within(onward):
                found = self._promise(onward)
                best = found if best is None or found < best else best
        return best

    def _open(self, head: int, span: int) -> bool:
        masked = self.masked
        reaches = self._ahead[Least.KM][head] < np.inf
        return bool(masked.spans[span] and masked.sites[head] and reaches)

    def _still(self, least: Least, label: Label) -> float:
        """Return at least how much is still to come on the way to a target."""
        ahead = self._ahead.get(least)
        return 0.0 if ahead is None or label.site == _ARRIVED else ahead[label.site]

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
        if rival.rules & ~label.rules or rival.operators & ~label.operators:
            return False
        if label.via & ~rival.via or rival.visited & ~label.visited:
            return False
        # Of equal lengths the one with fewer spans is kept: it is the simple one.
        if self._order and self._ordered(rival) > self._ordered(label):
            return False
        return all(getattr(rival, name) <= getattr(label, name) for name in self._numbers)

    def _lower_bounds(self, weight: Floats | None) -> list[float]:
        bounds: list[float] = (
            self.masked.to_targets(sorted(self.targets), weight) * _SLACK
        ).tolist()
        return bounds
