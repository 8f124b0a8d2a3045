"""A path as it was observed, hop by hop, against the path that was permitted.

What agrees proves only that the hops that were told are the permitted ones, in order: nobody can
prove from hops that light went nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policy.canonical import JSON
from routing.paths import Path
from routing.topology import Topology


@dataclass(frozen=True, slots=True)
class Observation:
    """How the observed hops differ from the permitted ones; empty throughout when they agree.

    `missing` were permitted and not seen, `foreign` seen and not permitted, `strangers` are not
    even in the network; `at` is the first hop that differs, `jurisdictions` what foreign hops add.
    """

    missing: tuple[str, ...]
    foreign: tuple[str, ...]
    strangers: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    at: int | None

    @property
    def agrees(self) -> bool:
        """Whether exactly the permitted hops were seen, in their order."""
        return self.at is None

    def to_json(self) -> dict[str, JSON]:
        """Return the comparison."""
        return {
            "agrees": self.agrees,
            "missing": list(self.missing),
            "foreign": list(self.foreign),
            "strangers": list(self.strangers),
            "jurisdictions": list(self.jurisdictions),
            "at": self.at,
        }


def compare(
    topology: Topology,
    permitted: Path,
    *,
    sites: Sequence[str] | None = None,
    spans: Sequence[str] | None = None,
) -> Observation:
    """Compare the observed `sites`, or the observed `spans`, with the permitted path.

    Raises:
        ValueError: both or neither are given.
    """
    if (sites is None) == (spans is None):
        raise ValueError("either the sites or the spans that were observed are compared")
    if spans is None:
        seen, expected = tuple(sites or ()), permitted.sites
        known = {site.id: site.jurisdiction for site in topology.network.sites}
        where = {name: {code} - {None} for name, code in known.items()}
    else:
        seen, expected = tuple(spans), permitted.spans
        where = {s.id: {*(s.jurisdictions or ())} for s in topology.network.spans}
    foreign = tuple(hop for hop in dict.fromkeys(seen) if hop not in expected)
    added = {str(code) for hop in foreign for code in where.get(hop, ())}
    return Observation(
        missing=tuple(hop for hop in expected if hop not in seen),
        foreign=foreign,
        strangers=tuple(hop for hop in foreign if hop not in where),
        jurisdictions=tuple(sorted(added - set(permitted.jurisdictions))),
        at=_first(seen, expected),
    )


def _first(seen: Sequence[str], expected: Sequence[str]) -> int | None:
    pairs = zip(seen, expected, strict=False)
    place = next((at for at, (one, other) in enumerate(pairs) if one != other), None)
    if place is None and len(seen) != len(expected):
        return min(len(seen), len(expected))
    return place
