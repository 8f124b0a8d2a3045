"""What the best path is best in, and which sites it must pass or must not.

Mandatory sites may make a path turn back on itself. A search that does not mind is tried first,
as it is quick; where its answer passes a site twice, one that does mind is asked, which is exact
and gives up within its allowance, never silently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from policy.constraints import Limits
from routing.kbest import compliant_ways
from routing.labels import LabelSearch, Least
from routing.topology import Masked
from routing.used import Label


class Objective(StrEnum):
    """What is made least; of equals the shortest path in km wins, then the one of fewest spans."""

    KM = "km"
    MS = "ms"
    HOPS = "hops"
    OPERATORS = "operators"


@dataclass(frozen=True, slots=True)
class Aim:
    """The objective, the sites to pass `via` in any order, and the sites to `avoid`.

    Where operators are counted, spans that record none are out.
    """

    objective: Objective = Objective.KM
    via: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether the shortest path of all will do."""
        return self.objective is Objective.KM and not self.via


@dataclass(frozen=True, slots=True)
class Aimed:
    """Ways to any of `targets` within `limits`, by all the sites `via`."""

    masked: Masked
    limits: Limits
    targets: Sequence[int]
    objective: Objective
    via: Sequence[int]

    def ways(self, source: int, k: int) -> list[Label]:
        """Return the `k` best ways from `source`, fewer if there are.

        Raises:
            UnsettledError: the allowance of labels ran out.
        """
        if k == 1:
            search = self._search(simple=False)
            label = search.run(search.start(source))
            if label is None or not _turns(self.masked, source, label):
                return [] if label is None else [label]
        search = self._search(simple=bool(self.via))
        return list(islice(compliant_ways(search, source), k))

    def _search(self, *, simple: bool) -> LabelSearch:
        return LabelSearch(
            self.masked,
            self.limits,
            self.targets,
            least=Least(self.objective.value),
            via=self.via,
            ranked=True,
            simple=simple,
        )


def _turns(masked: Masked, source: int, label: Label) -> bool:
    """Return whether a way passes a site twice."""
    index, spans = masked.topology.site_index, masked.topology.network.spans
    sites = [source]
    for place in label.way:
        ends = {index[spans[place].source], index[spans[place].target]}
        sites.append((ends - {sites[-1]}).pop())
    return len(set(sites)) < len(sites)
