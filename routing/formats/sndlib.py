"""SNDlib networks, native and XML: nodes and links; demands, costs and modules are told.

Coordinates are taken as degrees only if the file says so (XML) or all of them can be (native). A
link has no length in this format.
"""

import re
from typing import Any, Final
from xml.etree import ElementTree as ET

from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, amount, text
from routing.formats.readers import plain_xml

_SECTION: Final = re.compile(r"^\s*([A-Z_]+)\s*\(\s*$", re.ASCII)
_NODE: Final = re.compile(r"^\s*(\S+)\s*(?:\(\s*(\S+)\s+(\S+)\s*\))?\s*$")
_LINK: Final = re.compile(r"^\s*(\S+)\s*\(\s*(\S+)\s+(\S+)\s*\)\s*(.*)$")
_MOST_LAT, _MOST_LON = 90.0, 180.0


def read_sndlib(raw: bytes) -> LooseGraph:
    """Read either writing; a document type or an entity in XML is refused."""
    document = text(raw)
    return _xml(plain_xml(raw)) if document.lstrip()[:1] == "<" else _native(document)


def _native(document: str) -> LooseGraph:
    sections = _sections(document)
    if "NODES" not in sections:
        raise NetworkError("", "an SNDlib file has a section NODES")
    dropped: list[str] = []
    nodes = [_native_node(line, number) for number, line in sections["NODES"]]
    if not all(_degrees(node) for node in nodes):
        dropped.append("coordinates: not degrees, not read")
        nodes = [{"id": node["id"]} for node in nodes]
    links = [_native_link(line, number) for number, line in sections.get("LINKS", [])]
    dropped += [
        f"section {name}: {len(sections[name])} lines, not part of a topology"
        for name in sorted(sections.keys() - {"NODES", "LINKS", "META"})
    ]
    return LooseGraph("", directed=False, nodes=nodes, links=links, dropped=tuple(dropped))


def _sections(document: str) -> dict[str, list[tuple[int, str]]]:
    sections: dict[str, list[tuple[int, str]]] = {}
    current: list[tuple[int, str]] | None = None
    for number, line in enumerate(document.splitlines(), start=1):
        bare = line.partition("#")[0].strip()
        if current is None and (found := _SECTION.match(bare)):
            current = sections.setdefault(found[1], [])
        elif bare == ")":
            current = None
        elif bare and current is not None:
            current.append((number, bare))
        elif bare and not bare.startswith("?"):
            raise NetworkError("", f"line {number}: {shown(bare)} is in no section")
    if current is not None:
        raise NetworkError("", "the last section is not closed")
    return sections


def _native_node(line: str, number: int) -> dict[str, Any]:
    found = _NODE.match(line)
    if found is None:
        raise NetworkError("", f"line {number}: no node: {shown(line)}")
    if found[2] is None:
        return {"id": found[1]}
    return {"id": found[1], "lon": amount(found[2]), "lat": amount(found[3])}


def _native_link(line: str, number: int) -> dict[str, Any]:
    found = _LINK.match(line)
    if found is None:
        raise NetworkError("", f"line {number}: no link: {shown(line)}")
    rest = {"capacities and costs": found[4]} if found[4] else {}
    return {"id": found[1], "source": found[2], "target": found[3], **rest}


def _degrees(node: dict[str, Any]) -> bool:
    if "lat" not in node:
        return True
    lat, lon = node["lat"], node["lon"]
    return lat is not None and lon is not None and abs(lat) <= _MOST_LAT and abs(lon) <= _MOST_LON


def _xml(document: str) -> LooseGraph:
    try:
        root = ET.fromstring(document)  # noqa: S314 (no declaration is left in it, so no entity)
    except (ET.ParseError, ValueError, LookupError) as problem:
        raise NetworkError("", f"not XML: {shown(str(problem))}") from problem
    dropped: list[str] = []
    places = next(_named(root, "nodes"), None)
    geographic = places is not None and places.get("coordinatesType") == "geographical"
    if not geographic:
        dropped.append("coordinates: not said to be geographical, not read")
    demands = sum(1 for _ in _named(root, "demand"))
    if demands:
        dropped.append(f"section demands: {demands} demands, not part of a topology")
    nodes = [_xml_node(node, geographic=geographic) for node in _named(root, "node")]
    links = [_xml_link(link) for link in _named(root, "link")]
    return LooseGraph("", directed=False, nodes=nodes, links=links, dropped=tuple(dropped))


def _named(root: ET.Element, name: str) -> Any:
    return (found for found in root.iter() if found.tag.rpartition("}")[2] == name)


def _texts(element: ET.Element) -> dict[str, str]:
    leaves = (leaf for leaf in element.iter() if len(leaf) == 0 and leaf.text)
    return {leaf.tag.rpartition("}")[2]: (leaf.text or "").strip() for leaf in leaves}


def _xml_node(node: ET.Element, *, geographic: bool) -> dict[str, Any]:
    found = _texts(node)
    place = {"lon": found.pop("x", None), "lat": found.pop("y", None)}
    return {**found, **(place if geographic else {}), "id": _id(node)}


def _xml_link(link: ET.Element) -> dict[str, Any]:
    found = _texts(link)
    ends = {"source": found.pop("source", ""), "target": found.pop("target", "")}
    return {**found, **ends, "id": _id(link)}


def _id(element: ET.Element) -> str:
    name = element.get("id")
    if not name:
        raise NetworkError("", f"a {element.tag.rpartition('}')[2]} without an id")
    return name
