"""The example datasets: synthetic, reproducible, and right by the law's own arithmetic."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from examples.datasets.build import Dice, insurer_number, my_number, resident_code
from examples.datasets.shard import shard

FOLDER = Path(__file__).parents[2] / "examples/datasets"


def table(name: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    text = (FOLDER / name).read_bytes().decode(encoding)
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("number", ["123456789018", "111111111118", "987654321093"])
def test_individual_numbers_end_in_their_check_digit(number: str) -> None:
    assert my_number(number[:-1]) == number


@pytest.mark.parametrize("number", ["12345678903", "98765432103"])
def test_record_codes_end_in_their_check_digit(number: str) -> None:
    assert resident_code(number[:-1]) == number


@pytest.mark.parametrize("number", ["33120015", "06130009"])
def test_insurer_numbers_end_in_their_check_digit(number: str) -> None:
    assert insurer_number(number[:-1]) == number


def test_the_committed_tables_are_what_the_generator_gives() -> None:
    command = [sys.executable, str(FOLDER / "build.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0


def test_both_encodings_hold_the_same_patients() -> None:
    patients = table("patients.csv")
    assert patients == table("patients-cp932.csv", "cp932")
    assert len({row["患者ID"] for row in patients}) == 200


def test_every_resident_has_numbers_that_check() -> None:
    residents = table("residents.csv")
    assert len(residents) == 200
    for row in residents:
        assert my_number(row["個人番号"][:-1]) == row["個人番号"]
        assert resident_code(row["住民票コード"][:-1]) == row["住民票コード"]


def test_the_public_table_has_every_prefecture_and_its_licence() -> None:
    rows = table("population.csv")
    assert [row["都道府県コード"] for row in rows] == [f"{code:02d}" for code in range(1, 48)]
    assert {row["利用条件"] for row in rows} == {"政府標準利用規約（第2.0版）"}
    assert min(int(row["人口（千人）"]) for row in rows) > 100


def test_the_note_names_its_control_entries() -> None:
    note = (FOLDER / "design-note.md").read_text(encoding="utf-8")
    assert all(sign in note for sign in ("3A001", "外為令別表", "架空"))


def test_a_shard_has_the_size_asked_for_in_whole_groups(tmp_path: Path) -> None:
    rows = shard(tmp_path / "small.parquet", 1_000_000)
    stored = pq.ParquetFile(tmp_path / "small.parquet")
    assert 1_000_000 <= (tmp_path / "small.parquet").stat().st_size < 1_500_000
    assert stored.metadata.num_rows == rows
    assert stored.metadata.num_row_groups > 1


def test_a_shard_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="positive size"):
        shard(tmp_path / "none.parquet", 0)
    assert list(tmp_path.iterdir()) == []


def test_draws_depend_on_the_seed_alone() -> None:
    draws = [Dice("seed").below(1000) for _ in range(2)]
    assert draws[0] == draws[1]
    assert Dice("seed").digits(6) != Dice("other").digits(6)


def test_the_catalogue_names_files_that_exist() -> None:
    catalogue = json.loads((FOLDER / "catalogue.json").read_bytes())["datasets"]
    for entry in catalogue:
        assert (FOLDER / (entry["file"] or entry["generator"])).is_file()
        assert entry["tenant"]
