"""Any known format to a validated network document and a report of what became of the file."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from policy.canonical import JSON
from routing.document import LARGEST, read_json
from routing.errors import NetworkError
from routing.formats.convert import to_document
from routing.formats.loose import ImportReport, LooseGraph, Notes
from routing.formats.readers import read_gml, read_graphml, read_nodelink
from routing.network import build_network

AUTO: Final = "auto"
READERS: Final[Mapping[str, Callable[[bytes], LooseGraph]]] = {
    "node-link": read_nodelink,
    "graphml": read_graphml,
    "gml": read_gml,
}
_GRAPHML: Final = re.compile(rb"<\s*(\w+:)?graphml\b")
_GML: Final = re.compile(rb"(^|\n)\s*graph\s*\[")


def import_network(raw: bytes, name: str = AUTO) -> tuple[dict[str, JSON], ImportReport]:
    """Read `raw` in the named format; the document returned passes `build_network`.

    Raises:
        NetworkError: an unknown format, a malformed file, or a document that would not be valid.
    """
    found = detect(raw) if name == AUTO else name
    if found not in READERS:
        raise NetworkError("", f"format {found} is not known; known are {', '.join(READERS)}")
    notes = Notes()
    document = to_document(READERS[found](raw), notes)
    network = build_network(document)
    return network.to_json(), notes.report(found)


def detect(raw: bytes) -> str:
    """Return the format of `raw` by its content.

    Raises:
        NetworkError: none of the known ones.
    """
    if len(raw) > LARGEST:
        raise NetworkError("", f"{len(raw)} bytes; at most {LARGEST} are read")
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"{":
        value = read_json(raw)
        if isinstance(value, dict) and "nodes" in value and {"links", "edges"} & value.keys():
            return "node-link"
    elif start[:1] == b"<" and _GRAPHML.search(start):
        return "graphml"
    elif _GML.search(start):
        return "gml"
    raise NetworkError("", f"the format is not known; known are {', '.join(READERS)}")
