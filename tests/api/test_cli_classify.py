"""`classify`: every file gets a label, whatever it is, and none is ever changed."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from api import resources

PATIENTS = resources.example("datasets/patients.csv")
POPULATION = resources.example("datasets/population.csv")
RESIDENTS = resources.example("datasets/residents.csv")


def classify(sekisho: Any, *words: Any) -> Any:
    return sekisho("classify", *words, "--output", "json")


def test_one_file_gives_one_result_that_names_it(sekisho: Any) -> None:
    said = classify(sekisho, PATIENTS)
    assert said.code == 0
    assert said.json["file"] == str(PATIENTS)
    assert said.json["label"]["level"] == "L3"
    assert set(said.json["label"]) >= {"level", "categories", "regimes"}
    assert set(said.json) >= {"label", "evidence", "columns"}
    for column in said.json["columns"].values():
        assert set(column) >= {"type", "confidence"}


def test_several_files_give_a_result_each_in_order(sekisho: Any) -> None:
    files = [RESIDENTS, POPULATION, PATIENTS]
    said = classify(sekisho, *files)
    assert said.code == 0
    assert [each["file"] for each in said.json["files"]] == [str(file) for file in files]
    assert [each["label"]["level"] for each in said.json["files"]] == ["L4", "L0", "L3"]


def test_the_highest_level_is_still_a_label_and_exit_0(sekisho: Any) -> None:
    said = classify(sekisho, PATIENTS, "--declared", "L5")
    assert (said.code, said.json["label"]["level"]) == (0, "L5")


def unreadable(folder: Path) -> dict[str, Path]:
    made = {name: folder / name for name in ("mixed.csv", "broken.parquet", "broken.xlsx", "gone")}
    lines = ["氏名,住所", "山田,東京"]
    made["mixed.csv"].write_bytes(
        lines[0].encode() + b"\n" + lines[1].encode("cp932") + b"\n\xff\xfe\x00\n"
    )
    made["broken.parquet"].write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    made["broken.xlsx"].write_bytes(b"PK\x03\x04" + bytes(100))
    made["folder"] = folder / "folder"
    made["folder"].mkdir()
    return made


@pytest.mark.parametrize("name", ["mixed.csv", "broken.parquet", "broken.xlsx", "gone", "folder"])
@pytest.mark.parametrize(("declared", "level"), [(None, "L3"), ("L1", "L3"), ("L4", "L4")])
def test_an_unreadable_file_is_unknown_and_never_low(
    sekisho: Any, tmp_path: Path, name: str, declared: str | None, level: str
) -> None:
    file = unreadable(tmp_path)[name]
    more = () if declared is None else ("--declared", declared)
    said = classify(sekisho, file, "--full", *more)
    assert said.code == 2
    assert said.json["unknown"] is True
    assert said.json["label"]["level"] == level
    assert said.json["file"] == str(file)
    assert said.json["content_digest"] is None
    assert [line for line in said.err.splitlines() if str(file) in line and "sekisho: " in line]


@pytest.mark.parametrize("name", ["mixed.csv", "broken.parquet", "gone", "folder"])
def test_one_unreadable_file_does_not_keep_the_others_from_their_results(
    sekisho: Any, tmp_path: Path, name: str
) -> None:
    said = classify(sekisho, POPULATION, unreadable(tmp_path)[name], PATIENTS)
    assert said.code == 2
    assert [each["unknown"] for each in said.json["files"]] == [False, True, False]
    assert [each["label"]["level"] for each in said.json["files"]] == ["L0", "L3", "L3"]


def test_what_can_never_be_opened_again_does_not_hang(sekisho: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    said = classify(sekisho, tmp_path / "pipe")
    assert said.code == 2
    assert said.json["unknown"] is True


def test_the_callers_file_is_as_it_was(sekisho: Any, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(PATIENTS.read_bytes())
    file.chmod(0o400)
    before = (file.stat(), hashlib.sha256(file.read_bytes()).digest(), sorted(tmp_path.iterdir()))
    classify(sekisho, file, "--full")
    after = file.stat()
    assert (after.st_mtime_ns, after.st_ino, stat.S_IMODE(after.st_mode), after.st_size) == (
        before[0].st_mtime_ns,
        before[0].st_ino,
        0o400,
        before[0].st_size,
    )
    assert hashlib.sha256(file.read_bytes()).digest() == before[1]
    assert sorted(tmp_path.iterdir()) == before[2]


def test_a_full_scan_binds_the_label_to_the_bytes(sekisho: Any) -> None:
    said = classify(sekisho, PATIENTS, "--full")
    digest = hashlib.sha256(PATIENTS.read_bytes()).hexdigest()
    assert said.json["content_digest"] == f"sha256:{digest}"
    assert said.json["provisional"] is False


def test_a_declaration_raises_and_never_lowers(sekisho: Any) -> None:
    lower = classify(sekisho, RESIDENTS, "--declared", "l0")
    higher = classify(sekisho, POPULATION, "--declared", "L4")
    assert lower.json["label"]["level"] == "L4"
    assert higher.json["label"]["level"] == "L4"


def test_the_table_names_file_and_level_in_both_languages(sekisho: Any, tmp_path: Path) -> None:
    for lang in ("ja", "en"):
        said = sekisho("classify", PATIENTS, tmp_path / "gone", "--lang", lang)
        assert said.code == 2
        assert "L3" in said.out
        assert "patients.csv" in said.out


def test_no_value_of_the_file_is_said(sekisho: Any) -> None:
    said = classify(sekisho, PATIENTS, "--full")
    rows = PATIENTS.read_text(encoding="utf-8").splitlines()[1:6]
    cells = {cell for row in rows for cell in row.split(",") if len(cell) > 6}
    assert cells
    assert [cell for cell in cells if cell in said.out + said.err] == []


def test_an_empty_file_has_a_label(sekisho: Any, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    said = classify(sekisho, tmp_path / "empty.csv")
    assert said.json["label"]["level"] >= "L1"


@pytest.mark.parametrize("words", [(), ("--declared", "L9"), ("--declared", "secret")], ids=str)
def test_bad_usage_is_said_in_one_line(sekisho: Any, words: tuple[str, ...]) -> None:
    said = classify(sekisho, *(words and (*words, PATIENTS)))
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
