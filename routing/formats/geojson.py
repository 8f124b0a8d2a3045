"""GeoJSON: points are sites, lines are spans; areas are told and left out.

A line's ends are named in its properties, or are points of the file with the very same
coordinates. A length that is not given is measured along the line, and the report says so.
"""

from itertools import pairwise
from typing import Any

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, flat, listed, word
from routing.formats.ofds import LINK_NAMES, NODE_NAMES, node_of, span_of, standing
from routing.network import great_circle_km
from routing.sites import Site

_LENGTHS = frozenset({"km", "length_km", "distance_km", "fibreLength"})
_SOURCES, _TARGETS = ("source", "from", "start"), ("target", "to", "end")
_POINT = 2


def read_geojson(raw: bytes) -> LooseGraph:
    """Read a feature collection; an OFDS feature is read as that standard says."""
    value = read_json(raw)
    if not isinstance(value, dict) or value.get("type") != "FeatureCollection":
        raise NetworkError("", "a FeatureCollection is expected")
    dropped: list[str] = []
    nodes: list[dict[str, Any]] = []
    lines: list[tuple[dict[str, Any], Any]] = []
    for place, feature in enumerate(listed(value.get("features"), "/features")):
        kind, points, keys = _feature(feature, f"/features/{place}")
        if kind == "Point":
            nodes += _site(points, keys, place, dropped)
        elif kind == "LineString":
            lines.append(({"id": f"line-{place}", **keys}, points))
        else:
            dropped.append(f"feature {place}: {shown(kind)}, neither a site nor a span")
    here = {str([node["lon"], node["lat"]]): node["id"] for node in nodes}
    links = [link for keys, points in lines if (link := _span(keys, points, here, dropped))]
    return LooseGraph(
        name=word(value.get("name")) or "",
        directed=False,
        nodes=nodes,
        links=links,
        node_names=NODE_NAMES,
        link_names=LINK_NAMES,
        dropped=tuple(dropped),
    )


def _feature(feature: dict[str, Any], pointer: str) -> tuple[Any, Any, dict[str, Any]]:
    shape, keys = feature.get("geometry"), feature.get("properties")
    shape = shape if isinstance(shape, dict) else {}
    keys = keys if isinstance(keys, dict) else {}
    name = word(keys.get("id", feature.get("id")))
    points = shape.get("coordinates")
    if shape.get("type") in ("Point", "LineString") and not isinstance(points, list):
        raise NetworkError(f"{pointer}/geometry/coordinates", "a list is expected")
    rest = {key: value for key, value in keys.items() if key != "id"}
    return shape.get("type"), points, {**rest, "id": name} if name else rest


def _site(
    point: list[Any], keys: dict[str, Any], place: int, dropped: list[str]
) -> list[dict[str, Any]]:
    if len(point) < _POINT:
        raise NetworkError(f"/features/{place}/geometry/coordinates", "two numbers are expected")
    found = {"id": f"point-{place}", **keys}
    if _standard(keys):
        if not standing(found, "node", dropped):
            return []
        found = node_of(found)
    return [{**flat(found), "lon": point[0], "lat": point[1]}]


def _span(
    keys: dict[str, Any], points: list[Any], here: dict[str, Any], dropped: list[str]
) -> dict[str, Any] | None:
    if _standard(keys):
        if not standing(keys, "span", dropped):
            return None
        found = span_of(keys)
    else:
        ends = [_named(keys, names) for names in (_SOURCES, _TARGETS)]
        drawn = [_at(points[:1], here), _at(points[-1:], here)]
        rest = {key: v for key, v in keys.items() if key not in (*_SOURCES, *_TARGETS)}
        both = {"source": ends[0] or drawn[0], "target": ends[1] or drawn[1]}
        found = {**flat(rest), **{key: str(end) for key, end in both.items()}}
    if not _LENGTHS & found.keys() and (km := _along(points)) is not None:
        found["km"] = round(km, 3)
        dropped.append(f"span {found['id']}: no length given, length of the drawn line taken")
    return found


def _standard(keys: dict[str, Any]) -> bool:
    return bool({"networkProviders", "physicalInfrastructureProvider"} & keys.keys())


def _named(keys: dict[str, Any], names: tuple[str, ...]) -> str | None:
    found = next((keys[name] for name in names if keys.get(name) is not None), None)
    return word(found.get("id") if isinstance(found, dict) else found)


def _at(points: list[Any], here: dict[str, Any]) -> str | None:
    point = points[0] if points else None
    return here.get(str(point[:_POINT])) if isinstance(point, list) else None


def _along(points: list[Any]) -> float | None:
    """Return the length in km along the line, None where a point of it is none."""
    try:
        sites = [Site("", lat=_degrees(p[1], 90), lon=_degrees(p[0], 180)) for p in points]
    except (TypeError, IndexError, KeyError, ValueError):
        return None
    steps = [great_circle_km(a, b) for a, b in pairwise(sites)]
    return sum(step for step in steps if step is not None) if steps else None


def _degrees(value: Any, most: float) -> float:
    if isinstance(value, bool) or not -most <= value <= most:
        raise ValueError
    return float(value)
