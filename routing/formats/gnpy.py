"""GNPy topologies: ROADMs are sites, the fibres between two of them are one span."""

from collections import defaultdict
from typing import Any, Final

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, amount, flat, listed, word
from routing.formats.opposites import paired

NODE_NAMES: Final = {
    "metadata.location.latitude": "lat",
    "metadata.location.longitude": "lon",
    "metadata.location.city": "name",
}
REVERSE: Final = " (reverse)"
FIBRES: Final = frozenset({"Fiber", "RamanFiber"})
_KM: Final = {"km": 1.0, "m": 1e-3}

_Elements = dict[str, dict[str, Any]]


def read_gnpy(raw: bytes) -> LooseGraph:
    """Read a topology; without a ROADM its transceivers are the sites."""
    value = read_json(raw)
    value = value if isinstance(value, dict) else {}
    elements: _Elements = {}
    for place, element in enumerate(listed(value.get("elements"), "/elements")):
        uid = word(element.get("uid"))
        if uid is None or uid in elements:
            raise NetworkError(f"/elements/{place}/uid", f"{shown(uid)} is missing or repeated")
        elements[uid] = element
    kinds = {_kind(element) for element in elements.values()}
    kind = "Roadm" if "Roadm" in kinds else "Transceiver"
    onward, dropped = _connections(value, elements)
    sites = [uid for uid, element in elements.items() if _kind(element) == kind]
    chains = [chain for site in sites for chain in _chains(site, kind, elements, onward, dropped)]
    used = {uid for fibres, _ in chains for uid in fibres}
    links, told = paired(link for _, link in chains)
    return LooseGraph(
        name=word(value.get("network_name")) or "",
        directed=False,
        nodes=[_node(uid, elements[uid]) for uid in sites],
        links=[_forwards(link, elements) for link in links],
        node_names=NODE_NAMES,
        dropped=(*dropped, *told, *_left(elements, used, kind)),
    )


def _connections(
    value: dict[str, Any], elements: _Elements
) -> tuple[dict[str, list[str]], list[str]]:
    onward: dict[str, list[str]] = defaultdict(list)
    dropped: list[str] = []
    for joint in listed(value.get("connections"), "/connections"):
        tail, head = word(joint.get("from_node")), word(joint.get("to_node"))
        if tail in elements and head in elements and tail and head:
            onward[tail].append(head)
        else:
            dropped.append(f"connection {tail} - {head}: one end is not an element")
    return onward, dropped


def _chains(
    site: str, kind: str, elements: _Elements, onward: dict[str, list[str]], dropped: list[str]
) -> list[tuple[list[str], dict[str, Any]]]:
    """Follow what leaves a site to the next one; amplifiers and splices belong to the way."""
    found: list[tuple[list[str], dict[str, Any]]] = []
    for first in onward[site]:
        way, here = [site], first
        while _kind(elements[here]) not in {kind, "Transceiver"} and here not in way:
            way.append(here)
            after = [there for there in onward[here] if there not in way[-2:-1]]
            if len(after) != 1:
                break
            here = after[0]
        fibres = [uid for uid in way[1:] if _kind(elements[uid]) in FIBRES]
        if _kind(elements[here]) == kind and here != site and fibres:
            found.append((fibres, _link(site, here, fibres, elements)))
        elif fibres:
            dropped.append(f"fibre {fibres[0]}: leads to no other site")
    return found


def _link(source: str, target: str, fibres: list[str], elements: _Elements) -> dict[str, Any]:
    name = fibres[0]
    found: dict[str, Any] = {"id": name, "source": source, "target": target}
    back = [other for other in (_base(name, elements), name + REVERSE) if other != name]
    if back[0] in elements:
        found["opposite"] = back[0]
    lengths = [_km(elements[uid]) for uid in fibres]
    known = [length for length in lengths if length is not None]
    return {**found, "km": sum(known)} if len(known) == len(lengths) else found


def _base(name: str, elements: _Elements) -> str:
    """Return the forward fibre of one that our own export named as its reverse, else `name`."""
    base = name.removesuffix(REVERSE)
    return base if _kind(elements.get(base, {})) in FIBRES else name


def _forwards(link: dict[str, Any], elements: _Elements) -> dict[str, Any]:
    """Name a span by its forward fibre, whichever direction was read first."""
    base = _base(str(link["id"]), elements)
    if link["directed"] or base == link["id"]:
        return link
    return {**link, "source": link["target"], "target": link["source"], "id": base}


def _km(fibre: dict[str, Any]) -> float | None:
    params = fibre.get("params")
    params = params if isinstance(params, dict) else {}
    length, unit = amount(params.get("length")), _KM.get(str(params.get("length_units", "km")))
    return None if length is None or unit is None else length * unit


def _node(uid: str, element: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in element.items() if key not in {"uid", "type"}}
    return {**flat(rest), "id": uid}


def _left(elements: _Elements, used: set[str], kind: str) -> list[str]:
    return [
        f"element {uid}: {shown(element.get('type'))}, neither a site nor part of a span"
        for uid, element in elements.items()
        if _kind(element) != kind
        and uid not in used
        and _kind(element) not in {"Edfa", "Fused", "Multiband_amplifier"}
    ]


def _kind(element: dict[str, Any]) -> str:
    return str(element.get("type"))
