"""Standing paths checked again, all of them at once, whenever the network or the policy changes.

Every subject has a bit set of the rules that it fails; a path fails what any of its spans and
sites fails. All is recomputed each time: a full check of a million paths takes tens of
milliseconds, and cannot go stale as clever bookkeeping can.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from policy.canonical import JSON
from routing.barriers import Failing
from routing.diff import Change, Difference
from routing.topology import Bools, Ints, Topology

Bits = NDArray[np.uint64]
MOST_RULES: Final = 63
# The bit of a span that is gone or leads elsewhere; never a rule's, so that no label waives it.
GONE: Final = np.uint64(1 << MOST_RULES)
_LOST: Final = -1


@dataclass(frozen=True, slots=True)
class Baseline:
    """A permitted path as it was recorded: sites and spans in order, by id."""

    sites: tuple[str, ...]
    spans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """A span or site (`kind`) of a path that stands in the way now, and the rules it fails.

    Without rules it is gone, or leads elsewhere.
    """

    kind: str
    id: str
    rules: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this cause."""
        return {"kind": self.kind, "id": self.id, "rules": list(self.rules)}

    def change(self, changes: Difference) -> Change | None:
        """Return what changed about the subject; None: not the network did, but the policy."""
        same = (c for c in changes.changes if (c.kind, c.id) == (self.kind, self.id))
        return next(same, None)


def bits_of(failing: Failing) -> Bits:
    """Return each subject's failed rules as one number.

    Raises:
        ValueError: more than MOST_RULES rules.
    """
    rules = [
        violated | unknown
        for violated, unknown in zip(failing.violated, failing.unknown, strict=True)
    ]
    if any(found >> MOST_RULES for found in rules):
        raise ValueError(f"at most {MOST_RULES} rules can be checked at once")
    return np.array(rules, dtype=np.uint64)


class Standing:
    """Baselines laid over one topology; sites have places after all spans."""

    def __init__(self, topology: Topology, baselines: Sequence[Baseline]) -> None:
        """Find every subject's place: O(length of all paths), once per epoch."""
        self._topology = topology
        self._baselines = baselines
        self._size = len(topology.network.spans)
        spans = [topology.span_index.get(s, _LOST) for b in baselines for s in b.spans]
        sites = [topology.site_index.get(s, _LOST) for b in baselines for s in b.sites]
        hops = np.array([len(baseline.spans) for baseline in baselines], dtype=np.intp)
        self._lay(np.array(spans, dtype=np.intp), np.array(sites, dtype=np.intp), hops)

    def _lay(self, spans: Ints, sites: Ints, hops: Ints) -> None:
        """Put each path's spans before its sites in one flat array; find what is gone."""
        self.starts: Ints = np.cumsum(2 * hops + 1) - (2 * hops + 1)
        owner = np.repeat(np.arange(len(hops)), hops)
        at_span = np.arange(len(spans)) + (np.cumsum(hops + 1) - (hops + 1))[owner]
        owner_site = np.repeat(np.arange(len(hops)), hops + 1)
        at_site = np.arange(len(sites)) + np.cumsum(hops)[owner_site]
        self.flat: Ints = np.zeros(len(spans) + len(sites), dtype=np.intp)
        self.flat[at_span] = spans
        self.flat[at_site] = sites + self._size
        first = np.arange(len(spans)) + owner
        self.gone: Bools = np.zeros(len(self.flat), dtype=np.bool_)
        self.gone[at_site] = sites == _LOST
        self.gone[at_span] = ~self._leads(spans, sites[first], sites[first + 1])
        self.flat[self.gone] = self._size + len(self._topology.network.sites)

    def _leads(self, spans: Ints, tails: Ints, heads: Ints) -> Bools:
        """Return which spans still lead from tail to head."""
        network, index = self._topology.network, self._topology.site_index
        found: Bools = spans != _LOST
        if not self._size:
            return found
        ends = [(index[span.source], index[span.target]) for span in network.spans]
        both: Ints = np.array(ends, dtype=np.intp)[spans]
        two_way: Bools = np.array([not span.directed for span in network.spans])[spans]
        onward: Bools = (both[:, 0] == tails) & (both[:, 1] == heads)
        back: Bools = (both[:, 0] == heads) & (both[:, 1] == tails) & two_way
        return found & (onward | back)

    def recheck(self, spans: Bits, sites: Bits, asked: Bits | None = None) -> Bits:
        """Return per path the rules that it fails now; 0 stands, GONE is among them.

        `asked` are the rules that each path's label requires, all where it is None.
        """
        if not len(self.starts):
            return np.zeros(0, dtype=np.uint64)
        # The last entry is what a subject reads that is gone.
        of = np.concatenate([spans, sites, np.array([GONE], dtype=np.uint64)])
        failed: Bits = np.bitwise_or.reduceat(of[self.flat], self.starts)
        return failed if asked is None else failed & (asked | GONE)

    def causes(
        self, path: int, spans: Failing, sites: Failing, rules: Sequence[str]
    ) -> tuple[Cause, ...]:
        """Return which subjects of the path at this place stand in the way, in its order."""
        baseline = self._baselines[path]
        start = int(self.starts[path])
        causes: list[Cause] = []
        named = [("span", name) for name in baseline.spans]
        named += [("site", name) for name in baseline.sites]
        for place, (kind, name) in enumerate(named, start=start):
            if self.gone[place]:
                causes.append(Cause(kind, name, ()))
                continue
            at = int(self.flat[place])
            failed = spans.all(at) if kind == "span" else sites.all(at - self._size)
            if failed:
                names = tuple(sorted(r for bit, r in enumerate(rules) if failed >> bit & 1))
                causes.append(Cause(kind, name, names))
        return tuple(causes)

    def passing(self, span: int) -> Ints:
        """Return the places of the paths that pass the span at this place."""
        order, paths = self._by_subject
        low, high = np.searchsorted(order, [span, span + 1])
        return np.unique(paths[low:high])

    @cached_property
    def _by_subject(self) -> tuple[Ints, Ints]:
        sizes = np.diff(np.append(self.starts, len(self.flat)))
        paths = np.repeat(np.arange(len(self.starts)), sizes)
        order = np.argsort(self.flat, kind="stable")
        return self.flat[order], paths[order]
