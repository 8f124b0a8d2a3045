"""`classify` on a folder: every file in it, sorted, none outside it, none passed over."""

import zipfile
from pathlib import Path
from typing import Any

from api import resources

PATIENTS = resources.example("datasets/patients.csv")


def folder(place: Path) -> Path:
    made = place / "mixed"
    (made / "b" / "c").mkdir(parents=True)
    (made / "b" / "c" / "p.csv").write_bytes(PATIENTS.read_bytes())
    (made / "a.txt").write_text("TLP:CLEAR\n", encoding="utf-8")
    with zipfile.ZipFile(made / "z.zip", "w") as archive:
        archive.write(PATIENTS, "p.csv")
    (place / "outside.txt").write_text("氏名：山田太郎", encoding="utf-8")
    (made / "link.txt").symlink_to(place / "outside.txt")
    (made / "loop").symlink_to(made, target_is_directory=True)
    return made


def test_a_folder_is_walked_in_order_and_never_left(sekisho: Any, tmp_path: Path) -> None:
    made = folder(tmp_path)
    said = sekisho("classify", made, "--output", "json")
    assert said.code == 0
    assert [each["file"] for each in said.json["files"]] == [
        str(made / name) for name in ("a.txt", "b/c/p.csv", "z.zip")
    ]
    assert [each["label"]["level"] for each in said.json["files"]] == ["L0", "L3", "L3"]


def test_one_unreadable_file_in_a_folder_is_exit_2_after_all_results(
    sekisho: Any, tmp_path: Path
) -> None:
    made = folder(tmp_path)
    (made / "x.pdf").write_bytes(b"%PDF-1.7")
    said = sekisho("classify", made, "--output", "json")
    assert said.code == 2
    assert [each["unknown"] for each in said.json["files"]] == [False, False, True, False]


def test_a_folder_with_one_file_still_gives_a_list(sekisho: Any, tmp_path: Path) -> None:
    (tmp_path / "only.txt").write_text("x", encoding="utf-8")
    said = sekisho("classify", tmp_path, "--output", "json")
    assert [each["file"] for each in said.json["files"]] == [str(tmp_path / "only.txt")]


def test_the_table_shows_the_files_of_an_archive(sekisho: Any, tmp_path: Path) -> None:
    said = sekisho("classify", folder(tmp_path), "--lang", "en")
    assert said.code == 0
    assert "z.zip › p.csv" in said.out.replace("\n", "")
