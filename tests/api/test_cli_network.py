"""`network import`, `export`: what they write, what they say was lost, and how they end."""

import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api import resources
from routing.network import Network, parse_network

EXAMPLE = resources.example("network/jpn48.json")


@pytest.mark.parametrize("name", ["canonical", "graphml", "ietf"])
def test_an_export_comes_back_as_it_was(
    sekisho: Callable[..., Any], tmp_path: Path, example_network: Network, name: str
) -> None:
    there, back = tmp_path / "there", tmp_path / "back.json"
    said = sekisho(
        *("network", "export", there, "--network", EXAMPLE),
        *("--format", name, "--output", "json"),
    )
    assert (said.code, said.json) == (0, {"format": name, "lost": {}, "assumed": []})
    assert sekisho("network", "import", there, "-o", back).code == 0
    assert parse_network(back.read_bytes()) == example_network


def test_what_gnpy_cannot_carry_and_what_it_must_be_told_is_said(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "gnpy.json"
    said = sekisho("network", "export", out, "--network", EXAMPLE, "--format", "gnpy")
    assert said.code == 0
    assert "not carried: encryption (" in said.err
    assert "assumed: every fibre is SSMF" in said.err
    assert len(json.loads(out.read_bytes())["elements"]) == 2 * 68 + 2 * 122


def test_a_format_that_nobody_knows_is_bad_usage(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for words in (("export", out, "--network", EXAMPLE), ("import", EXAMPLE, "-o", out)):
        said = sekisho("network", *words, "--format", "kml")
        assert said.code == 2
        assert "kml" in said.err
        assert not out.exists()


def test_a_diff_says_what_changed_and_ends_well(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    document = json.loads(EXAMPLE.read_bytes())
    document["links"][0]["conduit"] = "aerial"
    document["nodes"].append({"id": "new"})
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    found = sekisho("network", "diff", EXAMPLE, other, "--output", "json").json["changes"]
    assert [(row["kind"], row["change"]) for row in found] == [
        ("site", "added"),
        ("span", "changed"),
    ]
    assert list(found[1]["attributes"]) == ["conduit"]
    shown = sekisho("network", "diff", EXAMPLE, other, "--lang", "en")
    assert shown.code == 0
    assert "aerial" in shown.out
    assert "no difference" in sekisho("network", "diff", EXAMPLE, EXAMPLE, "--lang", "en").out


def test_all_errors_of_a_network_are_told_at_once(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"nodes": [{"id": "a", "lat": 99}, {}], "links": []}')
    said = sekisho("network", "show", "--network", bad)
    assert said.code == 2
    assert "/nodes/0/lat" in said.err
    assert "/nodes/1/id" in said.err


def _posture(sekisho: Callable[..., Any], *words: str | Path) -> Any:
    said = sekisho("network", "posture", "--network", EXAMPLE, *words, "--output", "json")
    assert said.code == 0, said.err
    return said.json


def test_the_posture_says_of_every_pair_what_path_find_says(sekisho: Callable[..., Any]) -> None:
    found = _posture(sekisho, "--label", "L4")
    (label,) = found["labels"]
    assert {(row["source"], row["target"]) for row in label["pairs"]} == set(
        permutations(found["clusters"], 2)
    )
    for row in label["pairs"][::11]:
        asked = sekisho(
            *("path", "find", "--network", EXAMPLE, "--label", "L4", "--output", "json"),
            *("--from", row["source"], "--to", row["target"]),
        )
        assert asked.json["verdict"] == ("permit" if row["verdict"] == "yes" else "refuse")
        if asked.json["paths"]:
            assert asked.json["paths"][0]["km"] == row["km"]


def test_what_is_to_be_recorded_is_named(sekisho: Callable[..., Any]) -> None:
    (label,) = _posture(sekisho, "--label", "L4")["labels"]
    rows = {row["id"]: row for row in label["openings"]}
    assert rows["yamaguchi-hakata"]["attributes"] == ["encryption.key_exchange"]
    assert rows["yamaguchi-hakata"]["pairs"] > 0


def test_the_plan_opens_what_it_names_and_never_buries_a_cable_in_the_sea(
    sekisho: Callable[..., Any],
) -> None:
    said = sekisho(
        *("network", "plan", "--network", EXAMPLE, "--label", "L4"), *("--output", "json")
    )
    conduits = {row["id"]: row.get("conduit") for row in json.loads(EXAMPLE.read_bytes())["links"]}
    upgrades = [u for step in said.json["steps"] for u in step["upgrades"]]
    assert upgrades
    assert not [u for u in upgrades if "bury" in u["actions"] and conduits[u["id"]] == "submarine"]
    now = said.json["now"]
    assert now == _posture(sekisho, "--label", "L4")["labels"][0]["joined"]
    opened = sum(len(step["opens"]) for step in said.json["steps"])
    assert now + opened == said.json["ceiling"]
    assert now + opened + len(said.json["never"]) == 90


def test_upgrades_made_in_the_document_open_the_pairs_that_the_plan_promised(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    words = ("network", "plan", "--network", EXAMPLE, "--label", "L4", "--output", "json")
    step = sekisho(*words).json["steps"][0]
    document = json.loads(EXAMPLE.read_bytes())
    links = {row["id"]: row for row in document["links"]}
    sealed = next(
        row["encryption"]
        for row in document["links"]
        if row.get("encryption", {}).get("key_exchange") == "hybrid"
    )
    for upgrade in step["upgrades"]:
        link = links[upgrade["id"]]
        if "bury" in upgrade["actions"]:
            link["conduit"] = "buried"
        if "encrypt" in upgrade["actions"]:
            link["encryption"] = {**sealed, "scope": "span"}
            link["encryption"].pop("segment", None)
    better = tmp_path / "better.json"
    better.write_text(json.dumps(document))
    said = sekisho(
        *("network", "posture", "--network", better, "--label", "L4", "--output", "json")
    )
    reached = {
        (row["source"], row["target"])
        for row in said.json["labels"][0]["pairs"]
        if row["verdict"] == "yes"
    }
    assert {tuple(pair) for pair in step["opens"]} <= reached


def test_rules_of_ones_own_narrow_the_posture(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"max_hops": 3, "deny": {"jurisdictions": ["TW"]}}')
    (narrow,) = _posture(sekisho, "--label", "L1", "--rules", rules)["labels"]
    verdicts = {(row["source"], row["target"]): row["verdict"] for row in narrow["pairs"]}
    assert verdicts["taoyuan", "tama"] == "no"
    assert "limits" in verdicts.values()


def test_maps_are_drawings_without_scripts(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    document = json.loads(EXAMPLE.read_bytes())
    document["name"] = "<script>x</script>\x07"
    del document["nodes"][0]["lat"]
    network, out = tmp_path / "network.json", tmp_path / "map.svg"
    network.write_text(json.dumps(document))
    asked = ("--network", network, "--label", "L4", "--map", out)
    for noun in ("posture", "plan"):
        assert sekisho("network", noun, *asked).code == 0
        root = ET.fromstring(out.read_bytes())  # noqa: S314 (our own)
        kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert kinds == {"svg", "title", "style", "rect", "line", "circle", "text"}
        assert "sapporo" in "".join(root.itertext())


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_tables_speak_both_languages(sekisho: Callable[..., Any], lang: str) -> None:
    seen = sekisho("network", "posture", "--network", EXAMPLE, "--lang", lang)
    assert seen.code == 0
    assert ("pairs reachable" in seen.out) == (lang == "en")
    planned = sekisho("network", "plan", "--network", EXAMPLE, "--label", "L4", "--lang", lang)
    assert "yamaguchi-hakata" in planned.out
    nothing = sekisho("network", "plan", "--network", EXAMPLE, "--label", "L1", "--lang", lang)
    assert nothing.code == 0
