"""Why there is no protected pair though there is a path: what all compliant paths share."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from policy.canonical import JSON
from routing.protect import Protect
from routing.shortest import shortest
from routing.topology import Bools, Masked


@dataclass(frozen=True, slots=True)
class SinglePoint:
    """A span, a site or a risk group (`kind`) that every path passes, limits not considered."""

    kind: str
    id: str

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this point."""
        return {"kind": self.kind, "id": self.id}


def single_points(
    masked: Masked, source: int, targets: Sequence[int], protect: Protect
) -> tuple[SinglePoint, ...]:
    """Return the points that stand in the way of a pair; only those of one path are tried.

    None of them may be found: then pairs of points stand in the way, or a limit does. With
    `Protect.SRLG`, spans without recorded risk groups are barred in `masked` already.
    """
    way = shortest(masked, source, targets)
    if way is None:
        return ()
    return tuple(
        point
        for point, spans in _points(masked, source, way, protect)
        if shortest(masked.without(spans), source, targets) is None
    )


def _points(
    masked: Masked, source: int, way: Sequence[int], protect: Protect
) -> list[tuple[SinglePoint, Bools]]:
    topology = masked.topology
    spans = topology.network.spans
    points = [(SinglePoint("span", spans[s].id), _these(masked, [s])) for s in way]
    if protect is Protect.NODE:
        for site in _inner(masked, source, way):
            touching = topology.span_of[(topology.tail == site) | (topology.head == site)]
            name = topology.network.sites[site].id
            points.append((SinglePoint("site", name), _these(masked, touching.tolist())))
    if protect is Protect.SRLG:
        for group in sorted({name for span in way for name in spans[span].risk_groups or ()}):
            sharing = [p for p, span in enumerate(spans) if group in (span.risk_groups or ())]
            points.append((SinglePoint("risk_group", group), _these(masked, sharing)))
    return points


def _these(masked: Masked, places: Sequence[int]) -> Bools:
    chosen = np.zeros(len(masked.spans), dtype=np.bool_)
    chosen[list(places)] = True
    return chosen


def _inner(masked: Masked, source: int, way: Sequence[int]) -> list[int]:
    """Return the sites between the ends of a way."""
    index = masked.topology.site_index
    sites: list[int] = [source]
    for span in way[:-1]:
        found = masked.topology.network.spans[span]
        ends = {index[found.source], index[found.target]}
        sites.append((ends - {sites[-1]}).pop())
    return sites[1:]
