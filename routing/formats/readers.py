"""Node-link JSON, GraphML and GML, read leniently; parallel links and disconnection are normal."""

import re
from collections.abc import Callable
from typing import Any, Final

import networkx as nx

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph

# Entities are how a small XML file becomes a large one, or reads another file.
_FORBIDDEN_XML: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_GML_GRAPH: Final = re.compile(r"\bgraph\s*\[")


def read_nodelink(raw: bytes) -> LooseGraph:
    """Read node-link JSON; ends may be ids or, in older files, places in the list of nodes."""
    value = read_json(raw)
    if not isinstance(value, dict):
        raise NetworkError("", f"an object is expected, not {shown(value)}")
    links = value.get("links", value.get("edges"))
    nodes = _objects(value.get("nodes"), "/nodes")
    ids: list[Any] = [node.get("id") for node in nodes]
    known = {str(name) for name in ids}
    return LooseGraph(
        name=str(value.get("name") or ""),
        directed=value.get("directed") is True,
        nodes=[{**node, "id": str(node.get("id"))} for node in nodes],
        links=[_ends(link, ids, known) for link in _objects(links, "/links")],
        epoch=value.get("epoch", 0),
    )


def read_graphml(raw: bytes) -> LooseGraph:
    """Read GraphML; a document type or an entity is refused."""
    if _FORBIDDEN_XML.search(raw):
        raise NetworkError("", "a document type or entity in XML is not read")
    text = _text(raw)
    return _loose(lambda: nx.parse_graphml(text, force_multigraph=True), "GraphML")


def read_gml(raw: bytes) -> LooseGraph:
    """Read GML; parallel links are read whether or not the file says that it has some."""
    text = _text(raw)
    if not re.search(r"\bmultigraph\b", text):
        text = _GML_GRAPH.sub("graph [ multigraph 1 ", text, count=1)
    return _loose(lambda: nx.parse_gml(text, label="id"), "GML")


def _objects(value: Any, pointer: str) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise NetworkError(pointer, f"a list is expected, not {shown(value)}")
    for place, item in enumerate(value):
        if not isinstance(item, dict):
            raise NetworkError(f"{pointer}/{place}", f"an object is expected, not {shown(item)}")
    return value


def _ends(link: dict[str, Any], ids: list[Any], known: set[str]) -> dict[str, Any]:
    ends: dict[str, Any] = {}
    for end in ("source", "target"):
        value = link.get(end)
        place = value if isinstance(value, int) and str(value) not in known else -1
        ends[end] = str(ids[place] if 0 <= place < len(ids) else value)
    return {**link, **ends}


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise NetworkError("", f"not UTF-8 at byte {problem.start}") from problem


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
        links=[
            {**keys, "source": str(tail), "target": str(head)}
            for tail, head, keys in graph.edges(data=True)
        ],
    )
