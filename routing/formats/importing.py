"""Any known format to a validated network document and a report of what became of the file."""

from collections.abc import Callable, Mapping
from typing import Final

from policy.canonical import JSON
from routing.errors import NetworkError
from routing.formats.convert import to_document
from routing.formats.detecting import detect
from routing.formats.geojson import read_geojson
from routing.formats.gnpy import read_gnpy
from routing.formats.ietf import read_ietf
from routing.formats.loose import ImportReport, LooseGraph, Notes
from routing.formats.netbox import read_netbox
from routing.formats.ofds import read_ofds
from routing.formats.readers import read_gml, read_graphml, read_nodelink
from routing.formats.sndlib import read_sndlib
from routing.formats.tapi import read_tapi
from routing.network import build_network

__all__ = ["AUTO", "READERS", "detect", "import_network"]

AUTO: Final = "auto"
READERS: Final[Mapping[str, Callable[[bytes], LooseGraph]]] = {
    "node-link": read_nodelink,
    "graphml": read_graphml,
    "gml": read_gml,
    "ietf": read_ietf,
    "tapi": read_tapi,
    "gnpy": read_gnpy,
    "ofds": read_ofds,
    "geojson": read_geojson,
    "sndlib": read_sndlib,
    "netbox": read_netbox,
}


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
