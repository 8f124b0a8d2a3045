"""Node-link JSON, GraphML and GML, read leniently; parallel links and disconnection are normal."""

import re
from collections.abc import Callable
from typing import Any, Final

import networkx as nx

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, objects, text

# Entities are how a small XML file becomes a large one, or reads another file.
_FORBIDDEN_XML: Final = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_GML_GRAPH: Final = re.compile(r"\bgraph\s*\[")


def read_nodelink(raw: bytes) -> LooseGraph:
    """Read node-link JSON; ends may be ids or, in older files, places in the list of nodes."""
    value = read_json(raw)
    if not isinstance(value, dict):
        raise NetworkError("", f"an object is expected, not {shown(value)}")
    links = value.get("links", value.get("edges"))
    nodes = objects(value.get("nodes"), "/nodes")
    ids: list[Any] = [node.get("id") for node in nodes]
    known = {str(name) for name in ids}
    return LooseGraph(
        name=str(value.get("name") or ""),
        directed=value.get("directed") is True,
        nodes=[{**node, "id": str(node.get("id"))} for node in nodes],
        links=[_ends(link, ids, known) for link in objects(links, "/links")],
        epoch=value.get("epoch", 0),
    )


def read_graphml(raw: bytes) -> LooseGraph:
    """Read GraphML; a document type or an entity is refused."""
    document = plain_xml(raw)
    return _loose(lambda: nx.parse_graphml(document, force_multigraph=True), "GraphML")


def plain_xml(raw: bytes) -> str:
    """Return the text of an XML file that declares nothing; raises NetworkError."""
    # Searched in what is parsed: in UTF-16 the bytes would not show the declaration.
    document = text(raw)
    if _FORBIDDEN_XML.search(document):
        raise NetworkError("", "a document type or entity in XML is not read")
    return document


def read_gml(raw: bytes) -> LooseGraph:
    """Read GML; parallel links are read whether or not the file says that it has some."""
    document = text(raw)
    if not re.search(r"\bmultigraph\b", document):
        document = _GML_GRAPH.sub("graph [ multigraph 1 ", document, count=1)
    return _loose(lambda: nx.parse_gml(document, label="id"), "GML")


def _ends(link: dict[str, Any], ids: list[Any], known: set[str]) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    for end in ("source", "target"):
        value = link.get(end)
        place = value if isinstance(value, int) and str(value) not in known else -1
        ends[end] = str(ids[place] if 0 <= place < len(ids) else value)
    return {**link, **ends}


def _loose(parse: Callable[[], Any], name: str) -> LooseGraph:
    try:
        graph = parse()
    except (Exception, RecursionError) as problem:
        # The parsers of networkx raise whatever their innards do on a malformed file.
        raise NetworkError("", f"not {name}: {shown(str(problem))}") from problem
    title = graph.graph.get("Network") or graph.graph.get("label") or graph.name
    return LooseGraph(
        name=str(title or ""),
        directed=graph.is_directed(),
        nodes=[{**keys, "id": str(node)} for node, keys in graph.nodes(data=True)],
        links=[_edge(*edge) for edge in graph.edges(data=True)],
        epoch=graph.graph.get("epoch", 0),
    )


def _edge(tail: Any, head: Any, keys: dict[str, Any]) -> dict[str, Any]:
    """Return a link; where our own writer stood, `start` keeps the order of the ends."""
    ends = str(tail), str(head)
    kept = {key: value for key, value in keys.items() if key != "start"}
    start = keys.get("start")
    if start not in ends:
        kept = keys
    elif start == ends[1]:
        ends = ends[1], ends[0]
    return {**kept, "source": ends[0], "target": ends[1]}
