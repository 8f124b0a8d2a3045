"""Other people's formats: what each says is read, what it does not say is not guessed."""

import json
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings, strategies as st

from routing.errors import NetworkError
from routing.formats.importing import READERS, detect, import_network
from routing.formats.loose import ImportReport
from routing.formats.writing import WRITERS, export_network
from routing.network import Network, build_network, parse_network
from tests.routing.foreign import NETBOX, SNDLIB, SNDLIB_XML, samples, tapi
from tests.routing.plant import CHAIN, Plant, Seed

SAMPLES = samples()
FULL = (
    Plant()
    .site("a", name="Å \x07", kind="cluster", lat=35.1, lon=135.2, jurisdiction="JP")
    .site("b", name="B", accreditations=["ismap"], hazards=[], carbon_g_per_kwh=432.1)
    .span("s1", "b", "a", 0.1, encryption=CHAIN, jurisdictions=["JP"], risk_groups=["srlg:7"])
    .span("s2", "a", "b", 7, latency_ms=0.5, operator="op", evidence={"operator": {"by": "op"}})
    .span("s3", "a", "b", 7)
)


def read(name: str) -> tuple[Network, ImportReport]:
    document, report = import_network(SAMPLES[name])
    return build_network(document), report


def ends(network: Network) -> list[tuple[str, str, str, float, bool]]:
    return [(s.id, s.source, s.target, s.km, s.directed) for s in network.spans]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_known_by_its_content(name: str) -> None:
    assert detect(SAMPLES[name]) == name.partition(" ")[0]


def test_an_ietf_network_reads_its_te_attributes_and_pairs_the_two_directions() -> None:
    network, report = read("ietf")
    assert network.sites[0].name == "Akashi"
    assert (network.sites[0].lat, network.sites[0].lon) == (34.64, 134.99)
    assert [(s.id, s.directed, s.ms, s.risk_groups) for s in network.spans] == [
        ("one", False, 0.5, ("srlg:7",)),
        ("third", True, 0.5, ("srlg:7",)),
    ]
    assert dict(report.unknown) == {
        "ietf-te-topology:te.te-link-attributes.te-delay-metric": 2,
    }
    told = "\n".join(report.dropped)
    assert "'clli-network': another layer" in told
    assert "link other: read as the other direction of one" in told
    assert told.count("great circle taken") == 2


def test_openroadm_degrees_stand_at_their_roadm_and_fibres_add_up() -> None:
    network, report = read("ietf openroadm")
    assert [site.id for site in network.sites] == ["A", "B"]
    assert ends(network) == [("A>B", "A", "B", 80.5, False)]
    assert network.spans[0].risk_groups == ("srlg:5",)
    assert "ends where it starts" in "\n".join(report.dropped)


@pytest.mark.parametrize("version", ["2.1.3", "2.5"])
def test_tapi_is_read_where_it_gives_units_and_told_where_not(version: str) -> None:
    network, report = read(f"tapi {version}")
    assert [(s.id, s.name, s.lat) for s in network.sites] == [
        ("n1", "Atami", 35.5),
        ("n2", "Beppu", 35.5),
    ]
    assert ends(network) == [("l1", "n1", "n2", 42.5, False), ("l2", "n1", "n2", 40.0, True)]
    first = network.spans[0]
    assert (first.ms, first.capacity_gbps, first.risk_groups) == (0.25, 4000, ("duct:9",))
    assert dict(report.unknown) == {
        "cost-characteristic.HOPS": 1,
        "latency-characteristic.fixed-latency-characteristic": 1,
        "operational-state": 2,
    }
    assert report.dropped == ("link l3: 1 node edge points, not two",)


def test_a_one_way_tapi_link_without_a_way_is_not_guessed() -> None:
    document = tapi(version="2.5")
    (topology,) = document["tapi-common:context"]["tapi-topology:topology-context"]["topology"]
    for node in topology["node"]:
        node["owned-node-edge-point"][0]["link-port-direction"] = "BIDIRECTIONAL"
    found, report = import_network(json.dumps(document).encode())
    assert [span.id for span in build_network(found).spans] == ["l1"]
    assert "link l2: one way, and which way is not said" in report.dropped


def test_gnpy_fibres_between_two_roadms_are_one_span() -> None:
    network, report = read("gnpy")
    assert [(site.id, site.name) for site in network.sites] == [("A", "Chiba"), ("B", None)]
    assert ends(network) == [("f1", "A", "B", 80.0, False)]
    told = "\n".join(report.dropped)
    for line in ("end - nowhere", "fibre end: leads to no other site", "element trx A", "link g"):
        assert line in told


def test_ofds_keeps_the_duct_owner_apart_and_leaves_out_what_does_not_stand() -> None:
    network, report = read("ofds")
    first, second = network.spans
    assert (first.duct_owner, first.operator, first.conduit) == ("ducts", "carrier", "buried")
    assert (first.km, first.capacity_gbps, first.jurisdictions) == (240, 100, ("GH",))
    assert (second.operator, second.conduit, second.owner_jurisdiction) == (None, None, None)
    assert (network.sites[0].jurisdiction, network.sites[0].operator) == ("GH", "carrier")
    assert {"deployment", "networkProviders", "fibreCount"} <= dict(report.unknown).keys()
    told = "\n".join(report.dropped)
    for line in ("node 3: 'planned'", "span s3: 'underConstruction'", "'phases'"):
        assert line in told


def test_geojson_lines_end_at_points_or_where_they_say() -> None:
    network, report = read("geojson")
    assert [(s.id, s.source, s.target) for s in network.spans] == [
        ("cable", "maruyama", "7"),
        ("named", "maruyama", "7"),
    ]
    assert network.spans[0].km == pytest.approx(213 + 105, rel=0.02)
    assert network.spans[0].conduit == "submarine"
    told = "\n".join(report.dropped)
    assert "length of the drawn line taken" in told
    assert "'Polygon', neither a site nor a span" in told


@pytest.mark.parametrize("name", ["sndlib", "sndlib xml"])
def test_both_writings_of_sndlib_say_the_same(name: str) -> None:
    network, report = read(name)
    assert [(s.id, s.lat, s.lon) for s in network.sites] == [
        ("Kobe", 34.69, 135.19),
        ("Otsu", 35.0, 135.87),
    ]
    assert ends(network) == [("L1", "Kobe", "Otsu", pytest.approx(70.8, abs=1), False)]
    assert any("not part of a topology" in line for line in report.dropped)


def test_pixels_are_not_degrees() -> None:
    pixels = SNDLIB.replace(b"135.19", b"519.0")
    with_xml = SNDLIB_XML.replace(b"geographical", b"pixel")
    for raw in (pixels, with_xml):
        document, report = import_network(raw)
        assert {site.lat for site in build_network(document).sites} == {None}
        assert any("coordinates" in line for line in report.dropped)


def test_netbox_cables_between_sites_are_spans() -> None:
    network, report = read("netbox")
    assert ends(network) == [
        ("cable-4", "ueno", "nagoya", pytest.approx(160.9344), False),
        ("trunk", "ueno", "nagoya", 366.0, False),
    ]
    assert network.spans[0].operator is None
    told = "\n".join(report.dropped)
    for line in ("'planned'", "ends where it starts", "no device of a known site", "cable-5"):
        assert line in told
    assert dict(report.unknown)["length_without_unit"] == 1


def test_netbox_tables_of_sites_and_of_cables_are_read() -> None:
    sites, _ = read("netbox sites")
    assert [(s.id, s.name, s.lat) for s in sites.sites] == [
        ("nagoya", "Nagoya", None),
        ("ueno", "Ueno", 35.7),
    ]
    cables, report = read("netbox cables")
    assert ends(cables) == [("trunk", "Ueno", "Nagoya", 366.0, False)]
    told = "\n".join(report.dropped)
    for line in ("'planned'", "bare: neither a length", "half: an end is at no site"):
        assert line in told


@pytest.mark.parametrize(
    "raw",
    [
        b'<?xml version="1.0"?><!DOCTYPE n [<!ENTITY a "aa">]><network>&a;</network>',
        b'<!DOCTYPE network SYSTEM "file:///etc/passwd"><network/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE network><network/>'.encode("utf-16"),
        b"<network><node/></network>",
        b"<network>",
        b"<network>&undeclared;</network>",
        b"NODES (\n a ( 1 2 )\n",
        b"?SNDlib native format\nstray\n",
        b"LINKS (\n)\n",
        b"NODES (\n a b c d\n)\n",
        b"NODES (\n a\n)\nLINKS (\n l a b\n)\n",
    ],
)
def test_hostile_sndlib_is_refused(raw: bytes) -> None:
    with pytest.raises(NetworkError):
        import_network(raw, "sndlib")


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("ietf", {}),
        ("ietf", {"network": [{"node": [{}]}]}),
        ("ietf", {"network": 5}),
        ("tapi", {}),
        ("tapi", {"topology": 1}),
        ("gnpy", {"elements": [{}]}),
        ("gnpy", {"elements": [{"uid": "a"}, {"uid": "a"}]}),
        ("ofds", {"networks": 1}),
        ("ofds", {"networks": [{"nodes": [{}]}]}),
        ("geojson", {"type": "Feature"}),
        ("geojson", {"type": "FeatureCollection", "features": [{"geometry": {"type": "Point"}}]}),
        ("netbox", {"sites": [{}]}),
        ("netbox", {"cables": 1}),
    ],
)
def test_malformed_documents_are_refused(name: str, document: object) -> None:
    with pytest.raises(NetworkError):
        import_network(json.dumps(document).encode(), name)


@pytest.mark.parametrize("raw", [b"a,b\n1,2\n", b'Site A,Site B\n"a\n', b"\xff", b"x\x00,Slug\n1"])
def test_malformed_tables_are_refused(raw: bytes) -> None:
    with pytest.raises(NetworkError):
        import_network(raw, "netbox")


ODD = st.sampled_from(
    [None, True, 0, -1, 10**400, 1.5, "", "x", '"', "\ud800", [], [1], [[]], {}, {"id": []}, [{}]]
)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here] if here else []
    items = enumerate(value) if isinstance(value, list) else ()
    for key, item in value.items() if isinstance(value, dict) else items:
        found += _places(item, (*here, key))
    return found


DOCUMENTS = [name for name, raw in SAMPLES.items() if raw[:1] == b"{"]


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_any_member_may_be_anything_and_is_read_or_refused(name: str, data: st.DataObject) -> None:
    document = json.loads(SAMPLES[name])
    *way, last = data.draw(st.sampled_from(_places(document)))
    inner = document
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(ODD)
    try:
        found, _ = import_network(json.dumps(document).encode(), name.partition(" ")[0])
    except NetworkError as refused:
        str(refused).encode()
        return
    build_network(found)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.integers(0, 2000), st.binary(max_size=5))
def test_damaged_bytes_are_read_or_refused(name: str, at: int, put: bytes) -> None:
    raw = SAMPLES[name]
    at %= len(raw)
    try:
        found, report = import_network(raw[:at] + put + raw[at + 2 :], name.partition(" ")[0])
    except NetworkError as refused:
        str(refused).encode()
        return
    build_network(found)
    json.dumps(report.to_json()).encode()


# Writing.


@pytest.mark.parametrize("name", ["canonical", "graphml", "ietf"])
def test_what_is_written_reads_back_whole(name: str) -> None:
    for seed in range(40):
        network = Seed(seed).network
        raw, report = export_network(network, name)
        assert report.lost == ()
        document, told = import_network(raw)
        assert build_network(document) == network, seed
        assert told.unknown == ()


@pytest.mark.parametrize("name", ["graphml", "ietf"])
def test_every_attribute_survives_and_what_xml_cannot_say_is_told(name: str) -> None:
    network = FULL.network()
    raw, report = export_network(network, name)
    back = build_network(import_network(raw)[0])
    assert back.spans == network.spans
    assert back.sites[1] == network.sites[1]
    assert report.lost == ((("name", 1),) if name == "graphml" else ())


def test_gnpy_keeps_sites_ids_ends_and_lengths_and_tells_the_rest() -> None:
    for seed in range(40):
        drawn = Seed(seed).network
        # Two one-way fibres that mirror each other are a pair in GNPy: none is drawn here.
        both_ways = tuple(replace(span, directed=False) for span in drawn.spans)
        network = replace(drawn, spans=both_ways)
        raw, _ = export_network(network, "gnpy")
        back = build_network(import_network(raw)[0])
        assert [site.id for site in back.sites] == [site.id for site in network.sites]
        assert ends(back) == ends(network), seed
    _, report = export_network(FULL.network(), "gnpy")
    assert dict(report.lost)["encryption"] == 1
    assert "operator" in dict(report.lost)
    assert len(report.assumed) == 2


def test_uids_of_gnpy_stay_distinct_whatever_the_ids() -> None:
    plant = Plant().site("trx a").span("a", "a", "b", 3).span("a (reverse)", "a", "b", 3)
    raw, _ = export_network(plant.network(), "gnpy")
    names = [element["uid"] for element in json.loads(raw)["elements"]]
    assert len(set(names)) == len(names)
    assert sorted(span.km for span in build_network(import_network(raw)[0]).spans) == [3, 3]


def test_networkx_reads_our_graphml() -> None:
    raw, _ = export_network(FULL.network(), "graphml")
    graph: Any = nx.parse_graphml(raw.decode(), force_multigraph=True)
    assert not graph.is_directed()
    assert sorted(key for _, _, key in graph.edges(keys=True)) == ["s1", "s2", "s3"]


def test_the_standard_part_of_an_ietf_export_stands_without_our_own() -> None:
    document = json.loads(export_network(FULL.network(), "ietf")[0])
    (shell,) = document["ietf-network:networks"]["network"]
    for part in (*shell["node"], *shell["ietf-network-topology:link"]):
        for key in [key for key in part if key.startswith("sekisho-network:")]:
            del part[key]
    found, report = import_network(json.dumps(document).encode())
    network = build_network({**found, "links": []})
    assert [site.id for site in network.sites] == ["a", "b"]
    assert len([line for line in report.dropped if "read as the other direction" in line]) == 3


def test_a_format_that_is_not_written_is_refused_by_name() -> None:
    with pytest.raises(NetworkError, match="canonical, graphml, gnpy, ietf"):
        export_network(FULL.network(), "tapi")
    assert {"graphml", "gnpy", "ietf"} <= READERS.keys() & WRITERS.keys()


def test_netbox_sites_without_cables_are_a_network_without_spans() -> None:
    document, _ = import_network(json.dumps({**NETBOX, "cables": []}).encode())
    assert parse_network(json.dumps(document).encode()).spans == ()


def test_two_directions_of_which_different_things_are_recorded_stay_apart() -> None:
    document = json.loads(SAMPLES["ietf"])
    links = document["ietf-network:networks"]["network"][1]["ietf-network-topology:link"]
    te = links[1]["ietf-te-topology:te"]["te-link-attributes"]
    te["performance-metrics-one-way"]["one-way-delay"] = 900
    found, _ = import_network(json.dumps(document).encode())
    spans = build_network(found).spans
    assert [(s.id, s.directed, s.ms) for s in spans] == [
        ("one", True, 0.5),
        ("other", True, 0.9),
        ("third", True, 0.5),
    ]


def test_ofds_written_as_geojson_says_what_its_json_says() -> None:
    def feature(shape: str, places: object, **keys: object) -> dict[str, object]:
        geometry = {"type": shape, "coordinates": places}
        provided = {"physicalInfrastructureProvider": {"id": "ducts"}, **keys}
        return {"type": "Feature", "properties": provided, "geometry": geometry}

    features = [
        feature("Point", [-0.17, 5.62], id="1"),
        feature("Point", [-1.6, 6.7], id="2"),
        feature("Point", [0, 0], id="3", status="planned"),
        feature("LineString", [[0, 0], [1, 1]], id="s", start={"id": "1"}, end={"id": "2"}),
        feature("LineString", [[0, 0], [1, 1]], id="t", status="planned"),
        feature("LineString", [[0, "x"]], id="u", start="1", end="2"),
    ]
    raw = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    document, report = import_network(raw)
    network = build_network(document)
    assert [site.id for site in network.sites] == ["1", "2"]
    assert [(s.id, s.source, s.target, s.duct_owner) for s in network.spans] == [
        ("s", "1", "2", "ducts"),
        ("u", "1", "2", "ducts"),
    ]
    told = "\n".join(report.dropped)
    for line in ("node 3: 'planned'", "span t: 'planned'", "link u: no length given, great circle"):
        assert line in told
