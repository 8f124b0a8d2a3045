"""The whole network under one label: which clusters reach which, and what that hangs on.

A pair is *yes* if a compliant path joins it, *limits* if only the limits on the whole path stand
in the way, *no* if the rules leave none. A single point is a span or a site between that every
way of a pair passes, limits not considered; with a limit, more may be single points.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policy.canonical import JSON
from policy.constraints import Limits
from routing.barriers import UNJUDGED, Barriers, Failing
from routing.labels import UnsettledError
from routing.reach import Pair, hanging, joined
from routing.within import compliant_path


@dataclass(frozen=True, slots=True)
class Standing:
    """One ordered pair of clusters and its verdict: yes, limits, no or undetermined."""

    source: str
    target: str
    verdict: str
    km: float | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this pair; `km` is the shortest compliant path's."""
        return {
            "source": self.source,
            "target": self.target,
            "verdict": self.verdict,
            "km": self.km,
        }


@dataclass(frozen=True, slots=True)
class Point:
    """A span or site whose loss parts so many pairs."""

    kind: str
    id: str
    pairs: int

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this point."""
        return {"kind": self.kind, "id": self.id, "pairs": self.pairs}


@dataclass(frozen=True, slots=True)
class Opening:
    """A span, site or cluster that fails only what is unknown; `pairs` it would open alone."""

    kind: str
    id: str
    rules: tuple[str, ...]
    pairs: int

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this opening."""
        return {"kind": self.kind, "id": self.id, "rules": list(self.rules), "pairs": self.pairs}


@dataclass(frozen=True, slots=True)
class Posture:
    """What `posture` found; `if_recorded` counts pairs were all that is unknown well."""

    pairs: tuple[Standing, ...]
    points: tuple[Point, ...]
    openings: tuple[Opening, ...]
    joined: int
    if_recorded: int

    @property
    def reachable(self) -> int:
        """How many pairs have a compliant path."""
        return sum(pair.verdict == "yes" for pair in self.pairs)

    def to_json(self) -> dict[str, JSON]:
        """Return the whole report."""
        return {
            "pairs": [pair.to_json() for pair in self.pairs],
            "reachable": self.reachable,
            "joined": self.joined,
            "if_recorded": self.if_recorded,
            "single_points": [point.to_json() for point in self.points],
            "openings": [opening.to_json() for opening in self.openings],
        }


def posture(barriers: Barriers, limits: Limits, clusters: Sequence[str]) -> Posture:
    """Return the posture over all ordered pairs of `clusters`.

    `barriers` are those of the same `limits`, which fold in what the limits must count.

    Raises:
        UnknownSiteError: an unknown cluster.
    """
    places = [barriers.topology.site_place(cluster) for cluster in clusters]
    now = pairs_joined(barriers, places)
    unknown = sorted(mendable(barriers))
    return Posture(
        pairs=tuple(
            _standing(barriers, limits, a, b, now) for a in places for b in places if a != b
        ),
        points=_single(barriers, now),
        openings=_openings(barriers, places, unknown, now),
        joined=len(now),
        if_recorded=len(pairs_joined(barriers, places, unknown)),
    )


Subject = tuple[str, int]


def failing(barriers: Barriers) -> Mapping[str, Failing]:
    """Return what spans, sites and clusters as destinations fail, by kind."""
    return {"span": barriers.spans, "site": barriers.sites, "cluster": barriers.destinations}


def pairs_joined(
    barriers: Barriers, places: Sequence[int], put_right: Iterable[Subject] = ()
) -> frozenset[Pair]:
    """Return the pairs that the rules leave joined once the subjects `put_right` fail nothing."""
    rules = barriers.everything
    free = {kind: found.free_of(rules) for kind, found in failing(barriers).items()}
    for kind, place in put_right:
        free[kind][place] = True
    masked = barriers.topology.cut(free["span"], free["site"])
    ends = [place for place in places if free["site"][place] and free["cluster"][place]]
    return joined(masked, places, ends)


def mendable(barriers: Barriers, curable: int = 0) -> set[Subject]:
    """Return what fails nothing but `curable` rules and what could be recorded.

    What was never judged cannot be mended: no rule could say that it is.
    """
    unjudged = sum(1 << bit for bit, name in enumerate(barriers.rules) if name == UNJUDGED)
    return {
        (kind, place)
        for kind, found in failing(barriers).items()
        for place in range(len(found.violated))
        if found.all(place)
        and not found.violated[place] & ~curable
        and not found.unknown[place] & unjudged
    }


def _standing(
    barriers: Barriers, limits: Limits, source: int, target: int, now: frozenset[Pair]
) -> Standing:
    sites = barriers.topology.network.sites
    verdict, km = "no", None
    if (source, target) in now:
        try:
            path = compliant_path(barriers.masked(), limits, source, [target])
            verdict, km = ("limits", None) if path is None else ("yes", path.km)
        except UnsettledError:
            verdict = "undetermined"
    return Standing(sites[source].id, sites[target].id, verdict, km)


def _single(barriers: Barriers, now: frozenset[Pair]) -> tuple[Point, ...]:
    network, masked = barriers.topology.network, barriers.masked()
    parted: Counter[tuple[str, str]] = Counter()
    for source, target in now:
        spans, sites = hanging(masked, source, target) or ([], [])
        parted.update(("span", network.spans[span].id) for span in spans)
        parted.update(("site", network.sites[site].id) for site in sites)
    points = (Point(kind, name, pairs) for (kind, name), pairs in parted.items())
    return tuple(sorted(points, key=lambda point: (-point.pairs, point.kind, point.id)))


def _openings(
    barriers: Barriers, places: Sequence[int], unknown: Sequence[Subject], now: frozenset[Pair]
) -> tuple[Opening, ...]:
    network = barriers.topology.network
    openings: list[Opening] = []
    for kind, place in unknown:
        subject = network.spans[place] if kind == "span" else network.sites[place]
        rules = tuple(barriers.names(failing(barriers)[kind].unknown[place]))
        # Only more than now: what is recorded well takes nothing away.
        pairs = len(pairs_joined(barriers, places, [(kind, place)])) - len(now)
        openings.append(Opening(kind, subject.id, rules, pairs))
    return tuple(sorted(openings, key=lambda found: (-found.pairs, found.kind, found.id)))
