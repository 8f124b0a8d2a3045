"""RFC 8345 and RFC 8795 networks in JSON, and the OpenROADM shell of the same shape.

Links of these models have one direction; two that mirror each other are one span here. They have
no length: OpenROADM's fibre lengths are added up, our own export carries the span as it is.
"""

from typing import Any, Final

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, amount, flat, listed, member, word
from routing.formats.opposites import paired

NODE: Final = "sekisho-network:site"
LINK: Final = "sekisho-network:span"
REVERSE: Final = "sekisho-network:reverse-of"
_PLACE: Final = "ietf-te-topology:te.te-node-attributes.geolocation"
_TE: Final = "ietf-te-topology:te.te-link-attributes"
_DELAY: Final = f"{_TE}.performance-metrics-one-way.one-way-delay"
NODE_NAMES: Final = {
    f"{_PLACE}.latitude": "lat",
    f"{_PLACE}.longitude": "lon",
    "ietf-te-topology:te.te-node-attributes.name": "name",
}
LINK_NAMES: Final = {
    _DELAY: "latency_ms",
    f"{_TE}.te-srlgs.value": "risk_groups",
    "org-openroadm-network-topology:OMS-attributes.span.link-concatenation": "km",
}
_READ: Final = frozenset(
    {"node-id", "termination-point", "te-node-id", "supporting-node", "link-id", "source"}
    | {"destination", "opposite-link", "site", "span", "reverse-of"}
)
_US_PER_MS: Final = 1000
_M_PER_KM: Final = 1000
_SITES: Final = "openroadm-network"


def read_ietf(raw: bytes) -> LooseGraph:
    """Read the first network with links; the other layers of the file are told as dropped."""
    networks = _networks(read_json(raw))
    if not networks:
        raise NetworkError("", "there is no network in it")
    chosen = next((found for found in networks if member(found, "link")), networks[0])
    name = word(chosen.get("network-id")) or ""
    others = [f"network {shown(n.get('network-id'))}: another layer, not read" for n in networks]
    others.remove(f"network {shown(chosen.get('network-id'))}: another layer, not read")
    nodes = listed(member(chosen, "node"), "/network/node")
    own = {word(node.get("node-id")): _site_of(node) for node in nodes}
    rows = listed(member(chosen, "link"), "/network/link")
    links, told = paired(_link(link, own) for link in rows if not {LINK, REVERSE} & link.keys())
    links = [_own(link, own) for link in rows if LINK in link] + links
    sites = {site: _node(node, site) for node in nodes if (site := own[word(node.get("node-id"))])}
    return LooseGraph(
        name=word(chosen.get("sekisho-network:name")) or name,
        directed=False,
        nodes=list(sites.values()),
        links=links,
        epoch=chosen.get("sekisho-network:epoch", 0),
        node_names=NODE_NAMES,
        link_names=LINK_NAMES,
        dropped=(*others, *told),
    )


def _networks(value: Any) -> list[dict[str, Any]]:
    whole = value if isinstance(value, dict) else {}
    inner = member(whole, "networks")
    return listed(member(inner if isinstance(inner, dict) else whole, "network"), "/network")


def _site_of(node: dict[str, Any]) -> str:
    """Return the site of a node: OpenROADM's degrees and add/drop groups stand at one ROADM."""
    for support in listed(node.get("supporting-node"), "/network/node/supporting-node"):
        if support.get("network-ref") == _SITES and (name := word(support.get("node-ref"))):
            return name
    name = word(node.get("node-id"))
    if name is None:
        raise NetworkError("/network/node", f"node-id is expected, not {shown(node)}")
    return name


def _rest(found: dict[str, Any]) -> dict[str, Any]:
    return flat({k: v for k, v in found.items() if k.rpartition(":")[2] not in _READ})


def _node(node: dict[str, Any], site: str) -> dict[str, Any]:
    own = node.get(NODE)
    if isinstance(own, dict):
        return {**own, "id": site}
    return {**_rest(node), "id": site}


def _own(link: dict[str, Any], sites: dict[str | None, str]) -> dict[str, Any]:
    """Return the span that our own export wrote; its ends are the link's."""
    found = _link(link, sites)
    ends = {key: found[key] for key in ("id", "source", "target")}
    return {"directed": False, **_object(link[LINK]), **ends}


def _link(link: dict[str, Any], sites: dict[str | None, str]) -> dict[str, Any]:
    source, target = (_object(member(link, name)) for name in ("source", "destination"))
    ends = [word(source.get("source-node")), word(target.get("dest-node"))]
    name = word(link.get("link-id"))
    found = {
        "id": name or f"{ends[0]}-{ends[1]}",
        "source": sites.get(ends[0], str(ends[0])),
        "target": sites.get(ends[1], str(ends[1])),
    }
    ports = (source.get("source-tp"), target.get("dest-tp"))
    opposite = word(member(link, "opposite-link"))
    return {**_measured(_rest(link)), **found, "ports": ports, "opposite": opposite}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _measured(rest: dict[str, Any]) -> dict[str, Any]:
    delay, groups = amount(rest.get(_DELAY)), rest.get(f"{_TE}.te-srlgs.value")
    if delay is not None:
        rest[_DELAY] = delay / _US_PER_MS
    if isinstance(groups, list):
        rest[f"{_TE}.te-srlgs.value"] = [f"srlg:{word(group)}" for group in groups]
    return _concatenated(rest)


def _concatenated(rest: dict[str, Any]) -> dict[str, Any]:
    """Add up the fibres of an OpenROADM link; their risk groups become the span's."""
    key = "org-openroadm-network-topology:OMS-attributes.span.link-concatenation"
    parts = rest.get(key)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return rest
    metres = [amount(part.get("SRLG-length")) for part in parts]
    known = [length for length in metres if length is not None]
    if len(known) < len(parts) or not parts:
        return rest
    groups = {word(part.get("SRLG-Id")) for part in parts} - {None, "0"}
    if groups:
        rest["risk_groups"] = sorted(f"srlg:{group}" for group in groups)
    return {**rest, key: sum(known) / _M_PER_KM}
