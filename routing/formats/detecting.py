"""Which format a file has, by its content alone."""

import re
from typing import Any, Final

from routing.document import LARGEST, read_json
from routing.errors import NetworkError

NAMES: Final = (
    "node-link", "graphml", "gml", "ietf", "tapi", "gnpy", "ofds", "geojson", "sndlib", "netbox",
)  # fmt: skip
_GRAPHML: Final = re.compile(rb"<\s*(\w+:)?graphml\b")
_SNDLIB_XML: Final = re.compile(rb"<\s*(\w+:)?network(Structure)?\b")
_SNDLIB: Final = re.compile(rb"\?\s*SNDlib native format|(^|\n)NODES\s*\(")
_GML: Final = re.compile(rb"(^|\n)\s*graph\s*\[")
_TABLE: Final = re.compile(
    rb"[^\n]*\b(Site A|Slug|slug|site a)\b[^\n]*,|[^\n]*,[^\n]*\b(Slug|slug)\b"
)


def detect(raw: bytes) -> str:
    """Return the format of `raw`.

    Raises:
        NetworkError: none of the known ones, or malformed JSON.
    """
    if len(raw) > LARGEST:
        raise NetworkError("", f"{len(raw)} bytes; at most {LARGEST} are read")
    start = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"{":
        value = read_json(raw)
        found = _of_json(value) if isinstance(value, dict) else None
    elif start[:1] == b"<":
        xml = ((_GRAPHML, "graphml"), (_SNDLIB_XML, "sndlib"))
        found = next((name for pattern, name in xml if pattern.search(start)), None)
    else:
        plain = ((_SNDLIB, "sndlib"), (_GML, "gml"))
        found = next((name for pattern, name in plain if pattern.search(start)), None)
        found = "netbox" if found is None and _TABLE.match(start) else found
    if found is None:
        raise NetworkError("", f"the format is not known; known are {', '.join(NAMES)}")
    return found


def _of_json(value: dict[str, Any]) -> str | None:
    keys = {key.rpartition(":")[2] for key in value}
    if "nodes" in keys and {"links", "edges"} & keys:
        return "node-link"
    known = (
        ({"elements", "connections"}, "gnpy"),
        ({"sites", "cables"}, "netbox"),
        ({"nodes", "spans"}, "ofds"),
    )
    if found := next((name for needed, name in known if needed <= keys), None):
        return found
    any_of = (
        ({"context", "topology-context", "topology"}, "tapi"),
        ({"features"}, "geojson"),
        ({"network", "ietf-networks"}, "ietf"),
    )
    if found := next((name for named, name in any_of if named & keys), None):
        return found
    networks = value.get("networks", value.get("ietf-network:networks"))
    if isinstance(networks, dict) and {"network", "ietf-network:network"} & networks.keys():
        return "ietf"
    return "ofds" if isinstance(networks, list) else None
