"""The whole story, told twice on one instance, once by a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import resources
from api.instance import opened
from crypto.keystate import Operation

HERE = Path(__file__).parents[2]
STEPS = ["classify", "place", "route", "refuse", "pass", "release", "revoke", "verify", "tamper"]


@dataclass(frozen=True)
class Played:
    """The instance that the story was told on, and how each telling ended."""

    home: Path
    once: "subprocess.CompletedProcess[str]"
    again: Any

    def step(self, name: str) -> dict[str, Any]:
        found = {each["name"]: each for each in json.loads(self.once.stdout)["steps"]}
        step: dict[str, Any] = found[name]
        return step


def command(*words: Any) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_TRACEBACK"}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        cwd=HERE, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, sekisho: Any) -> Played:
    home = tmp_path_factory.mktemp("demo") / "instance"
    once = command("demo", "--data", home, "--output", "json")
    return Played(home, once, sekisho("demo", "--data", home, "--lang", "both"))


def test_every_step_goes_as_it_must(played: Played) -> None:
    assert played.once.returncode == 0, played.once.stderr
    told = json.loads(played.once.stdout)
    assert [step["name"] for step in told["steps"]] == STEPS
    assert all(step["ok"] for step in told["steps"])
    assert told["ok"] is True


def test_the_story_can_be_told_again_on_the_same_instance(played: Played) -> None:
    assert played.again.code == 0, played.again.err
    for number in range(1, len(STEPS) + 1):
        assert f"\n{number}. " in played.again.out


def test_it_leaves_a_log_that_verifies_and_checks(played: Played, sekisho: Any) -> None:
    for verb in ("verify", "fsck"):
        said = sekisho("audit", verb, "--data", played.home, "--output", "json")
        assert said.code == 0, said.out
        assert said.json["findings"] == []


def test_every_dataset_of_the_catalogue_is_labelled_and_placed(played: Played) -> None:
    labels = played.step("classify")["labels"]
    assert {name: label["level"] for name, label in labels.items()}["population"] == "L0"
    assert len(labels) == 6
    verdicts = {
        row["verdict"] for rows in played.step("place")["placements"].values() for row in rows
    }
    assert verdicts == {"yes", "no", "unknown"}


def test_the_refusal_says_why_what_blocks_and_what_would_help(played: Played) -> None:
    refused = played.step("refuse")
    assert refused["verdict"] == "refuse"
    assert refused["paths"] == []
    assert refused["refusal"]["reasons"]
    assert set(refused["refusal"]) >= {"single_span_fixes", "blocking_cut", "minimum_waiver"}


def test_tampering_is_found_in_each_way(played: Played) -> None:
    found = played.step("tamper")["found"]
    assert set(found) == {"flipped", "truncated", "rewritten"}
    assert all(found.values())


def test_neither_content_nor_key_lies_where_the_revoked_passage_was_going(
    played: Played, tmp_path: Path
) -> None:
    revoked = played.step("revoke")["passage"]
    assert played.step("revoke")["segments_before"] > 0
    shard = tmp_path / "shard.parquet"
    generator = resources.example("datasets/shard.py")
    subprocess.run([sys.executable, generator, shard, str(24 << 20)], check=True)
    with opened(played.home) as instance:
        passage = instance.register.passage(revoked)
        assert passage.state == "revoked"
        with instance.vault.data_key(revoked, passage.tenant, Operation.PROCESS) as dek:
            key = bytes(dek)
        receiver = instance.layout.site(passage.destination)
    pieces = [shard.read_bytes()[at : at + 48] for at in (4096, 1 << 20, 3 << 20)]
    for file in (each for each in receiver.rglob("*") if each.is_file()):
        raw = file.read_bytes()
        assert key not in raw, file
        assert not any(piece in raw for piece in pieces), file


def test_decisions_of_every_kind_in_the_story_replay_the_same(played: Played, sekisho: Any) -> None:
    listed = sekisho("decision", "list", "--data", played.home, "--output", "json")
    rows = listed.json["decisions"]
    assert {row["kind"] for row in rows} == {"placement", "path", "passage", "release"}
    for kind in ("placement", "path", "passage", "release"):
        newest = next(row["id"] for row in rows if row["kind"] == kind)
        said = sekisho("decision", "replay", newest, "--data", played.home)
        assert (said.code, said.out) == (0, "same\n")
