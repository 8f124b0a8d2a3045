"""A schematic map as SVG: sites where they lie, spans by what a label may use. No scripts.

The frame holds the sites of the commonest jurisdiction; those beyond it stand at its edge, and
those without coordinates are named below. Nothing is downloaded and nothing is to scale.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from routing.barriers import Barriers, Failing
from routing.network import Network, Site

WIDTH, HEIGHT, MARGIN = 900.0, 900.0, 40.0
COLOURS: Final = {"yes": "#2a7d4f", "unknown": "#c98a1b", "no": "#b9b3ab"}
_UNPRINTABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE: Final = (
    "text{font:11px sans-serif;fill:#333}line{stroke-linecap:round}"
    ".single{stroke:#b3261e;stroke-width:1.2;stroke-dasharray:2 3}"
)


@dataclass(frozen=True, slots=True)
class Frame:
    """Degrees to pixels, east to the right and north up, clamped to the frame."""

    west: float
    north: float
    scale: float
    narrow: float

    @classmethod
    def around(cls, sites: Iterable[Site]) -> "Frame":
        """Return the frame that just holds `sites`, which have coordinates."""
        places = [(site.lat or 0.0, site.lon or 0.0) for site in sites] or [(0.0, 0.0)]
        lats, lons = [lat for lat, _ in places], [lon for _, lon in places]
        narrow = max(0.1, math.cos(math.radians((max(lats) + min(lats)) / 2)))
        wide = max((max(lons) - min(lons)) * narrow, max(lats) - min(lats), 0.1)
        return cls(min(lons), max(lats), (WIDTH - 2 * MARGIN) / wide, narrow)

    def at(self, site: Site) -> tuple[float, float]:
        """Return the pixel of a site with coordinates."""
        x = MARGIN + ((site.lon or 0.0) - self.west) * self.narrow * self.scale
        y = MARGIN + (self.north - (site.lat or 0.0)) * self.scale
        edge = MARGIN / 2
        return (
            round(min(max(x, edge), WIDTH - edge), 1),
            round(min(max(y, edge), HEIGHT - edge), 1),
        )


def draw(
    barriers: Barriers, *, title: str, single: Iterable[str] = (), marked: Iterable[str] = ()
) -> str:
    """Return the map of what `barriers` leave; `single` spans and `marked` ones stand out.

    A span or site is green if every rule holds, amber if all that fails is unknown, grey if not.
    """
    network = barriers.topology.network
    placed = [site for site in network.sites if site.lat is not None and site.lon is not None]
    frame = Frame.around(_home(placed))
    at = {site.id: frame.at(site) for site in placed}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img">',
        f"<title>{_text(title)}</title><style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fbfaf8"/>',
        *_spans(barriers, at, frozenset(single), frozenset(marked)),
        *_sites(barriers, at),
        *_legend(title, [site for site in network.sites if site.id not in at]),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _home(sites: list[Site]) -> list[Site]:
    most = Counter(site.jurisdiction for site in sites).most_common(1)
    return [site for site in sites if site.jurisdiction == most[0][0]] if most else []


def _state(failing: Failing, place: int) -> str:
    if failing.violated[place]:
        return "no"
    return "unknown" if failing.unknown[place] else "yes"


def _spans(
    barriers: Barriers,
    at: Mapping[str, tuple[float, float]],
    single: frozenset[str],
    marked: frozenset[str],
) -> Iterable[str]:
    network: Network = barriers.topology.network
    for place, span in enumerate(network.spans):
        if span.source not in at or span.target not in at:
            continue
        (x1, y1), (x2, y2) = at[span.source], at[span.target]
        state = _state(barriers.spans, place)
        ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
        width = 5 if span.id in marked else 2
        colour = "#2456a6" if span.id in marked else COLOURS[state]
        named = f"<title>{_text(span.id)}: {state}</title>"
        yield f'<line {ends} stroke="{colour}" stroke-width="{width}">{named}</line>'
        if span.id in single:
            yield f'<line class="single" {ends}/>'


def _sites(barriers: Barriers, at: Mapping[str, tuple[float, float]]) -> Iterable[str]:
    for place, site in enumerate(barriers.topology.network.sites):
        if site.id not in at:
            continue
        x, y = at[site.id]
        colour = quoteattr(COLOURS[_state(barriers.sites, place)])
        named = f"<title>{_text(site.name or site.id)}</title>"
        if site.kind == "cluster":
            corner = f'x="{x - 6:g}" y="{y - 6:g}" width="12" height="12"'
            yield f'<rect {corner} fill={colour} stroke="#333">{named}</rect>'
            yield f'<text x="{x + 9:g}" y="{y + 4:g}">{_text(site.id)}</text>'
        else:
            yield f'<circle cx="{x:g}" cy="{y:g}" r="3" fill={colour}>{named}</circle>'


def _legend(title: str, lost: list[Site]) -> Iterable[str]:
    yield f'<text x="16" y="22" font-weight="bold">{_text(title)}</text>'
    words = (("yes", "every rule holds"), ("unknown", "unrecorded"), ("no", "barred"))
    for row, (state, meaning) in enumerate(words):
        y = 40 + 16 * row
        ends = f'x1="16" y1="{y}" x2="40" y2="{y}"'
        yield f'<line {ends} stroke="{COLOURS[state]}" stroke-width="3"/>'
        yield f'<text x="46" y="{y + 4}">{meaning}</text>'
    yield '<line class="single" x1="16" y1="88" x2="40" y2="88"/>'
    yield '<text x="46" y="92">single point of failure</text>'
    if lost:
        names = ", ".join(site.id for site in lost[:20])
        yield f'<text x="16" y="{HEIGHT - 12:g}">without coordinates: {_text(names)}</text>'


def _text(text: str) -> str:
    return escape(_UNPRINTABLE.sub("?", text))
