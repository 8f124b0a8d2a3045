"""The example network: the model's figures are intact, the overlay gives interesting answers."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from routing.network import Network, parse_network

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples/network"
RAW = (FOLDER / "jpn48.json").read_bytes()
DOCUMENT: Mapping[str, Any] = json.loads(RAW)
SITES = {site["id"]: site for site in DOCUMENT["nodes"]}
SPANS = {span["id"]: span for span in DOCUMENT["links"]}


def rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


@pytest.fixture(scope="module")
def model() -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    for row in rows("jpn48_links.csv"):
        graph.add_edge(row["a"], row["b"], km=int(row["km"]))
    return graph


@pytest.fixture(scope="module")
def network() -> Network:
    return parse_network(RAW)


@pytest.mark.parametrize(
    ("source", "target", "km"),
    [("tokyo", "osaka", 550), ("sapporo", "hakata", 2004), ("sapporo", "naha", 2915)],
)
def test_the_model_has_its_check_values(
    model: "nx.Graph[str]", source: str, target: str, km: int
) -> None:
    assert nx.shortest_path_length(model, source, target, weight="km") == km


def test_the_model_has_its_size(model: "nx.Graph[str]") -> None:
    assert (len(model), model.number_of_edges(), model.size("km")) == (48, 82, 12576)
    assert nx.is_connected(model)


def test_the_committed_document_is_what_the_sources_give() -> None:
    command = [sys.executable, str(FOLDER / "build.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_the_overlay_leaves_the_model_as_it_is() -> None:
    for row in rows("jpn48_links.csv"):
        span = SPANS[f"{row['a']}-{row['b']}"]
        assert (span["source"], span["target"], span["km"]) == (row["a"], row["b"], int(row["km"]))


def test_the_product_reads_it_without_a_fault(network: Network) -> None:
    assert (len(network.sites), len(network.spans)) == (len(SITES), len(SPANS))
    assert parse_network(network.to_bytes()).digest == network.digest


def test_every_name_is_given_in_both_scripts() -> None:
    for site in SITES.values():
        latin, _, japanese = site["name"].rpartition(" ")
        assert latin.isascii(), site
        assert not japanese.isascii(), site


def test_every_cluster_hangs_on_two_spans_or_more() -> None:
    for site in SITES.values():
        if site["kind"] in ("cluster", "landing"):
            ends = [
                span for span in SPANS.values() if site["id"] in (span["source"], span["target"])
            ]
            assert len(ends) >= 2 or site["jurisdiction"] != "JP", site["id"]


def test_there_is_something_of_everything() -> None:
    seals = {span.get("encryption", {}).get("key_exchange") for span in SPANS.values()}
    assert seals >= {"classical", "hybrid", "pqc", "qkd", None}
    assert {span.get("conduit") for span in SPANS.values()} == {
        "buried",
        "aerial",
        "submarine",
        None,
    }
    assert {site["jurisdiction"] for site in SITES.values()} >= {"JP", "TW", "US", "SG", "KR", "FR"}
    clusters = [site for site in SITES.values() if site["kind"] == "cluster"]
    assert len([site for site in clusters if site["jurisdiction"] == "JP"]) == 8
    assert len({site["operator"] for site in clusters}) >= 5


def sealed(span: Mapping[str, Any]) -> bool:
    domestic = span.get("jurisdictions") == ["JP"]
    covered = span.get("conduit") in ("buried", "submarine")
    return domestic and covered and span.get("encryption", {}).get("authenticated") is True


def guarded(span: Mapping[str, Any]) -> bool:
    seal = span.get("encryption", {})
    ours = (span.get("owner_jurisdiction"), seal.get("key_holder_jurisdiction")) == ("JP", "JP")
    quantum = seal.get("key_exchange") in ("hybrid", "pqc", "qkd")
    return sealed(span) and span["conduit"] == "buried" and quantum and ours


def test_about_two_thirds_carry_important_data_and_a_third_secret_data() -> None:
    assert 0.55 < sum(map(sealed, SPANS.values())) / len(SPANS) < 0.7
    assert 0.3 < sum(map(guarded, SPANS.values())) / len(SPANS) < 0.4


def reach(source: str) -> set[str]:
    graph: nx.Graph[str] = nx.Graph()
    graph.add_node(source)
    for span in SPANS.values():
        ends = SITES[span["source"]], SITES[span["target"]]
        if guarded(span) and all(end.get("owner_jurisdiction") == "JP" for end in ends):
            graph.add_edge(span["source"], span["target"])
    return nx.node_connected_component(graph, source)


def test_secret_data_reaches_the_big_cities_but_not_hokkaido() -> None:
    reached = reach("tokyo")
    assert reached >= {"tokyo", "osaka", "nagoya", "sendai", "inzai", "shirakawa", "ibaraki-osaka"}
    assert not reached & {"sapporo", "ishikari", "tomakomai", "itoshima", "naha", "tama"}


def test_one_upgrade_would_open_hokkaido() -> None:
    (bridge,) = [
        span
        for span in SPANS.values()
        if sealed(span)
        and span["conduit"] == "buried"
        and {span["source"] in reach("tokyo"), span["target"] in reach("tokyo")} == {True, False}
        and {span["source"], span["target"]} & reach("ishikari")
    ]
    assert bridge["id"] == "sapporo-aomori"
    assert bridge["encryption"]["key_exchange"] == "classical"


def test_segments_run_over_spans_that_meet() -> None:
    segments: dict[str, nx.Graph[str]] = {}
    for span in SPANS.values():
        seal = span.get("encryption", {})
        if seal.get("scope") == "end-to-end":
            graph = segments.setdefault(seal["segment"], nx.Graph())
            graph.add_edge(span["source"], span["target"])
    assert len(segments) >= 3
    assert all(nx.is_connected(graph) for graph in segments.values())


def test_operators_state_only_what_is_theirs() -> None:
    stated = [entry for entry in (*SITES.values(), *SPANS.values()) if "evidence" in entry]
    assert len(stated) >= 10
    for entry in stated:
        assert {statement["by"] for statement in entry["evidence"].values()} == {entry["operator"]}


def test_the_outline_is_schematic_and_holds_the_cities() -> None:
    outline = json.loads((FOLDER / "outline.json").read_bytes())
    assert outline["note"].startswith("Schematic")
    points = [point for ring in outline["land"] for point in ring["ring"]]
    assert all(20 < lat < 46 and 122 < lon < 154 for lat, lon in points)
    for site in SITES.values():
        if site["jurisdiction"] == "JP":
            near = min(abs(site["lat"] - lat) + abs(site["lon"] - lon) for lat, lon in points)
            assert near < 1.6, site["id"]
