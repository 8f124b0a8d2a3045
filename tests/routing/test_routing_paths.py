"""Paths, their crypto segments, their price, and the bytes that operators sign."""

import json

import numpy as np
import pytest

from policy.constraints import Limits
from routing.errors import PathError, UnknownSiteError
from routing.evidence import Evidence, statement
from routing.paths import Path
from routing.price import price
from routing.search import Found, NoPath, find
from routing.topology import Topology
from tests.routing.brute import graph_of
from tests.routing.plant import CHAIN, Plant, Seed


def line(*encryptions: object) -> Topology:
    plant = Plant()
    for place, encryption in enumerate(encryptions):
        plant.span(f"s{place}", f"n{place}", f"n{place + 1}", encryption=encryption)
    return plant.topology()


def along(topology: Topology) -> Path:
    return Path.of(topology, "n0", [span.id for span in topology.network.spans])


CLEAR = {"layer": "none"}
EACH = {"layer": "macsec", "scope": "span"}


@pytest.mark.parametrize(
    ("encryptions", "points"),
    [
        ([CHAIN], 0),
        ([CHAIN, CHAIN, CHAIN], 0),
        ([CHAIN, EACH, CHAIN], 2),
        ([EACH, EACH, EACH], 2),
        ([CHAIN, {**CHAIN, "segment": "other"}], 1),
        ([CLEAR, CLEAR], 1),
        ([{**CLEAR, "segment": "c"}, {**CLEAR, "segment": "c"}], 1),
        ([CHAIN, None], None),
        ([None], None),
        ([{"layer": "macsec"}, CHAIN], None),
        ([{"segment": "c"}, {"segment": "c"}], 0),
    ],
)
def test_decryption_points_are_the_joints_where_no_segment_goes_on(
    encryptions: list[object], points: int | None
) -> None:
    path = along(line(*encryptions))
    assert path.decryption_points == points
    assert path.facts.decryption_points == points


def test_crypto_segments_cover_the_path_in_order() -> None:
    path = along(line(CHAIN, CHAIN, EACH, None))
    rows = [
        (segment.start, segment.end, segment.segment, segment.known)
        for segment in path.crypto_segments
    ]
    assert rows == [
        ("n0", "n2", "chain", True),
        ("n2", "n3", None, True),
        ("n3", "n4", None, False),
    ]


def test_a_path_knows_its_facts_and_prints_them() -> None:
    plant = Plant().site("b", jurisdiction="TW")
    plant.span("ab", "a", "b", 0.1, operator="x", jurisdictions=["JP"])
    plant.span("bc", "b", "c", 0.2, operator="y").span("bd", "b", "d", 1)
    path = Path.of(plant.topology(), "a", ["ab", "bc"])
    assert path.km == 0.1 + 0.2
    assert path.facts.operators == ("x", "y")
    assert path.jurisdictions == ("JP", "TW")
    assert Path.of(plant.topology(), "a", ["ab", "bd"]).operators is None
    printed = json.loads(json.dumps(path.to_json()))
    assert printed["nodes"] == ["a", "b", "c"]
    assert {"spans", "km", "latency_ms", "operators", "jurisdictions", "crypto_segments"} <= set(
        printed
    )


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("a", []),
        ("a", ["bc"]),
        ("a", ["ab", "zz"]),
        ("a", ["ab", "ab"]),
        ("a", ["ab", "bc", "ca"]),
        ("b", ["ab"]),
    ],
)
def test_what_is_not_a_path_is_refused(source: str, spans: list[str]) -> None:
    plant = Plant().span("ab", "a", "b", directed=True).span("bc", "b", "c").span("ca", "c", "a")
    with pytest.raises(PathError):
        Path.of(plant.topology(), source, spans)


def test_an_unknown_source_is_refused() -> None:
    with pytest.raises(UnknownSiteError):
        Path.of(line(CHAIN), "nowhere", ["s0"])


def test_the_price_is_what_compliance_adds() -> None:
    topology = (
        Plant().span("ab", "a", "b", 5).span("ac", "a", "c", 2).span("cb", "c", "b", 4).topology()
    )
    short, long = Path.of(topology, "a", ["ab"]), Path.of(topology, "a", ["ac", "cb"])
    assert price(long, short) == {
        "extra_km": 1.0,
        "extra_ms": pytest.approx(0.0049),
        "extra_hops": 1,
    }
    assert price(long, None) == {}


def test_what_is_signed_changes_with_every_part_of_the_claim_but_not_with_the_signature() -> None:
    claim = Evidence("conduit", by="op-1", as_of="2026-04-01")
    said = statement("s1", "conduit", "buried", claim)
    others = [
        statement("s2", "conduit", "buried", claim),
        statement("s1", "owner", "buried", claim),
        statement("s1", "conduit", "aerial", claim),
        statement("s1", "conduit", "buried", Evidence("conduit", by="op-2", as_of="2026-04-01")),
        statement("s1", "conduit", "buried", Evidence("conduit", by="op-1", as_of="2026-04-02")),
    ]
    assert said not in others
    signed = Evidence("conduit", by="op-1", as_of="2026-04-01", signature="x")
    assert statement("s1", "conduit", "buried", signed) == said


def everything(topology: Topology) -> dict[str, np.ndarray]:
    network = topology.network
    return {
        "spans": np.ones(len(network.spans), dtype=np.bool_),
        "sites": np.ones(len(network.sites), dtype=np.bool_),
    }


def test_the_source_never_counts_as_a_destination() -> None:
    topology = line(CHAIN)
    asked = {**everything(topology), "source": "n0", "limits": Limits()}
    with pytest.raises(PathError):
        find(topology, targets=["n0"], **asked)  # type: ignore[arg-type]
    found = find(topology, targets=["n0", "n1"], **asked)  # type: ignore[arg-type]
    assert isinstance(found, Found)
    assert find(topology, targets=[], **asked) == NoPath()  # type: ignore[arg-type]


def test_of_equal_lengths_fewer_spans_win_and_then_the_first_ids() -> None:
    plant = Plant().span("z1", "a", "b", 1).span("z2", "b", "c", 1).span("m", "a", "c", 2)
    plant.span("k", "a", "c", 2)
    topology = plant.topology()
    found = find(topology, **everything(topology), source="a", targets=["c"], limits=Limits())
    assert isinstance(found, Found)
    assert found.paths[0].spans == ("k",)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": 2, "protect": "span"}, {"protect": "duct"}])
def test_questions_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    topology = line(CHAIN)
    with pytest.raises(ValueError, match=r".+"):
        find(
            topology,
            **everything(topology),
            source="n0",
            targets=["n1"],
            limits=Limits(),
            **wrong,  # type: ignore[arg-type]
        )


def test_a_mask_of_the_wrong_length_is_refused() -> None:
    topology = line(CHAIN)
    short = {**everything(topology), "spans": np.ones(0, dtype=np.bool_)}
    with pytest.raises(ValueError, match="mask"):
        find(topology, **short, source="n0", targets=["n1"], limits=Limits())


def test_found_cannot_be_empty() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Found(())


def test_the_model_for_networkx_has_an_edge_for_every_direction_of_every_span() -> None:
    for seed in range(30):
        case = Seed(seed)
        own = case.topology.graph()
        full = everything(case.topology)
        theirs = graph_of(case.network, full["spans"], full["sites"])
        assert set(own.edges(keys=True)) == set(theirs.edges(keys=True))
        assert set(own.nodes) == set(theirs.nodes)
