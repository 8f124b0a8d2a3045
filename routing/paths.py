"""A path: an ordered list of spans from a source to a destination, and the facts about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from policy.canonical import JSON
from policy.question import PathFacts
from routing.errors import PathError, UnknownSiteError
from routing.fields import shown
from routing.segments import CryptoSegment, crypto_segments, decryption_points
from routing.spans import Span
from routing.topology import Topology


@dataclass(frozen=True, slots=True)
class Path:
    """Sites and spans in order, source first; at least one span, no site twice.

    `km` and `ms` are unrounded sums, added from the source on. `operators` is None when some
    span records none; `decryption_points` is None when it cannot be known.
    """

    sites: tuple[str, ...]
    spans: tuple[str, ...]
    km: float
    ms: float
    operators: tuple[str, ...] | None
    jurisdictions: tuple[str, ...]
    crypto_segments: tuple[CryptoSegment, ...]
    decryption_points: int | None

    @classmethod
    def of(cls, topology: Topology, source: str, spans: Sequence[str]) -> "Path":
        """Follow `spans` from `source`.

        Raises:
            PathError: no spans, an unknown one, one that does not go on from where the path
                stands or is against its direction, or a site twice.
            UnknownSiteError: an unknown source.
        """
        found = [_span(topology, span) for span in spans]
        sites = _walk(topology, source, found)
        owned = [span.operator for span in found]
        where = {code for span in found for code in span.jurisdictions or ()}
        where |= {code for site in sites if (code := topology.site(site).jurisdiction)}
        return cls(
            sites=sites,
            spans=tuple(spans),
            km=total(span.km for span in found),
            ms=total(span.ms for span in found),
            operators=None if None in owned else tuple(sorted({str(name) for name in owned})),
            jurisdictions=tuple(sorted(where)),
            crypto_segments=crypto_segments(sites, found),
            decryption_points=decryption_points(found),
        )

    @property
    def hops(self) -> int:
        """The number of spans."""
        return len(self.spans)

    @property
    def facts(self) -> PathFacts:
        """What policy is told of the path."""
        return PathFacts(
            sites=self.sites,
            spans=self.spans,
            km=self.km,
            ms=self.ms,
            operators=self.operators,
            decryption_points=self.decryption_points,
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the path as `path find` prints it (DESIGN §7)."""
        return {
            "nodes": list(self.sites),
            "spans": list(self.spans),
            "km": self.km,
            "latency_ms": self.ms,
            "operators": None if self.operators is None else list(self.operators),
            "jurisdictions": list(self.jurisdictions),
            "crypto_segments": [segment.to_json() for segment in self.crypto_segments],
            "decryption_points": self.decryption_points,
        }


def total(lengths: Iterable[float]) -> float:
    """Add from the first on, as the search does; `sum` compensates in newer Pythons."""
    length = 0.0
    for part in lengths:
        length += part
    return length


def _span(topology: Topology, span: str) -> Span:
    try:
        return topology.span(span)
    except UnknownSiteError as problem:
        raise PathError(f"no span has the id {shown(span)}") from problem


def _walk(topology: Topology, source: str, spans: Sequence[Span]) -> tuple[str, ...]:
    sites = [topology.site(source).id]
    for span in spans:
        sites.append(_far_end(span, sites[-1]))
    if len(sites) == 1:
        raise PathError("a path has at least one span")
    seen = sorted(sites)
    if twice := [a for a, b in pairwise(seen) if a == b]:
        raise PathError(f"the path passes {shown(twice[0])} twice")
    return tuple(sites)


def _far_end(span: Span, here: str) -> str:
    if here == span.source:
        return span.target
    if here == span.target and not span.directed:
        return span.source
    raise PathError(f"span {shown(span.id)} does not lead on from {shown(here)}")
