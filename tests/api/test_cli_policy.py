"""`policy diff` and `policy simulate`: what a candidate changes, from the shell."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

REGO = Path(__file__).parents[2] / "policy" / "rego"


@pytest.fixture
def buried(tmp_path: Path) -> Path:
    """The shipped policy with L3 kept off the sea, in a folder."""
    folder = tmp_path / "candidate"
    shutil.copytree(REGO, folder)
    levels = folder / "sekisho" / "levels" / "data.json"
    document = json.loads(levels.read_text())
    document["L3"]["conduits"] = ["buried"]
    levels.write_text(json.dumps(document))
    return folder


def test_one_policy_is_no_difference(sekisho: Any) -> None:
    said = sekisho("policy", "diff", "shipped", "shipped")
    assert (said.code, said.out) == (0, "0 of 0 questions are answered differently\n")


def test_a_difference_is_a_no_and_says_what_and_where(sekisho: Any, buried: Path) -> None:
    said = sekisho("policy", "diff", "shipped", buried, "--generated", 0)
    assert said.code == 1
    assert "data /levels/L3/conduits: changed" in said.out
    assert "+conduit.submarine" in said.out


def test_a_simulation_names_the_decision_and_the_passage_that_it_would_turn(
    sekisho: Any, bench: Any, buried: Path
) -> None:
    passage = bench.granted()
    data = bench.instance.layout.directory
    said = sekisho("policy", "simulate", buried, "--data", data)
    assert said.code == 0, said.err
    assert "newly refused: 1" in said.out
    assert f"under way, would be stopped: {passage.id}" in said.out
    found = sekisho("policy", "simulate", buried, "--data", data, "--output", "json").json
    assert found["newly_refused"] == {
        "tenant": {"midori-hospital": 1},
        "level": {"L3": 1},
        "target": {"itoshima": 1},
    }
    assert found["passages_under_way"] == [passage.id]


@pytest.mark.parametrize(
    "options", [("--against", "refuse"), ("--tenant", "nobody"), ("--since", "2999-01-01")]
)
def test_only_what_is_chosen_is_simulated(sekisho: Any, bench: Any, options: Any) -> None:
    bench.granted()
    data = bench.instance.layout.directory
    said = sekisho("policy", "simulate", "shipped", *options, "--data", data)
    assert (said.code, said.out) == (0, "")


def test_a_folder_without_a_policy_is_bad_input(sekisho: Any, tmp_path: Path) -> None:
    said = sekisho("policy", "diff", "shipped", tmp_path)
    assert said.code in {2, 3}
    assert len(said.err.splitlines()) == 1
