"""Why there is no compliant path, and what would help. Nothing here relaxes anything.

* the failures of the source and of the destinations themselves;
* single spans whose admission alone would give a compliant path;
* the blocking cut, when the rules leave no path at all;
* the limits that block, with the best that can be had, when the rules leave one;
* the smallest set of rules to waive, never with one that nobody may waive;
* what all compliant paths share, when a pair is asked for and there is only a path;
* the nearest compliant destination among the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from policy.canonical import JSON
from policy.constraints import Limits
from policy.verdicts import Verdicts
from routing.barriers import Barriers, barriers
from routing.certificate import check_cut
from routing.cut import BarredSite, Cut, barred_site, blocking_cut
from routing.fixes import Fix, single_span_fixes
from routing.labels import UnsettledError
from routing.overrun import Overrun, overruns
from routing.paths import Path
from routing.protect import Protect, grouped
from routing.shortest import shortest
from routing.single_points import SinglePoint, single_points
from routing.topology import Topology
from routing.waiver import Waiver, minimum_waiver
from routing.within import compliant_path

__all__ = ["Blocked", "Explanation", "check_cut", "explain"]


class Blocked(StrEnum):
    """What stands in the way first."""

    SOURCE = "source"
    DESTINATION = "destination"
    RULES = "rules"
    LIMITS = "limits"
    PROTECTION = "protection"
    NOTHING = "nothing"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` found; `blocked` says which parts matter first."""

    blocked: Blocked
    source: BarredSite | None
    destinations: tuple[BarredSite, ...]
    single_span_fixes: tuple[Fix, ...]
    blocking_cut: Cut | None
    minimum_waiver: Waiver | None
    limits: tuple[Overrun, ...]
    nearest: Path | None
    single_points: tuple[SinglePoint, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the part of a refusal that routing answers for (DESIGN §7)."""
        cut, waiver = self.blocking_cut, self.minimum_waiver
        return {
            "blocked": self.blocked.value,
            "source": None if self.source is None else self.source.to_json(),
            "destinations": [site.to_json() for site in self.destinations],
            "single_span_fixes": [fix.to_json() for fix in self.single_span_fixes],
            "blocking_cut": None if cut is None else cut.to_json(),
            "minimum_waiver": None if waiver is None else waiver.to_json(),
            "limits": [limit.to_json() for limit in self.limits],
            "single_points": [point.to_json() for point in self.single_points],
            "nearest": None if self.nearest is None else _nearest(self.nearest),
        }


def explain(
    topology: Topology,
    span_verdicts: Verdicts,
    site_verdicts: Verdicts,
    cluster_verdicts: Verdicts | None,
    *,
    source: str,
    targets: Sequence[str],
    limits: Limits,
    protect: str = Protect.NONE,
) -> Explanation:
    """Explain why no compliant path (or protected pair) leads from `source` to any of `targets`.

    `cluster_verdicts` judges destinations, None if no rule is asked about them; its other
    subjects are where the nearest compliant destination is looked for.

    Raises:
        UnknownSiteError: an unknown source or target.
    """
    found = barriers(topology, span_verdicts, site_verdicts, cluster_verdicts, limits)
    start = topology.site_place(source)
    ends = sorted({topology.site_place(target) for target in targets} - {start})
    clusters = () if cluster_verdicts is None else cluster_verdicts.subjects
    others = {topology.site_index[site] for site in clusters if site in topology.site_index}
    ways = found.arrivable(ends)
    blocked = _blocked(found, limits, start, ends)
    if blocked is Blocked.NOTHING and protect != Protect.NONE:
        blocked = Blocked.PROTECTION
    open_ = blocked in {Blocked.NOTHING, Blocked.PROTECTION}
    joined = bool(ways) and shortest(found.masked(), start, ways) is not None
    return Explanation(
        blocked=blocked,
        source=barred_site(found, found.sites, start) if found.sites.all(start) else None,
        destinations=tuple(_failing(found, end) for end in ends if end not in ways),
        single_span_fixes=() if open_ else single_span_fixes(found, limits, start, ends),
        blocking_cut=None if joined or found.sites.all(start) else blocking_cut(found, start, ends),
        minimum_waiver=None if open_ else minimum_waiver(found, limits, start, ends),
        limits=overruns(found.masked(), limits, start, ways) if joined else (),
        nearest=_other(found, limits, start, others - {start, *ends}),
        single_points=_shared(found, start, ways, Protect(protect)) if open_ else (),
    )


def _shared(
    found: Barriers, source: int, targets: Sequence[int], protect: Protect
) -> tuple[SinglePoint, ...]:
    if protect is Protect.NONE:
        return ()
    masked = grouped(found.masked()) if protect is Protect.SRLG else found.masked()
    return single_points(masked, source, targets, protect)


def _blocked(found: Barriers, limits: Limits, source: int, targets: Sequence[int]) -> Blocked:
    if found.sites.all(source):
        return Blocked.SOURCE
    ends = found.arrivable(targets)
    if not ends:
        return Blocked.DESTINATION
    if shortest(found.masked(), source, ends) is None:
        return Blocked.RULES
    try:
        path = compliant_path(found.masked(), limits, source, ends)
    except UnsettledError:
        return Blocked.UNDETERMINED
    return Blocked.LIMITS if path is None else Blocked.NOTHING


def _failing(found: Barriers, end: int) -> BarredSite:
    """Return why a destination fails, as a site and as a destination together."""
    site, chosen = (
        barred_site(found, failing, end) for failing in (found.sites, found.destinations)
    )
    return BarredSite(
        site.site,
        site.operator,
        tuple(sorted({*site.violated, *chosen.violated})),
        tuple(sorted({*site.unknown, *chosen.unknown})),
    )


def _other(found: Barriers, limits: Limits, source: int, others: set[int]) -> Path | None:
    ends = found.arrivable(sorted(others))
    if not ends or found.sites.all(source):
        return None
    try:
        return compliant_path(found.masked(), limits, source, ends)
    except UnsettledError:
        return None


def _nearest(path: Path) -> dict[str, JSON]:
    return {"site": path.sites[-1], "km": path.km, "spans": list(path.spans)}
