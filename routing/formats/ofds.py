"""The Open Fibre Data Standard: who owns the duct apart from who runs the network over it.

Planned and decommissioned parts are told and left out. A part with several network providers has
no one operator, so its operator is unknown.
"""

from typing import Any, Final

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, flat, listed, word

_STANDING: Final = (None, "operational", "inactive")
_READ: Final = frozenset(
    {"id", "location", "route", "start", "end", "status", "networkProviders", "deployment"}
    | {"physicalInfrastructureProvider", "countries", "internationalConnections", "network"}
)
NODE_NAMES: Final = {"address.country": "jurisdiction"}
LINK_NAMES: Final = {"fibreLength": "km", "capacity": "capacity_gbps"}
_BURIED: Final = ["belowGround"]
_POINT: Final = 2


def read_ofds(raw: bytes) -> LooseGraph:
    """Read every network of a package, or a single one."""
    value = read_json(raw)
    value = value if isinstance(value, dict) else {}
    networks = listed(value.get("networks", value), "/networks")
    dropped: list[str] = []
    nodes: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for network in networks:
        parts = listed(network.get("nodes"), "/networks/nodes")
        nodes += [node_of(part) for part in parts if standing(part, "node", dropped)]
        parts = listed(network.get("spans"), "/networks/spans")
        links += [span_of(part) for part in parts if standing(part, "span", dropped)]
        dropped += [
            f"{shown(rest)} of network {word(network.get('id'))}: not read"
            for rest in sorted(network.keys() - {"id", "name", "nodes", "spans"})
        ]
    return LooseGraph(
        name=word(networks[0].get("name")) or "" if networks else "",
        directed=False,
        nodes=nodes,
        links=links,
        node_names=NODE_NAMES,
        link_names=LINK_NAMES,
        dropped=tuple(dropped),
    )


def standing(found: dict[str, Any], what: str, dropped: list[str]) -> bool:
    """Return whether a part exists and stands; what does not is told in `dropped`."""
    status = found.get("status")
    if status in _STANDING:
        return True
    dropped.append(f"{what} {word(found.get('id'))}: {shown(status)}")
    return False


def node_of(node: dict[str, Any]) -> dict[str, Any]:
    """Return a node with its place, and its operator; all else as it stands."""
    where = node.get("location")
    point = where.get("coordinates") if isinstance(where, dict) else None
    place: dict[str, Any] = {}
    if isinstance(point, list) and len(point) >= _POINT:
        place = {"lon": point[0], "lat": point[1]}
    return {**_rest(node), **place, **_operated(node)}


def span_of(span: dict[str, Any]) -> dict[str, Any]:
    """Return a span with its ends, operator, duct owner, jurisdictions and conduit."""
    ends = {"source": _end(span.get("start")), "target": _end(span.get("end"))}
    countries = span.get("countries")
    countries = countries if isinstance(countries, list) else []
    crossed = [code.upper() for code in countries if isinstance(code, str)]
    duct = _organisation(span.get("physicalInfrastructureProvider"))
    known: dict[str, Any] = {
        "jurisdictions": crossed or None,
        "conduit": "buried" if span.get("deployment") == _BURIED else None,
        "duct_owner": duct,
    }
    if known["conduit"] is None:
        known["deployment"] = span.get("deployment")
    kept = {key: value for key, value in known.items() if value is not None}
    return {**_rest(span), **ends, **kept, **_operated(span)}


def _rest(found: dict[str, Any]) -> dict[str, Any]:
    name = word(found.get("id"))
    if name is None:
        raise NetworkError("/networks", f"an id is expected, not {shown(found.get('id'))}")
    return {**flat({k: v for k, v in found.items() if k not in _READ}), "id": name}


def _end(value: Any) -> str:
    return str(word(value.get("id") if isinstance(value, dict) else value))


def _organisation(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return word(value.get("id")) or word(value.get("name"))


def _operated(found: dict[str, Any]) -> dict[str, Any]:
    providers = listed(found.get("networkProviders"), "/networks/networkProviders")
    if len(providers) != 1:
        return {"networkProviders": providers} if providers else {}
    name = _organisation(providers[0])
    return {} if name is None else {"operator": name}
