"""The network: sites and spans, read exactly from the canonical document (DESIGN §6).

Sites and spans are kept sorted by id, so that one network has one digest, the epoch's identity,
however its document was ordered. Parallel spans and disconnected networks are legal; a span from
a site to itself is not, as no path may use it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, TypeVar

from policy.canonical import JSON, canonical, digest
from routing.document import read_json
from routing.errors import NetworkError
from routing.evidence import Evidence
from routing.fields import Record, shown
from routing.sites import Site, read_site
from routing.spans import Encryption, Span, read_span

__all__ = ["Encryption", "Evidence", "Network", "Site", "Span", "build_network", "parse_network"]

MOST_SITES: Final = 200_000
MOST_SPANS: Final = 1_000_000
EARTH_KM: Final = 6371.0
# Coordinates rounded to a hundredth of a degree and lengths to a kilometre explain no more.
ROUNDING_KM: Final = 0.5

_Subject = TypeVar("_Subject", Site, Span)


@dataclass(frozen=True)
class Network:
    """All sites and spans of one epoch, each sorted by id; `warnings` are for people."""

    name: str
    epoch: int | str
    sites: tuple[Site, ...]
    spans: tuple[Span, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, JSON]:
        """Return the canonical document."""
        return {
            "name": self.name,
            "epoch": self.epoch,
            "nodes": [site.to_json() for site in self.sites],
            "links": [span.to_json() for span in self.spans],
        }

    def to_bytes(self) -> bytes:
        """Return the canonical bytes; `parse_network` of them gives an equal network."""
        return canonical(self.to_json())

    @cached_property
    def digest(self) -> str:
        """The identity of this topology, `sha256:…` over the canonical bytes."""
        return digest(self.to_bytes())


def parse_network(raw: bytes) -> Network:
    """Read a canonical network document.

    Raises:
        NetworkError: with the JSON pointer of the first thing that is wrong; `all` has the rest.
    """
    return build_network(read_json(raw))


def build_network(value: Any) -> Network:
    """Read a canonical network document that is already a JSON value.

    Raises:
        NetworkError: as `parse_network`.
    """
    warnings: list[str] = []
    record = Record(value, "", warnings)
    record.ignore("multigraph", "graph")  # written by node-link exporters
    directed = record.flag("directed") or False
    nodes = _list(record, "nodes", MOST_SITES)
    key = _links_key(record)
    links = _list(record, key, MOST_SPANS)
    name, epoch = record.text("name") or "", _epoch(record)
    record.finish()
    wrong: list[NetworkError] = []
    sites = _each(nodes, "/nodes", wrong, lambda node, at: read_site(node, at, warnings))
    spans = _each(
        links, f"/{key}", wrong, lambda link, at: read_span(link, at, warnings, directed=directed)
    )
    # Ends are looked at only when every node was read: else one mistake would be told as many.
    if not wrong:
        wrong += _repeated(sites, "nodes") + _repeated(spans, key)
        wrong += _wrong_ends(spans, {site.id: site for site in sites}, key, warnings)
    if wrong:
        raise NetworkError(wrong[0].pointer, wrong[0].problem, wrong[1:])
    by_id = attrgetter("id")
    return Network(
        name,
        epoch,
        tuple(sorted(sites, key=by_id)),
        tuple(sorted(spans, key=by_id)),
        tuple(warnings),
    )


def great_circle_km(a: Site, b: Site) -> float | None:
    """Return the distance between two sites over the ground, None without coordinates."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    north, south = math.radians(a.lat), math.radians(b.lat)
    turn = math.radians(b.lon - a.lon)
    half = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(turn / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _links_key(record: Record) -> str:
    edges, links = record.raw("edges"), record.raw("links")
    if edges is not None and links is not None:
        raise NetworkError("/edges", "a document has links or edges, not both")
    return "links" if edges is None else "edges"


def _epoch(record: Record) -> int | str:
    value = record.raw("epoch")
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53:
        return value
    if isinstance(value, str):
        return record.required("epoch")
    raise record.wrong("epoch", "a whole number or a string")


def _list(record: Record, key: str, most: int) -> list[Any]:
    value = record.raw(key)
    if not isinstance(value, list) or len(value) > most:
        raise record.wrong(key, f"a list of at most {most}")
    return value


def _each(
    items: Sequence[Any], stem: str, wrong: list[NetworkError], read: Callable[[Any, str], _Subject]
) -> list[_Subject]:
    """Read every item; what is wrong, the first thing of each, is added to `wrong`."""
    found: list[_Subject] = []
    for place, item in enumerate(items):
        try:
            found.append(read(item, f"{stem}/{place}"))
        except NetworkError as problem:
            wrong.append(problem)
    return found


def _repeated(subjects: Sequence[_Subject], key: str) -> list[NetworkError]:
    seen: dict[str, int] = {}
    wrong: list[NetworkError] = []
    for place, subject in enumerate(subjects):
        first = seen.setdefault(subject.id, place)
        if first != place:
            problem = f"{shown(subject.id)} is already the id of /{key}/{first}"
            wrong.append(NetworkError(f"/{key}/{place}/id", problem))
    return wrong


def _wrong_ends(
    spans: Sequence[Span], known: dict[str, Site], key: str, warnings: list[str]
) -> list[NetworkError]:
    wrong: list[NetworkError] = []
    for place, span in enumerate(spans):
        ends = (("source", span.source), ("target", span.target))
        lost = [
            NetworkError(f"/{key}/{place}/{end}", f"no node has the id {shown(site)}")
            for end, site in ends
            if site not in known
        ]
        if span.source == span.target:
            problem = "a link may not end where it starts"
            lost.append(NetworkError(f"/{key}/{place}/target", problem))
        wrong += lost
        if not lost:
            _short(span, f"/{key}/{place}/km", known, warnings)
    return wrong


def _short(span: Span, pointer: str, known: dict[str, Site], warnings: list[str]) -> None:
    least = great_circle_km(known[span.source], known[span.target])
    if least is not None and span.km < least - ROUNDING_KM:
        warnings.append(f"{pointer}: {span.km:g} km is less than the great circle, {least:.0f} km")
