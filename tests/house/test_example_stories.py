"""What docs/examples.md says of the example network is what the product answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from api.offline import embedded_world, shipped_taxonomy
from api.reckoning import Reckoning, reckon
from api.world import World
from policy.label import Label, Level
from policy.question import Kind, Question
from routing.network import parse_network

NETWORK = Path(__file__).parents[2] / "examples/network/jpn48.json"


@pytest.fixture(scope="module")
def world() -> World:
    world: World = embedded_world(parse_network(NETWORK.read_bytes()))
    return world


def ask(world: World, what: str, target: str, source: str = "tokyo") -> Reckoning:
    bare = what.startswith("L")
    label = Label(level=Level.parse(what)) if bare else shipped_taxonomy().label_of([what])
    question = Question(kind=Kind.PATH, now=0, label=label, source=source, destination=target)
    return asyncio.run(reckon(world, question, [target]))


def carried(found: Reckoning) -> tuple[float, tuple[str, ...]]:
    assert found.permitted, found.codes
    return found.paths[0].km, found.paths[0].sites


def explained(found: Reckoning) -> Any:
    assert found.explanation is not None
    return found.explanation.to_json()


def test_patients_take_the_short_way_to_ibaraki(world: World) -> None:
    km, sites = carried(ask(world, "medical", "ibaraki-osaka"))
    assert km == 542
    assert "shizuoka" in sites


def test_a_controlled_design_goes_31_km_further_around_an_operator_owned_abroad(
    world: World,
) -> None:
    km, sites = carried(ask(world, "export-controlled", "ibaraki-osaka"))
    assert km == 573
    assert "kofu" in sites
    assert "shizuoka" not in sites


def test_secret_data_does_not_reach_hokkaido_and_one_upgrade_would_open_it(world: World) -> None:
    found = ask(world, "specific-personal", "ishikari")
    assert not found.permitted
    told = explained(found)
    fixes = {fix["span"]: fix["violated"] for fix in told["single_span_fixes"]}
    assert fixes["sapporo-aomori"] == ["encryption"]
    assert told["minimum_waiver"]["rules"] == ["encryption"]


def test_kyushu_is_closed_to_secrets_by_what_nobody_recorded(world: World) -> None:
    found = ask(world, "specific-personal", "itoshima")
    assert "encryption.unknown" in found.codes
    (fix,) = explained(found)["single_span_fixes"]
    assert fix["span"] == "yamaguchi-hakata"
    assert fix["unknown"] == ["encryption"]


def test_no_waiver_opens_a_cluster_whose_keys_are_held_abroad(world: World) -> None:
    found = ask(world, "export-controlled", "tama")
    assert "key_holder.outside" in found.codes
    assert explained(found)["minimum_waiver"] is None


def test_personal_data_may_go_to_europe_but_records_of_patients_may_not(world: World) -> None:
    assert carried(ask(world, "personal", "vitrolles"))[1][-3:] == (
        "tuas",
        "marseille",
        "vitrolles",
    )
    assert "placement.outside" in ask(world, "medical", "vitrolles").codes
