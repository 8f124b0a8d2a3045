"""Reading the canonical document: exact, and nothing but NetworkError whatever the bytes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from routing.errors import NetworkError
from routing.network import Encryption, parse_network
from tests.routing.plant import Plant, Seed

FULL: dict[str, Any] = {
    "name": "全国",
    "epoch": "e1",
    "nodes": [
        {
            "id": "tokyo",
            "name": '東京 "A"',
            "kind": "cluster",
            "lat": 35.69,
            "lon": 139.69,
            "jurisdiction": "JP",
            "operator": "op-1",
            "owner_jurisdiction": "JP",
            "accreditations": ["ismap", "iso27001", "ismap"],
            "zones": ["kanto"],
            "hazards": [],
            "carbon_g_per_kwh": 430,
            "evidence": {
                "accreditations": {
                    "by": "op-1",
                    "source": "audit 2026",
                    "as_of": "2026-04-01",
                    "expires": 1800000000,
                    "signature": "c2ln",
                }
            },
        },
        {"id": "osaka"},
    ],
    "links": [
        {
            "id": "s1",
            "source": "tokyo",
            "target": "osaka",
            "km": 550,
            "operator": "op-1",
            "owner": "op-2",
            "owner_jurisdiction": "JP",
            "duct_owner": "city",
            "jurisdictions": ["JP"],
            "conduit": "buried",
            "risk_groups": ["srlg:2", "srlg:1"],
            "capacity_gbps": 400,
            "latency_ms": 2.8,
            "directed": True,
            "encryption": {
                "layer": "otnsec",
                "cipher": "aes-256-gcm",
                "authenticated": True,
                "key_exchange": "hybrid",
                "scope": "end-to-end",
                "segment": "c1",
                "key_holder": "op-1",
                "key_holder_jurisdiction": "JP",
            },
        }
    ],
}


def raw(document: Any) -> bytes:
    return json.dumps(document).encode()


def changed(path: str, value: Any) -> bytes:
    """The full document with the member at a JSON pointer replaced."""
    document = json.loads(raw(FULL))
    *way, last = path.strip("/").split("/")
    here = document
    for step in way:
        here = here[int(step) if isinstance(here, list) else step]
    here[int(last) if isinstance(here, list) else last] = value
    return raw(document)


def test_a_network_reads_back_from_its_own_bytes() -> None:
    network = parse_network(raw(FULL))
    again = parse_network(network.to_bytes())
    assert again == network
    assert again.digest == network.digest
    assert again.to_bytes() == network.to_bytes()
    assert not network.warnings


def test_generated_networks_read_back_from_their_own_bytes() -> None:
    for seed in range(60):
        network = Seed(seed).network
        assert parse_network(network.to_bytes()) == network


def test_lists_are_sets_and_the_order_of_the_document_does_not_matter() -> None:
    document = json.loads(raw(FULL))
    document["nodes"].reverse()
    document["nodes"][1]["accreditations"] = ["iso27001", "ismap"]
    document["links"][0]["risk_groups"].reverse()
    assert parse_network(raw(document)).digest == parse_network(raw(FULL)).digest


def test_rules_read_flat_dotted_attributes_and_only_recorded_ones() -> None:
    network = parse_network(raw(FULL))
    (span,) = network.spans
    assert span.attributes["encryption.key_exchange"] == "hybrid"
    assert span.attributes["risk_groups"] == ["srlg:1", "srlg:2"]
    osaka, tokyo = network.sites
    assert osaka.attributes == {}
    assert "name" not in tokyo.attributes
    assert "evidence" not in tokyo.attributes


def test_latency_is_by_length_where_it_is_not_given() -> None:
    network = Plant().span("a", "x", "y", 1000).span("b", "x", "y", 1000, latency_ms=9).network()
    assert [span.ms for span in network.spans] == [pytest.approx(4.9), 9.0]


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/nodes", {}),
        ("/nodes/0", []),
        ("/nodes/0/id", 1),
        ("/nodes/0/id", ""),
        ("/nodes/0/id", 'a"b'),
        ("/nodes/0/id", "a\u0301"),
        ("/nodes/0/id", "\ud800"),
        ("/nodes/0/name", "\udc00"),
        ("/nodes/0/name", "x" * 2000),
        ("/nodes/1/id", "tokyo"),
        ("/nodes/0/kind", "castle"),
        ("/nodes/0/kind", ["cluster"]),
        ("/nodes/0/lat", 90.5),
        ("/nodes/0/lat", "35"),
        ("/nodes/0/lat", True),
        ("/nodes/0/jurisdiction", "jp"),
        ("/nodes/0/jurisdiction", "JPN"),
        ("/nodes/0/accreditations", "ismap"),
        ("/nodes/0/accreditations/0", 3),
        ("/nodes/0/accreditations", ["x"] * 1001),
        ("/nodes/0/carbon_g_per_kwh", -1),
        ("/nodes/0/evidence", []),
        ("/nodes/0/evidence/accreditations", "yes"),
        ("/nodes/0/evidence/accreditations/by", None),
        ("/nodes/0/evidence/accreditations/as_of", -1),
        ("/nodes/0/evidence/accreditations/signature", "é"),
        ("/links", None),
        ("/links/0/id", None),
        ("/links/0/source", "kyoto"),
        ("/links/0/target", "tokyo"),
        ("/links/0/km", None),
        ("/links/0/km", -1),
        ("/links/0/km", 10**400),
        ("/links/0/km", 1e300),
        ("/links/0/km", "550"),
        ("/links/0/jurisdictions/0", "Japan"),
        ("/links/0/conduit", "overhead"),
        ("/links/0/directed", 1),
        ("/links/0/encryption", "none"),
        ("/links/0/encryption/segment", None),
        ("/links/0/encryption/layer", "rot13"),
        ("/epoch", -1),
        ("/epoch", 1.5),
        ("/epoch", ""),
    ],
)
def test_a_fault_is_refused_with_the_pointer_of_its_place(pointer: str, value: Any) -> None:
    with pytest.raises(NetworkError) as refused:
        parse_network(changed(pointer, value))
    assert refused.value.pointer == pointer
    str(refused.value).encode()


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"nodes": NaN, "links": []}',
        b'{"nodes": [], "links": -Infinity}',
        b'{"nodes": [], "nodes": [], "links": []}',
        b'{"nodes": [{"id": "a", "id": "b"}], "links": []}',
        b'{"x": {"k": 1, "k": 2}, "x": 0, "nodes": [], "links": []}',
        b'{"nodes": [], "links": [], "edges": []}',
        b"[" * 200_000,
        raw(FULL).replace(b'"km": 550', b'"km": 1e999'),
        b'{"nodes": [], "links": [], "epoch": ' + b"9" * 5000 + b"}",
    ],
)
def test_hostile_bytes_are_refused_and_nothing_else_happens(hostile: bytes) -> None:
    with pytest.raises(NetworkError):
        parse_network(hostile)


def test_a_key_named_twice_is_found_where_it_is() -> None:
    with pytest.raises(NetworkError) as refused:
        parse_network(b'{"nodes": [{"id": "a", "id": "b"}], "links": []}')
    assert refused.value.pointer == "/nodes/0"


def test_an_oversize_document_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.document.LARGEST", 10)
    with pytest.raises(NetworkError, match="at most 10"):
        parse_network(raw(FULL))


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["tokyo", "osaka", "s1", "JP", "XX", "otnsec", "none"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def pointers(value: Any, here: str = "") -> list[str]:
    found = [here] if here else []
    members = value.items() if isinstance(value, dict) else []
    members = enumerate(value) if isinstance(value, list) else members
    for key, item in members:
        found += pointers(item, f"{here}/{key}")
    return found


@settings(max_examples=400)
@given(st.sampled_from(pointers(FULL)), JSONS)
def test_any_change_of_a_document_is_read_or_refused(pointer: str, value: Any) -> None:
    try:
        network = parse_network(changed(pointer, value))
    except NetworkError as refused:
        str(refused).encode()
        return
    assert parse_network(network.to_bytes()) == network
    "".join(network.warnings).encode()


@settings(max_examples=300)
@given(st.integers(0, len(raw(FULL)) - 1), st.binary(max_size=4), st.integers(0, 8))
def test_any_damage_to_the_bytes_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    whole = raw(FULL)
    try:
        network = parse_network(whole[:at] + put + whole[at + cut :])
    except NetworkError as refused:
        str(refused).encode()
        return
    assert parse_network(network.to_bytes()) == network


def test_unknown_keys_are_told_and_not_kept() -> None:
    network = parse_network(changed("/links/0/manufacturer", "acme\x1b[31m"))
    assert network == parse_network(raw(FULL))
    assert network.warnings == ("/links/0: unknown key 'manufacturer', not kept",)


def test_an_unassigned_country_code_only_warns() -> None:
    network = parse_network(changed("/links/0/jurisdictions", ["XX", "JP"]))
    assert network.spans[0].jurisdictions == ("JP", "XX")
    assert network.warnings == ("/links/0/jurisdictions/0: XX is not an assigned country code",)


def test_a_span_in_no_jurisdiction_at_all_is_one_whose_jurisdiction_is_unknown() -> None:
    network = parse_network(changed("/links/0/jurisdictions", []))
    assert network.spans[0].jurisdictions is None
    assert "jurisdictions" not in network.spans[0].attributes


def test_a_length_below_the_great_circle_only_warns() -> None:
    plant = Plant().site("a", lat=35, lon=135).site("b", lat=36, lon=135)
    assert (
        "less than the great circle, 111 km" in plant.span("s", "a", "b", 90).network().warnings[0]
    )


def test_the_edges_key_and_the_direction_of_node_link_files_are_understood() -> None:
    document = json.loads(raw(FULL))
    document |= {"edges": document.pop("links"), "directed": True, "multigraph": True, "graph": {}}
    del document["edges"][0]["directed"]
    assert parse_network(raw(document)) == parse_network(raw(FULL))


def test_negative_zero_and_zero_have_one_identity() -> None:
    assert parse_network(changed("/links/0/km", -0.0)).digest == (
        parse_network(changed("/links/0/km", 0)).digest
    )


def test_empty_encryption_is_kept_apart_from_none() -> None:
    network = parse_network(changed("/links/0/encryption", {}))
    assert network.spans[0].encryption == Encryption()
    assert parse_network(network.to_bytes()) == network
