"""Foreign formats: read leniently, nothing lost without a line in the report."""

import json

import networkx as nx
import pytest
from hypothesis import given, settings, strategies as st

from routing.errors import NetworkError
from routing.formats.importing import detect, import_network
from routing.network import build_network, parse_network
from tests.routing.plant import Seed

GML = b"""graph [
  Network "Testnet"
  node [ id 0 label "Tokyo" Country "JP" Latitude 35.69 Longitude 139.69 ]
  node [ id 1 label "Osaka" Country "Japan" Latitude 34.69 Longitude 135.5 Internal 1 ]
  node [ id 2 label "Cloud" hyperedge 1 ]
  node [ id 3 label "Nowhere" ]
  edge [ source 0 target 1 LinkLabel "OC-192" ]
  edge [ source 0 target 1 dist 550 ]
  edge [ source 0 target 0 dist 1 ]
  edge [ source 0 target 2 dist 1 ]
  edge [ source 1 target 3 ]
]
"""


def graphml() -> bytes:
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    graph.add_node("a", Latitude=35.0, Longitude=135.0, Country="JP")
    graph.add_node("b", Latitude=36.0, Longitude=135.0)
    graph.add_node("alone")
    graph.add_edge("a", "b", key=0, length=120.0)
    graph.add_edge("a", "b", key=1, length=130.0, Colour="red")
    return "\n".join(nx.generate_graphml(graph)).encode()


def test_gml_keeps_parallel_links_and_reports_everything_else() -> None:
    document, report = import_network(GML)
    network = build_network(document)
    assert report.format == "gml"
    assert network.name == "Testnet"
    assert [site.id for site in network.sites] == ["0", "1", "3"]
    assert [(span.id, span.km) for span in network.spans] == [
        ("0-1", pytest.approx(396, abs=5)),
        ("0-1#2", 550),
    ]
    assert network.sites[0].jurisdiction == "JP"
    assert network.sites[1].jurisdiction is None
    assert dict(report.unknown) == {"Country": 1, "Internal": 1, "LinkLabel": 1}
    told = "\n".join(report.dropped)
    for line in ("hyperedge", "ends where it starts", "not a site", "great circle", "neither"):
        assert line in told


def test_graphml_keeps_parallel_links_and_sites_without_any() -> None:
    document, report = import_network(graphml())
    network = build_network(document)
    assert report.format == "graphml"
    assert sorted(span.km for span in network.spans) == [120.0, 130.0]
    assert len(network.sites) == 3
    assert dict(report.unknown) == {"Colour": 1}


def test_a_directed_file_gives_directed_spans() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edge("a", "b", km=5.0)
    document, _ = import_network("\n".join(nx.generate_graphml(graph)).encode())
    assert build_network(document).spans[0].directed


def test_what_networkx_writes_as_node_link_reads_back() -> None:
    for seed in range(20):
        network = Seed(seed).network
        raw = network.to_bytes()
        document, report = import_network(raw, "node-link")
        assert build_network(document) == parse_network(raw)
        assert report.dropped == ()
    graph: nx.MultiGraph[int] = nx.MultiGraph()
    graph.add_edge(1, 2, km=3)
    document, report = import_network(json.dumps(nx.node_link_data(graph)).encode())
    assert report.format == "node-link"
    assert [span.source for span in build_network(document).spans] == ["1"]


def test_ends_given_as_places_in_the_list_of_nodes_are_understood() -> None:
    raw = b'{"nodes": [{"id": "x"}, {"id": "y"}], "links": [{"source": 0, "target": 1, "km": "7"}]}'
    (span,) = build_network(import_network(raw)[0]).spans
    assert (span.source, span.target, span.km) == ("x", "y", 7.0)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"[1]",
        b"{}",
        b"<svg/>",
        b"\x00\x01",
    ],
)
def test_an_unknown_format_is_refused_with_the_known_ones(raw: bytes) -> None:
    with pytest.raises(NetworkError, match="node-link, graphml, gml"):
        detect(raw)


def test_a_format_nobody_knows_is_refused_by_name() -> None:
    with pytest.raises(NetworkError, match="kml is not known"):
        import_network(b"{}", "kml")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("graphml", b"<graphml>"),
        ("graphml", b'<!DOCTYPE x [<!ENTITY a "aa">]><graphml/>'),
        ("graphml", b"\xff<graphml/>"),
        ("gml", b"graph [ node [ id 0 id 1 ] "),
        ("gml", b"graph [ node [ ] ]"),
        ("gml", b"graph [ " * 5000),
        ("node-link", b"[]"),
        ("node-link", b'{"nodes": 1, "links": []}'),
        ("node-link", b'{"nodes": [1], "links": []}'),
        ("node-link", b'{"nodes": [], "links": {}}'),
        ("node-link", b'{"nodes": [{"id": "a\\""}], "links": []}'),
        ("node-link", b'{"nodes": [{"id": "a", "lat": "1e999"}], "links": []}'),
        ("node-link", b'{"nodes": [{"id": "a", "lat": 1' + b"0" * 400 + b'}], "links": []}'),
    ],
)
def test_malformed_files_are_refused_and_nothing_else_happens(name: str, raw: bytes) -> None:
    with pytest.raises(NetworkError):
        import_network(raw, name)


@settings(max_examples=150)
@given(st.sampled_from(["gml", "graphml", "node-link"]), st.integers(0, 400), st.binary(max_size=5))
def test_damaged_files_are_read_or_refused(name: str, at: int, put: bytes) -> None:
    node_link = Seed(1).network.to_bytes()
    raw = {"gml": GML, "graphml": graphml(), "node-link": node_link}[name]
    try:
        document, _ = import_network(raw[:at] + put + raw[at + 2 :], name)
    except NetworkError as refused:
        str(refused).encode()
        return
    build_network(document)


def test_a_report_prints_as_json_and_numbers_that_are_none_are_reported() -> None:
    raw = b'{"nodes": [{"id": "x", "lat": "north"}], "links": []}'
    _, report = import_network(raw)
    assert report.to_json() == {
        "format": "node-link",
        "understood": ["id"],
        "unknown": {"lat": 1},
        "dropped": [],
    }


def test_an_oversize_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.formats.detecting.LARGEST", 10)
    with pytest.raises(NetworkError, match="at most 10"):
        import_network(GML)
