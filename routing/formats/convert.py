"""A loose graph to a network document: known keys are mapped, all others are reported.

Nothing is guessed. A length that is not given is the great circle between the ends, and the
report says so; a link without either is dropped, and the report says that too.
"""

from typing import Any, Final

from policy.canonical import JSON
from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, Notes, amount
from routing.network import build_network, great_circle_km
from routing.sites import Site
from routing.spans import SECRECY as ENCRYPTION

_NODE_KEYS: Final = frozenset(
    [
        "id",
        "name",
        "kind",
        "lat",
        "lon",
        "jurisdiction",
        "operator",
        "owner_jurisdiction",
        "accreditations",
        "zones",
        "hazards",
        "carbon_g_per_kwh",
        "evidence",
    ]
)
_LINK_KEYS: Final = frozenset(
    [
        "id",
        "source",
        "target",
        "km",
        "operator",
        "owner",
        "owner_jurisdiction",
        "duct_owner",
        "jurisdictions",
        "conduit",
        "risk_groups",
        "capacity_gbps",
        "latency_ms",
        "directed",
        "encryption",
        "evidence",
    ]
)
_NODE_NAMES: Final = {
    "label": "name",
    "latitude": "lat",
    "longitude": "lon",
    "lng": "lon",
    "country": "jurisdiction",
    "country_code": "jurisdiction",
}
_LINK_NAMES: Final = {
    "length": "km",
    "length_km": "km",
    "distance": "km",
    "distance_km": "km",
    "dist": "km",
}
_NUMBERS: Final = frozenset({"lat", "lon", "km", "carbon_g_per_kwh", "capacity_gbps", "latency_ms"})
_STRUCTURED: Final = frozenset(
    {"accreditations", "zones", "hazards", "jurisdictions", "risk_groups", "evidence", "encryption"}
)
_COUNTRY_LETTERS: Final = 2


def to_document(graph: LooseGraph, notes: Notes) -> dict[str, JSON]:
    """Return the network document of `graph`; what it could not carry goes into `notes`.

    Raises:
        NetworkError: nodes that are not well formed.
    """
    notes.dropped.extend(graph.dropped)
    node_names = {**_NODE_NAMES, **graph.node_names}
    link_names = {**_LINK_NAMES, **graph.link_names}
    nodes = [
        _mapped(node, _NODE_KEYS, node_names, notes) for node in graph.nodes if _site(node, notes)
    ]
    sites = {site.id: site for site in build_network({"nodes": nodes, "links": []}).sites}
    links: list[dict[str, Any]] = []
    taken: set[str] = set()
    for link in graph.links:
        if _joins(link, sites, notes):
            mapped = _mapped(link, _LINK_KEYS, link_names, notes)
            mapped["id"] = _unused(mapped, taken)
            if graph.directed:
                mapped.setdefault("directed", True)
            if _measured(mapped, sites, notes):
                links.append(mapped)
    return {"name": graph.name, "epoch": graph.epoch, "nodes": nodes, "links": links}


def _site(node: dict[str, Any], notes: Notes) -> bool:
    artefact = str(node.get("hyperedge", 0)) in {"1", "True", "true"}
    if artefact:
        notes.dropped.append(f"node {node['id']}: a drawing artefact (hyperedge), not a site")
    return not artefact


def _joins(link: dict[str, Any], sites: dict[str, Site], notes: Notes) -> bool:
    ends = f"link {link['source']} - {link['target']}"
    if link["source"] == link["target"]:
        notes.dropped.append(f"{ends}: ends where it starts")
        return False
    if link["source"] not in sites or link["target"] not in sites:
        notes.dropped.append(f"{ends}: one end is not a site")
        return False
    return True


def _mapped(
    found: dict[str, Any], keys: frozenset[str], names: dict[str, str], notes: Notes
) -> dict[str, Any]:
    mapped: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for key, value in found.items():
        name = key if key in keys else names.get(key) or names.get(key.lower(), "")
        stem, _, part = key.partition(".")
        if stem == "encryption" and part in ENCRYPTION and "encryption" in keys:
            sealed[part] = value
            notes.understood.add(key)
            continue
        kept = None if name in mapped or not name else _value(name, value)
        if kept is None:
            notes.unknown[shown(key)[1:-1]] += value is not None
        else:
            notes.understood.add(key)
            mapped[name] = kept
    if sealed:
        mapped.setdefault("encryption", sealed)
    return mapped


def _value(name: str, value: Any) -> Any:
    """Return `value` as the document wants it, None if it cannot carry it."""
    if name in _NUMBERS and isinstance(value, str):
        return amount(value)
    if name in _STRUCTURED and isinstance(value, str):
        return _structure(value)
    if name == "jurisdiction":
        code = str(value).upper()
        letters = len(code) == _COUNTRY_LETTERS and code.isascii() and code.isalpha()
        return code if letters else None
    return str(value) if name in {"id", "name"} and value is not None else value


def _structure(text: str) -> Any:
    """Return the list or object that a text attribute writes, as in GraphML; None if it is none."""
    try:
        return read_json(text.encode()) if text[:1] in {"[", "{"} else None
    except (NetworkError, UnicodeEncodeError):
        return None


def _unused(link: dict[str, Any], taken: set[str]) -> str:
    """Return the link's own id, or its ends, numbered where that is already used."""
    stem = str(link.get("id", f"{link['source']}-{link['target']}"))
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}#{number}"
    taken.add(name)
    return name


def _measured(link: dict[str, Any], sites: dict[str, Site], notes: Notes) -> bool:
    if "km" in link:
        return True
    least = great_circle_km(sites[link["source"]], sites[link["target"]])
    if least is None:
        notes.dropped.append(f"link {link['id']}: neither a length nor coordinates")
        return False
    link["km"] = round(least, 3)
    notes.dropped.append(f"link {link['id']}: no length given, great circle taken")
    return True
