"""ONF TAPI topology contexts in JSON, 2.1.3 and 2.5 alike, read leniently.

TAPI gives values without units; only those that name theirs are read (`12 ms`, `GBPS`,
`LENGTH_KM`), all others are told as unknown.
"""

import re
from typing import Any, Final

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, amount, flat, listed, member, word

_LATENCY: Final = re.compile(r"\s*([0-9.]{1,20})\s*(ms|us|µs)\s*", re.ASCII)
_TO_MS: Final = {"ms": 1.0, "us": 1e-3, "µs": 1e-3}
_TO_GBPS: Final = {"TBPS": 1000.0, "GBPS": 1.0, "MBPS": 1e-3}
_LENGTHS: Final = frozenset({"LENGTH_KM", "DISTANCE_KM"})
_NODE_READ: Final = frozenset({"uuid", "name", "owned-node-edge-point"})
_LINK_READ: Final = frozenset(
    {"uuid", "name", "node-edge-point", "direction", "risk-characteristic"}
    | {"latency-characteristic", "total-potential-capacity", "cost-characteristic"}
)
_PLACES: Final = {"LATITUDE": "lat", "LONGITUDE": "lon", "COUNTRY": "jurisdiction"}
_TWO: Final = 2

_Ports = dict[tuple[str, str], Any]


def read_tapi(raw: bytes) -> LooseGraph:
    """Read every topology of the context; nodes and links are known by their uuid."""
    topologies = _topologies(read_json(raw))
    nodes = [n for t in topologies for n in listed(member(t, "node"), "/topology/node")]
    links = [k for t in topologies for k in listed(member(t, "link"), "/topology/link")]
    dropped: list[str] = []
    ports: _Ports = {}
    for node in nodes:
        for port in listed(member(node, "owned-node-edge-point"), "/topology/node"):
            key = str(member(node, "uuid")), str(member(port, "uuid"))
            ports[key] = member(port, "link-port-direction")
    sites = {str(member(node, "uuid")): _node(node) for node in nodes}
    if len(sites) < len(nodes):
        dropped.append(f"{len(nodes) - len(sites)} nodes: their uuid stands on another one too")
    spans = {str(member(link, "uuid")): _link(link, ports, dropped) for link in links}
    if len(spans) < len(links):
        dropped.append(f"{len(links) - len(spans)} links: their uuid stands on another one too")
    return LooseGraph(
        name=_names(topologies[0]).get("", "") if topologies else "",
        directed=False,
        nodes=list(sites.values()),
        links=[link for link in spans.values() if link is not None],
        dropped=tuple(dropped),
    )


def _topologies(value: Any) -> list[dict[str, Any]]:
    inner = value
    for name in ("context", "topology-context"):
        within = member(inner, name) if isinstance(inner, dict) else None
        inner = inner if within is None else within
    if isinstance(inner, dict) and member(inner, "topology") is not None:
        return listed(member(inner, "topology"), "/topology")
    raise NetworkError("", f"a topology-context is expected, not {shown(value)}")


def _names(found: dict[str, Any]) -> dict[str, str]:
    """Return the name/value pairs in capitals; the first value also under no name."""
    pairs = listed(member(found, "name"), "/name")
    named = {str(p.get("value-name")).upper(): v for p in pairs if (v := word(p.get("value")))}
    return {"": next(iter(named.values())), **named} if named else {}


def _rest(found: dict[str, Any], read: frozenset[str]) -> dict[str, Any]:
    return flat({k: v for k, v in found.items() if k.rpartition(":")[2] not in read})


def _node(node: dict[str, Any]) -> dict[str, Any]:
    names = _names(node)
    own = {ours: names[theirs] for theirs, ours in _PLACES.items() if theirs in names}
    if title := names.get(""):
        own["name"] = title
    return {**_rest(node, _NODE_READ), **own, "id": str(member(node, "uuid"))}


def _link(link: dict[str, Any], ports: _Ports, dropped: list[str]) -> dict[str, Any] | None:
    name = str(member(link, "uuid"))
    points = listed(member(link, "node-edge-point"), "/topology/link/node-edge-point")
    if len(points) != _TWO:
        dropped.append(f"link {name}: {len(points)} node edge points, not two")
        return None
    ends = [
        (str(member(p, "node-uuid")), str(member(p, "node-edge-point-uuid", "uuid")))
        for p in points
    ]
    one_way = member(link, "direction") == "UNIDIRECTIONAL"
    if one_way:
        towards = [ports.get(end) for end in ends]
        if towards == ["INPUT", "OUTPUT"]:
            ends.reverse()
        elif towards != ["OUTPUT", "INPUT"]:
            dropped.append(f"link {name}: one way, and which way is not said")
            return None
    found = {"id": name, "source": ends[0][0], "target": ends[1][0], "directed": one_way}
    return {**_rest(link, _LINK_READ), **_measured(link), **found}


def _measured(link: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    for cost in listed(member(link, "cost-characteristic"), "/cost-characteristic"):
        title = str(cost.get("cost-name"))
        ours = title.upper() in _LENGTHS
        known["km" if ours else f"cost-characteristic.{title}"] = cost.get("cost-value")
    for latency in listed(member(link, "latency-characteristic"), "/latency-characteristic"):
        stated = latency.get("fixed-latency-characteristic")
        found = _LATENCY.fullmatch(stated) if isinstance(stated, str) else None
        ms = amount(found[1]) if found else None
        if found is None or ms is None:
            known["latency-characteristic.fixed-latency-characteristic"] = stated
        else:
            known["latency_ms"] = ms * _TO_MS[found[2]]
    return {**known, **_capacity(link), **_risks(link)}


def _capacity(link: dict[str, Any]) -> dict[str, Any]:
    whole = member(link, "total-potential-capacity")
    size = member(whole, "total-size") if isinstance(whole, dict) else None
    if not isinstance(size, dict):
        return {}
    factor = _TO_GBPS.get(str(size.get("unit")).rpartition("_")[2])
    value = amount(size.get("value"))
    if factor is None or value is None:
        return {"total-potential-capacity.total-size": size}
    return {"capacity_gbps": value * factor}


def _risks(link: dict[str, Any]) -> dict[str, Any]:
    rows = listed(member(link, "risk-characteristic"), "/risk-characteristic")
    groups = [
        f"{word(row.get('risk-characteristic-name'))}:{word(group)}"
        for row in rows
        for group in _items(row.get("risk-identifier-list"))
    ]
    return {"risk_groups": groups} if groups else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
