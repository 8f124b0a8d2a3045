"""Verdicts folded into bit sets: which rules each span, site and destination fails, and how.

A *violated* rule said no; an *unknown* one had nothing to read. Neither passes; they are told
apart because the remedies differ. What the limits must count and the network does not record is
unknown too, under the limit's name, and waiving cannot help there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from policy.constraints import Limits
from policy.verdicts import Verdict, Verdicts
from routing.segments import opaque
from routing.topology import Bools, Masked, Topology

UNJUDGED: Final = "unjudged"
OPERATORS: Final = "max_operators"
_NONE: Final = -1
_LARGEST: Final = 1 << 63
DECRYPTION_POINTS: Final = "max_decryption_points"


@dataclass(slots=True)
class Failing:
    """Per subject of one kind, the violated and the unknown rules as bit sets."""

    violated: list[int]
    unknown: list[int]

    @classmethod
    def none(cls, size: int) -> "Failing":
        """Return `size` subjects that fail nothing."""
        return cls([0] * size, [0] * size)

    def all(self, place: int) -> int:
        """Return every rule that the subject fails."""
        return self.violated[place] | self.unknown[place]

    def free_of(self, rules: int) -> Bools:
        """Return which subjects fail none of `rules`."""
        pairs = zip(self.violated, self.unknown, strict=True)
        return np.array([not (no | unknown) & rules for no, unknown in pairs], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Barriers:
    """What stands in the way on one topology; bits are places in `rules`."""

    topology: Topology
    rules: tuple[str, ...]
    waivable: int
    spans: Failing
    sites: Failing
    destinations: Failing

    @property
    def everything(self) -> int:
        """All rules as a bit set."""
        return (1 << len(self.rules)) - 1

    def masked(self, waived: int = 0) -> Masked:
        """Return the topology with only what fails no rule but the `waived` ones."""
        rules = self.everything & ~waived
        return self.topology.cut(self.spans.free_of(rules), self.sites.free_of(rules))

    def arrivable(self, targets: Iterable[int], waived: int = 0) -> list[int]:
        """Return the targets that fail no rule but the `waived` ones, as site and destination."""
        rules = self.everything & ~waived
        failing = (self.sites, self.destinations)
        return [t for t in targets if not any(found.all(t) & rules for found in failing)]

    def names(self, rules: int) -> list[str]:
        """Return the names of a bit set of rules, sorted."""
        return sorted(name for bit, name in enumerate(self.rules) if rules >> bit & 1)


class _Rules:
    """Rule names in the order of their bits; one name for several rules waives only with all."""

    def __init__(self) -> None:
        self.waivable: dict[str, bool] = {}
        self._bits: dict[str, int] = {}

    def bit(self, name: str, *, waivable: bool) -> int:
        self.waivable[name] = waivable and self.waivable.get(name, True)
        return self._bits.setdefault(name, 1 << len(self._bits))

    @property
    def waivable_bits(self) -> int:
        return sum(bit for name, bit in self._bits.items() if self.waivable[name])


def barriers(
    topology: Topology, spans: Verdicts, sites: Verdicts, clusters: Verdicts | None, limits: Limits
) -> Barriers:
    """Fold the verdicts; what was not judged at all fails the rule UNJUDGED.

    `clusters` judges destinations; None if no rule is asked about them.
    """
    rules = _Rules()
    network = topology.network
    found_spans = _fold(rules, spans, [span.id for span in network.spans])
    places = [site.id for site in network.sites]
    found_sites = _fold(rules, sites, places)
    ends = Failing.none(len(places)) if clusters is None else _fold(rules, clusters, places)
    for place, span in enumerate(network.spans):
        if limits.operators is not None and span.operator is None:
            found_spans.unknown[place] |= rules.bit(OPERATORS, waivable=False)
        if limits.decryption_points is not None and opaque(span):
            found_spans.unknown[place] |= rules.bit(DECRYPTION_POINTS, waivable=False)
    return Barriers(
        topology, tuple(rules.waivable), rules.waivable_bits, found_spans, found_sites, ends
    )


def _fold(rules: _Rules, verdicts: Verdicts, ids: Sequence[str]) -> Failing:
    place = {name: place for place, name in enumerate(ids)}
    columns = np.array([place.get(subject, _NONE) for subject in verdicts.subjects], dtype=np.intp)
    bits = [rules.bit(rule.name, waivable=rule.waivable) for rule in verdicts.rules]
    # Bare numbers while they fit, Python's own beyond: no count of rules is too large.
    kind: Any = np.uint64 if max(bits, default=0) < _LARGEST else np.object_
    violated: Any = np.zeros(len(ids), dtype=kind)
    unknown: Any = np.zeros(len(ids), dtype=kind)
    for row, bit in enumerate(bits):
        failed = (verdicts.status[row] != Verdict.YES) & (columns != _NONE)
        no = verdicts.status[row] == Verdict.NO
        violated[columns[failed & no]] |= kind(bit)
        unknown[columns[failed & ~no]] |= kind(bit)
    found = Failing(violated.tolist(), unknown.tolist())
    judged = set(verdicts.subjects) if verdicts.rules else set[str]()
    for subject, name in enumerate(ids):
        if name not in judged:
            found.unknown[subject] |= rules.bit(UNJUDGED, waivable=False)
    return found
