"""Where names stand on the map: beside their site, clear of one another as far as it goes."""

from collections.abc import Mapping, Sequence
from typing import Final

from api.console.projection import HEIGHT, WIDTH, Point

Box = tuple[float, float, float, float]
_SIZE: Final = 19.0
_GAP: Final = 13.0
_WIDE: Final = 0x2E80


def letter(names: Mapping[str, str], places: Mapping[str, Point]) -> dict[str, tuple[Point, str]]:
    """Return for every name its baseline's place and anchor, earlier names first served."""
    dots = [_around(place, 6) for place in places.values()]
    taken: list[Box] = []
    found: dict[str, tuple[Point, str]] = {}
    for identity, name in names.items():
        if identity not in places:
            continue
        options = _options(places[identity], _width(name))
        point, anchor, box = min(options, key=lambda each: _cost(each[2], taken, dots))
        taken.append(box)
        found[identity] = (point, anchor)
    return found


def _options(place: Point, width: float) -> Sequence[tuple[Point, str, Box]]:
    x, y = place
    made: list[tuple[Point, str, Box]] = []
    for down in (6.0, -9.0, 21.0, -24.0, 36.0):
        top = y + down - _SIZE * 0.8
        made.append(((x + _GAP, y + down), "start", (x + _GAP, top, x + _GAP + width, top + _SIZE)))
        made.append(((x - _GAP, y + down), "end", (x - _GAP - width, top, x - _GAP, top + _SIZE)))
    for down in (28.0, -16.0):
        top, left = y + down - _SIZE * 0.8, x - width / 2
        made.append(((x, y + down), "middle", (left, top, left + width, top + _SIZE)))
    return made


def _cost(box: Box, taken: Sequence[Box], dots: Sequence[Box]) -> float:
    outside = box[0] < 0 or box[1] < 0 or box[2] > WIDTH or box[3] > HEIGHT
    over = 12 * sum(_overlap(box, each) for each in taken)
    return over + sum(_overlap(box, each) for each in dots) + (1e6 if outside else 0)


def _overlap(a: Box, b: Box) -> float:
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    return across * down if across > 0 and down > 0 else 0.0


def _around(place: Point, reach: float) -> Box:
    return (place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach)


def _width(text: str) -> float:
    return sum(_SIZE if ord(mark) >= _WIDE else _SIZE * 0.56 for mark in text)
