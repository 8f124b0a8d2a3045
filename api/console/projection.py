"""Where on the sheet a place on the globe stands.

Lambert's conformal cone with the parallels 33 and 44, as maps of Japan are drawn. The southern
islands stand in an inset; what is farther away stands on the sheet's edge, by name alone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1000
HEIGHT: Final = 1000
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the globe (south, west, north, east), and of the sheet (x, y, wide, high)."""

    globe: tuple[float, float, float, float]
    sheet: tuple[float, float, float, float]

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the place is inside the rectangle of the globe."""
        south, west, north, east = self.globe
        return south <= lat <= north and west <= lon <= east

    def place(self, lat: float, lon: float) -> Point:
        """Return where on the sheet the place stands, the whole rectangle fitted and centred."""
        edges = [cone(*corner) for corner in self._rim()]
        left, right = min(x for x, _ in edges), max(x for x, _ in edges)
        low, high = min(y for _, y in edges), max(y for _, y in edges)
        x, y, width, height = self.sheet
        scale = min(width / (right - left), height / (high - low))
        east, north = cone(lat, lon)
        return (
            round(x + width / 2 + (east - (left + right) / 2) * scale, 1),
            round(y + height / 2 - (north - (low + high) / 2) * scale, 1),
        )

    def _rim(self) -> Sequence[Point]:
        south, west, north, east = self.globe
        middle = (west + east) / 2
        return [(lat, lon) for lat in (south, north) for lon in (west, middle, east)]


MAIN: Final = Frame((30.2, 128.6, 45.6, 146.0), (20, 10, 960, 940))
INSET: Final = Frame((23.9, 120.6, 28.7, 130.0), (300, 812, 320, 172))
_REACH: Final = Frame((29.6, 127.0, 46.5, 148.0), MAIN.sheet)
_FIRST, _SECOND, _ORIGIN, _MIDDLE = (math.radians(each) for each in (33, 44, 37.5, 137.0))
_N: Final = math.log(math.cos(_FIRST) / math.cos(_SECOND)) / math.log(
    math.tan(math.pi / 4 + _SECOND / 2) / math.tan(math.pi / 4 + _FIRST / 2)
)
_F: Final = math.cos(_FIRST) * math.tan(math.pi / 4 + _FIRST / 2) ** _N / _N
_RHO: Final = _F / math.tan(math.pi / 4 + _ORIGIN / 2) ** _N


def cone(lat: float, lon: float) -> Point:
    """Return a place on the unrolled cone, in Earth radii to the east and to the north."""
    rho = _F / math.tan(math.pi / 4 + math.radians(lat) / 2) ** _N
    turn = _N * (math.radians(lon) - _MIDDLE)
    return rho * math.sin(turn), _RHO - rho * math.cos(turn)


def frame_of(lat: float, lon: float) -> Frame | None:
    """Return the frame that shows a place, None when it is too far away for either."""
    if INSET.holds(lat, lon):
        return INSET
    return MAIN if _REACH.holds(lat, lon) else None
