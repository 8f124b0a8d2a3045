"""The network in other people's formats, and what each of them could not carry."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import networkx as nx

from policy.canonical import JSON
from routing.errors import NetworkError
from routing.formats.gnpy import REVERSE as GNPY_REVERSE
from routing.formats.ietf import LINK, NODE, REVERSE
from routing.network import Network, Site, Span

# What XML cannot say: most control characters, and a carriage return comes back as a line feed.
_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SRLG: Final = re.compile(r"srlg:([0-9]{1,9})", re.ASCII)
_GNPY_CARRIES: Final = frozenset({"id", "source", "target", "km", "name", "lat", "lon", "directed"})
_US_PER_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export left out (attributes, with counts) and what it had to assume."""

    format: str
    lost: tuple[tuple[str, int], ...] = ()
    assumed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the report as `network export` prints it."""
        return {"format": self.format, "lost": dict(self.lost), "assumed": list(self.assumed)}


def export_network(network: Network, name: str) -> tuple[bytes, ExportReport]:
    """Write `network` in the named format.

    Raises:
        NetworkError: a format that is not written.
    """
    if name not in WRITERS:
        known = ", ".join(WRITERS)
        raise NetworkError("", f"format {name} is not written; written are {known}")
    return WRITERS[name](network)


def write_canonical(network: Network) -> tuple[bytes, ExportReport]:
    """Return the canonical document."""
    return network.to_bytes(), ExportReport("canonical")


def write_graphml(network: Network) -> tuple[bytes, ExportReport]:
    """Return GraphML with every attribute; lists and evidence are JSON in text."""
    directed = any(span.directed for span in network.spans)
    graph: Any = nx.MultiDiGraph() if directed else nx.MultiGraph()
    graph.graph.update({"Network": network.name} if network.name else {}, epoch=network.epoch)
    lost: Counter[str] = Counter()
    for site in network.sites:
        graph.add_node(site.id, **_texts(site.to_json(), lost, {"id"}))
    for span in network.spans:
        own = _texts(span.to_json(), lost, {"source", "target"})
        keys = {**own, "directed": span.directed, "start": span.source}
        graph.add_edge(span.source, span.target, key=span.id, **keys)
    raw = "\n".join(nx.generate_graphml(graph)).encode() + b"\n"
    return raw, ExportReport("graphml", tuple(sorted(lost.items())))


def _texts(found: Mapping[str, Any], lost: Counter[str], ids: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in found.items():
        if key in ids:
            continue
        plain = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
        if isinstance(plain, str) and (not plain or _NOT_XML.search(plain)):
            lost[key] += 1
        else:
            values[key] = plain
    return values


def write_gnpy(network: Network) -> tuple[bytes, ExportReport]:
    """Return a GNPy topology: a ROADM and a transceiver per site, a fibre per direction."""
    taken = {site.id for site in network.sites}
    elements: list[dict[str, Any]] = []
    joints: list[tuple[str, str]] = []
    for site in network.sites:
        elements.append({"uid": site.id, "type": "Roadm", **_location(site)})
        transceiver = _unused(f"trx {site.id}", taken)
        elements.append({"uid": transceiver, "type": "Transceiver", **_location(site)})
        joints += [(transceiver, site.id), (site.id, transceiver)]
    for span in network.spans:
        names = _unused_pair(span.id, taken)
        ways = [(span.source, span.target), (span.target, span.source)]
        for uid, (tail, head) in zip(names, ways[: 1 if span.directed else 2], strict=False):
            elements.append(_fibre(uid, span))
            joints += [(tail, uid), (uid, head)]
    connections = [{"from_node": tail, "to_node": head} for tail, head in joints]
    document = {"network_name": network.name, "elements": elements, "connections": connections}
    assumed = ("every fibre is SSMF with a loss of 0.2 dB/km", "a transceiver at every site")
    return _json(document), ExportReport("gnpy", _lost(network, _GNPY_CARRIES), assumed)


def _location(site: Site) -> dict[str, Any]:
    place = {"city": site.name, "latitude": site.lat, "longitude": site.lon}
    known = {key: value for key, value in place.items() if value is not None}
    return {"metadata": {"location": known}} if known else {}


def _fibre(uid: str, span: Span) -> dict[str, Any]:
    params = {"length": span.km, "length_units": "km", "loss_coef": 0.2, "con_in": 0, "con_out": 0}
    return {"uid": uid, "type": "Fiber", "type_variety": "SSMF", "params": params}


def _unused(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    taken.add(name)
    return name


def _unused_pair(name: str, taken: set[str]) -> tuple[str, str]:
    while {name, name + GNPY_REVERSE} & taken:
        name += "'"
    taken.update({name, name + GNPY_REVERSE})
    return name, name + GNPY_REVERSE


def _lost(network: Network, carried: frozenset[str]) -> tuple[tuple[str, int], ...]:
    rows = [site.to_json() for site in network.sites] + [s.to_json() for s in network.spans]
    return tuple(sorted(Counter(key for row in rows for key in row.keys() - carried).items()))


def write_ietf(network: Network) -> tuple[bytes, ExportReport]:
    """Return RFC 8345/8795 JSON; what those lack stands in our own augmentation."""
    links = [link for span in network.spans for link in _links(span)]
    shell: dict[str, Any] = {
        "network-id": network.name or "network",
        "network-types": {"ietf-te-topology:te-topology": {}},
        "sekisho-network:name": network.name,
        "sekisho-network:epoch": network.epoch,
        "node": [_te_node(site) for site in network.sites],
        "ietf-network-topology:link": links,
    }
    return _json({"ietf-network:networks": {"network": [shell]}}), ExportReport("ietf")


def _te_node(site: Site) -> dict[str, Any]:
    attributes: dict[str, Any] = {} if site.name is None else {"name": site.name}
    if site.lat is not None and site.lon is not None:
        # RFC 7951: decimal64 is written as a string.
        attributes["geolocation"] = {"latitude": f"{site.lat:g}", "longitude": f"{site.lon:g}"}
    return {
        "node-id": site.id,
        "ietf-te-topology:te": {"te-node-attributes": attributes},
        NODE: site.to_json(),
    }


def _links(span: Span) -> Iterator[dict[str, Any]]:
    attributes: dict[str, Any] = {
        "name": span.id,
        "performance-metrics-one-way": {"one-way-delay": round(span.ms * _US_PER_MS)},
    }
    numbers = [found[1] for group in span.risk_groups or () if (found := _SRLG.fullmatch(group))]
    if numbers:
        attributes["te-srlgs"] = {"value": [int(number) for number in numbers]}
    standard = {"ietf-te-topology:te": {"te-link-attributes": attributes}}
    yield _link(span.id, span.source, span.target, {**standard, LINK: span.to_json()})
    if not span.directed:
        back = {**standard, REVERSE: span.id}
        yield _link(f"{span.id} (reverse)", span.target, span.source, back)


def _link(name: str, tail: str, head: str, more: dict[str, Any]) -> dict[str, Any]:
    ends = {"source": {"source-node": tail}, "destination": {"dest-node": head}}
    return {"link-id": name, **ends, **more}


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


WRITERS: Final[Mapping[str, Callable[[Network], tuple[bytes, ExportReport]]]] = {
    "canonical": write_canonical,
    "graphml": write_graphml,
    "gnpy": write_gnpy,
    "ietf": write_ietf,
}
