"""Two disjoint ways by mixed-integer programming (HiGHS): exact where enumeration gives up.

Each leg is a unit flow over the arcs. Legs share no span, no inner site or no risk group, as
asked, and each keeps the limits on km, ms, hops and operators. Decryption points are not
modelled: the caller checks the legs, and may take the result as a bound even if they fail it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from policy.constraints import Limits
from routing.disjoint import Way
from routing.topology import Floats, Ints, Masked

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

# Branch-and-bound nodes, not seconds: the same question gets the same answer on every machine.
MOST_NODES: Final = 200
MOST_ARCS: Final = 12_000
_OPTIMAL: Final = 0
_INFEASIBLE: Final = 2


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS found: two ways or None, and a proven lower bound of their total km.

    An infinite bound says that there is no such pair.
    """

    ways: tuple[Way, Way] | None
    bound_km: float


class _Rows:
    """Sparse rows `low <= A x <= high`, collected."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[float] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add(self, columns: Sequence[int], values: Sequence[float], low: float, high: float) -> None:
        self.row += [len(self.low)] * len(columns)
        self.column += columns
        self.value += values
        self.low.append(low)
        self.high.append(high)

    def at_most(self, columns: Sequence[int], most: float) -> None:
        self.add(columns, [1.0] * len(columns), -np.inf, most)

    def constraint(self, size: int) -> "LinearConstraint":
        from scipy.optimize import LinearConstraint  # noqa: PLC0415 (slow to import, seldom used)
        from scipy.sparse import coo_array, csr_array  # noqa: PLC0415

        shape = (len(self.low), size)
        matrix = csr_array(coo_array((self.value, (self.row, self.column)), shape=shape))
        return LinearConstraint(matrix, self.low, self.high)


class Programme:
    """The programme of one question: two legs from `source` to `target` on `masked`."""

    def __init__(self, masked: Masked, source: int, target: int, limits: Limits) -> None:
        """Lay out the arcs of both legs."""
        topology = masked.topology
        self._masked, self._source, self._target = masked, source, target
        self._tail: Ints = topology.tail[masked.arcs]
        self._head: Ints = topology.head[masked.arcs]
        self._span: Ints = topology.span_of[masked.arcs]
        self._arcs = len(masked.arcs)
        self._size = 2 * self._arcs
        self._rows = _Rows()
        self._flow()
        self._limit(limits)

    def spans_apart(self) -> None:
        """Forbid that both legs use one span, in either direction."""
        for span in np.unique(self._span).tolist():
            self._once(np.flatnonzero(self._span == span).tolist())

    def groups_apart(self, groups: Sequence[Sequence[int]]) -> None:
        """Forbid that both legs use spans of one risk group."""
        for group in groups:
            arcs = np.flatnonzero(np.isin(self._span, np.array(group, dtype=np.intp))).tolist()
            if arcs:
                self._rows.at_most([self._used(leg, arcs) for leg in range(2)], 1)

    def sites_apart(self) -> None:
        """Forbid that both legs pass one site between the ends."""
        for site in np.unique(self._head).tolist():
            if site != self._target:
                self._once(np.flatnonzero(self._head == site).tolist())

    def solve(self) -> Solved:
        """Ask HiGHS, within its allowance of nodes."""
        from scipy.optimize import Bounds, milp  # noqa: PLC0415 (slow to import, seldom used)

        km = self._masked.topology.km[self._span]
        cost = np.zeros(self._size)
        cost[: self._arcs] = km
        cost[self._arcs : 2 * self._arcs] = km
        found = milp(
            cost,
            integrality=np.ones(self._size, dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=self._rows.constraint(self._size),
            options={"node_limit": MOST_NODES, "mip_rel_gap": 0.0},
        )
        if found.status == _INFEASIBLE:
            return Solved(None, float("inf"))
        bound = found.fun if found.status == _OPTIMAL else found.mip_dual_bound
        ways = None if found.x is None else (self._way(found.x, 0), self._way(found.x, 1))
        return Solved(ways, -np.inf if bound is None else float(bound))

    def _once(self, arcs: list[int]) -> None:
        self._rows.at_most([*arcs, *(arc + self._arcs for arc in arcs)], 1)

    def _used(self, leg: int, arcs: list[int]) -> int:
        """Return a new variable that is 1 if the leg uses any of the arcs."""
        column, self._size = self._size, self._size + 1
        for arc in arcs:
            self._rows.add([arc + leg * self._arcs, column], [1.0, -1.0], -np.inf, 0)
        return column

    def _flow(self) -> None:
        for leg in range(2):
            for site in np.unique(np.concatenate([self._tail, self._head])).tolist():
                out = (np.flatnonzero(self._tail == site) + leg * self._arcs).tolist()
                into = (np.flatnonzero(self._head == site) + leg * self._arcs).tolist()
                net = float((site == self._source) - (site == self._target))
                self._rows.add([*out, *into], [1.0] * len(out) + [-1.0] * len(into), net, net)

    def _limit(self, limits: Limits) -> None:
        topology = self._masked.topology
        hops = np.ones(self._arcs)
        each = (
            (limits.km, topology.km[self._span]),
            (limits.ms, topology.ms[self._span]),
            (limits.hops, hops),
        )
        for leg in range(2):
            columns = list(range(leg * self._arcs, (leg + 1) * self._arcs))
            for most, amount in each:
                if most is not None:
                    self._rows.add(columns, amount.tolist(), -np.inf, most)
            if limits.operators is not None:
                owner = np.array(topology.operator_of, dtype=np.intp)[self._span]
                owned = [np.flatnonzero(owner == name).tolist() for name in np.unique(owner)]
                self._rows.at_most([self._used(leg, arcs) for arcs in owned], limits.operators)

    def _way(self, x: Floats, leg: int) -> Way:
        """Follow the leg's flow; circles beside it cost nothing and are left aside."""
        chosen = np.flatnonzero(x[leg * self._arcs : (leg + 1) * self._arcs] > 0.5)  # noqa: PLR2004
        onward: dict[int, list[tuple[int, int]]] = {}
        for arc in chosen.tolist():
            onward.setdefault(int(self._tail[arc]), []).append(
                (int(self._head[arc]), int(self._span[arc]))
            )
        sites, spans = [self._source], list[int]()
        while sites[-1] != self._target:
            head, span = onward[sites[-1]].pop()
            if head in sites:
                keep = sites.index(head)
                del sites[keep + 1 :], spans[keep:]
            else:
                sites.append(head)
                spans.append(span)
        return tuple(spans)
