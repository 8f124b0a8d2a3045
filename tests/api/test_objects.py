"""Bytes under their own digest, and files that are whole or not there."""

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from api import durable
from api.durable import write_durably
from api.errors import NotFoundError, UnavailableError
from api.objects import Objects
from policy.canonical import digest


@given(raw=st.binary(max_size=300))
def test_what_is_put_is_got_under_its_digest(
    raw: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    objects = Objects(tmp_path_factory.getbasetemp() / "objects")
    name = objects.put(raw)
    assert name == digest(raw)
    assert objects.get(name) == raw
    assert objects.put(raw) == name


@pytest.mark.parametrize("change", ["flipped", "emptied", "longer"])
def test_changed_bytes_are_noticed(tmp_path: Path, change: str) -> None:
    objects = Objects(tmp_path / "o")
    name = objects.put(b"the question")
    (path,) = [each for each in (tmp_path / "o").rglob("*") if each.is_file()]
    path.write_bytes(
        {"flipped": b"thE question", "emptied": b"", "longer": b"the questions"}[change]
    )
    with pytest.raises(UnavailableError, match=name):
        objects.get(name)


@pytest.mark.parametrize(
    "name",
    ["", "sha256:", "sha256:" + "0" * 63, "../../etc/passwd", "sha256:" + "../" * 21 + "x",
     "sha256:" + "A" * 64, "sha256:" + "0" * 64, "\0" * 64],
    ids=["empty", "bare", "short", "path", "path of the right length", "capitals", "absent", "nul"],
)  # fmt: skip
def test_what_was_never_kept_is_not_found_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        Objects(tmp_path / "o").get(name)


def test_killed_between_write_and_rename_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"

    def killed(_self: Path, _target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_durably(target, b"new")
    assert not target.exists()


def test_killed_between_write_and_rename_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    write_durably(target, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "sync", full)
    with pytest.raises(UnavailableError, match="No space left"):
        write_durably(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_name_appears_only_after_its_bytes_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file"
    order: list[str] = []
    sync, sync_folder = durable.sync, durable.sync_folder

    def synced(descriptor: int) -> None:
        order.append("renamed" if target.exists() else "not yet")
        sync(descriptor)

    def synced_folder(folder: Path) -> None:
        order.append("renamed" if target.exists() else "not yet")
        sync_folder(folder)

    monkeypatch.setattr(durable, "sync", synced)
    monkeypatch.setattr(durable, "sync_folder", synced_folder)
    write_durably(target, b"new")
    assert order == ["not yet", "renamed"]


def test_a_new_folder_of_objects_is_durable_before_its_first_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    whole = durable.sync_folder

    def watched(folder: Path) -> None:
        synced.append(folder)
        whole(folder)

    monkeypatch.setattr("api.objects.sync_folder", watched)
    Objects(tmp_path / "o").put(b"x")
    assert synced == [tmp_path / "o"]


def test_threads_that_keep_the_same_bytes_do_not_disturb_each_other(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "o")
    failures: list[Any] = []
    start = threading.Barrier(8)

    def keep() -> None:
        try:
            start.wait()
            for number in range(20):
                objects.put(b"%d" % number)
        except Exception as failure:  # noqa: BLE001 - whatever goes wrong is the finding
            failures.append(failure)

    threads = [threading.Thread(target=keep) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    for number in range(20):
        assert objects.get(digest(b"%d" % number)) == b"%d" % number


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    objects = Objects(tmp_path / "o")
    (tmp_path / "o" / digest(b"x").removeprefix("sha256:")[:2]).write_bytes(b"in the way")
    with pytest.raises(UnavailableError):
        objects.put(b"x")


def test_kept_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    Objects(tmp_path / "o").put(b"x")
    assert all(each.stat().st_mode & 0o077 == 0 for each in (tmp_path / "o").rglob("*"))
