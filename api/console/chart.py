"""The map: land, spans and sites with their places on the sheet. What they mean is added later."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from api import resources
from api.console.projection import HEIGHT, INSET, MAIN, WIDTH, Point, frame_of
from routing.network import Network, Site, Span

_BOW: Final = 14.0
_EDGE: Final = 46.0
_ROW: Final = 92.0


@dataclass(frozen=True, slots=True)
class Line:
    """A span on the sheet: its path, and the middle where a mark may stand."""

    span: Span
    d: str
    middle: Point


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything that stays the same as long as the network does."""

    land: str
    inset_land: str
    places: Mapping[str, Point]
    abroad: frozenset[str]
    lines: Sequence[Line]


def draw(network: Network) -> Chart:
    """Lay a network out on the sheet; sites without coordinates stand nowhere."""
    main, inset = _land()
    near = {
        site.id: frame.place(site.lat, site.lon)
        for site in network.sites
        if site.lat is not None
        and site.lon is not None
        and (frame := frame_of(site.lat, site.lon)) is not None
    }
    far = [s for s in network.sites if s.id not in near and s.lat is not None and s.lon is not None]
    places = {**near, **_far(far)}
    return Chart(main, inset, places, frozenset(s.id for s in far), tuple(_lines(network, places)))


def _far(sites: Sequence[Site]) -> dict[str, Point]:
    """Return places on the edge: the Americas to the right, all others along the bottom."""
    east = sorted((s for s in sites if (s.lon or 0) < -30), key=lambda s: -(s.lat or 0))  # noqa: PLR2004
    others = sorted((s for s in sites if s not in east), key=lambda s: -(s.lon or 0))
    right = {s.id: (WIDTH - _EDGE, HEIGHT * 0.55 + _ROW * n) for n, s in enumerate(east)}
    low = {s.id: (WIDTH * 0.69 + _ROW * n, HEIGHT - _EDGE) for n, s in enumerate(others)}
    return {**right, **low}


def _lines(network: Network, places: Mapping[str, Point]) -> Sequence[Line]:
    seen: Counter[frozenset[str]] = Counter()
    lines: list[Line] = []
    for span in network.spans:
        if span.source not in places or span.target not in places:
            continue
        ends = frozenset((span.source, span.target))
        lines.append(_line(span, places[span.source], places[span.target], seen[ends]))
        seen[ends] += 1
    return lines


def _line(span: Span, start: Point, end: Point, parallel: int) -> Line:
    (x, y), (u, v) = start, end
    if not parallel:
        return Line(span, f"M{x:g} {y:g}L{u:g} {v:g}", ((x + u) / 2, (y + v) / 2))
    # A parallel span bows out so that both can be seen.
    length = max(((u - x) ** 2 + (v - y) ** 2) ** 0.5, 1.0)
    away = _BOW * parallel / length
    p, q = (x + u) / 2 - (v - y) * away, (y + v) / 2 + (u - x) * away
    middle = ((x + u) / 4 + p / 2, (y + v) / 4 + q / 2)
    return Line(span, f"M{x:g} {y:g}Q{p:.1f} {q:.1f} {u:g} {v:g}", middle)


@lru_cache(maxsize=1)
def _land() -> tuple[str, str]:
    """Return the outlines of the sheet and of the inset as SVG paths."""
    document = json.loads(resources.example("network/outline.json").read_bytes())
    main, inset = "", ""
    for land in document["land"]:
        south = min(lat for lat, _ in land["ring"])
        frame = INSET if INSET.holds(south, land["ring"][0][1]) else MAIN
        points = " ".join(f"{x:g} {y:g}" for x, y in (frame.place(*each) for each in land["ring"]))
        if frame is INSET:
            inset += f"M{points}Z"
        else:
            main += f"M{points}Z"
    return main, inset
