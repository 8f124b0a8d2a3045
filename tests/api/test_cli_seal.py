"""`seal` and `open`: what goes in comes out, and any damage leaves nothing behind."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

CONTENT = b"".join(b"%08d,patient,name,address\n" % n for n in range(3000))


@pytest.fixture(scope="module")
def sealed(
    template: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory, sekisho: Any
) -> tuple[Path, bytes]:
    """The instance's home and a file sealed for its own site and two others."""
    folder = tmp_path_factory.mktemp("seal")
    plain = folder / "patients.csv"
    plain.write_bytes(CONTENT)
    said = sekisho(
        "seal", plain, "-o", folder / "x.sealed", "--to", "service", "--to", "inzai",
        "--data", template[0],
    )  # fmt: skip
    assert said.code == 0, said.err
    return template[0], (folder / "x.sealed").read_bytes()


def opened(sekisho: Any, home: Path, folder: Path, raw: bytes, *more: Any) -> tuple[Any, Path]:
    (folder / "x.sealed").write_bytes(raw)
    out = folder / "plain"
    return sekisho("open", folder / "x.sealed", "-o", out, "--data", home, *more), out


def test_what_was_sealed_opens_at_every_site_it_was_sealed_for(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    for site in ("service", "inzai"):
        said, out = opened(sekisho, sealed[0], tmp_path, sealed[1], "--as", site)
        assert said.code == 0
        assert out.read_bytes() == CONTENT
        assert out.stat().st_mode & 0o077 == 0
        out.unlink()


def test_nothing_of_the_content_can_be_read_in_the_sealed_file(sealed: tuple[Path, bytes]) -> None:
    assert b"patient" not in sealed[1]
    assert len(sealed[1]) > len(CONTENT)


def test_the_callers_file_is_as_it_was_and_two_seals_differ(
    sekisho: Any, template: tuple[Path, str], tmp_path: Path
) -> None:
    plain = tmp_path / "mine"
    plain.write_bytes(CONTENT)
    made = []
    for name in ("a", "b"):
        said = sekisho("seal", plain, "-o", tmp_path / name, "--data", template[0])
        assert said.code == 0
        made.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert plain.read_bytes() == CONTENT
    assert made[0] != made[1]


def test_a_site_that_it_was_not_sealed_for_does_not_open_it(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    said, out = opened(sekisho, sealed[0], tmp_path, sealed[1], "--as", "tama")
    assert said.code == 1
    assert not out.exists()


def test_another_instance_does_not_open_it(
    sekisho: Any, sealed: tuple[Path, bytes], home: Path, tmp_path: Path
) -> None:
    for name in ("recipient.key", "signing.key"):
        (home / "sites" / "service" / name).write_bytes(
            (home / "sites" / "tama" / name).read_bytes()
        )
    said, out = opened(sekisho, home, tmp_path, sealed[1])
    assert said.code == 1
    assert not out.exists()


@pytest.mark.parametrize("part", range(8))
def test_any_single_damaged_byte_is_a_no_and_leaves_nothing(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path, part: int
) -> None:
    """A sample over the whole file, and every byte of its first and last stretch in turn."""
    raw = sealed[1]
    step = len(raw) // 80
    places = {*range(part, 32, 8), *range(part * step, len(raw), 8 * step), len(raw) - 1 - part}
    for place in sorted(places):
        spoilt = bytearray(raw)
        spoilt[place] ^= 1 << (place % 8)
        said, out = opened(sekisho, sealed[0], tmp_path, bytes(spoilt))
        assert said.code == 1, (place, said.err)
        assert said.err.count("\n") == 1
        assert sorted(each.name for each in tmp_path.iterdir()) == ["x.sealed"], place
        assert not out.exists()


@pytest.mark.parametrize("keep", [0, 1, 7, 100, 3000, -1, -100, -3000])
def test_a_truncated_file_is_a_no_and_leaves_nothing(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path, keep: int
) -> None:
    said, _ = opened(sekisho, sealed[0], tmp_path, sealed[1][:keep])
    assert said.code == 1, said.err
    assert [each.name for each in tmp_path.iterdir()] == ["x.sealed"]


def test_bytes_added_are_a_no(sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path) -> None:
    for more in (b"\0", sealed[1]):
        said, out = opened(sekisho, sealed[0], tmp_path, sealed[1] + more)
        assert said.code == 1
        assert not out.exists()


def test_damage_leaves_what_lay_under_the_outputs_name_before(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    (tmp_path / "plain").write_bytes(b"older work")
    spoilt = sealed[1][:-1]
    said, out = opened(sekisho, sealed[0], tmp_path, spoilt)
    assert said.code == 1
    assert out.read_bytes() == b"older work"


def test_an_empty_file_is_sealed_and_opened(
    sekisho: Any, template: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert (
        sekisho("seal", tmp_path / "empty", "-o", tmp_path / "s", "--data", template[0]).code == 0
    )
    said, out = opened(sekisho, template[0], tmp_path, (tmp_path / "s").read_bytes())
    assert (said.code, out.read_bytes()) == (0, b"")


def test_a_site_that_nobody_trusts_is_no_recipient(
    sekisho: Any, template: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "p").write_bytes(CONTENT)
    said = sekisho(
        "seal", tmp_path / "p", "-o", tmp_path / "s", "--to", "nowhere", "--data", template[0]
    )
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert "nowhere" in said.err
    assert [each.name for each in tmp_path.iterdir()] == ["p"]


@pytest.mark.parametrize("verb", ["seal", "open"])
def test_an_output_that_cannot_be_written_is_said_in_one_line(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path, verb: str
) -> None:
    (tmp_path / "x").write_bytes(sealed[1])
    said = sekisho(verb, tmp_path / "x", "-o", tmp_path / "no" / "out", "--data", sealed[0])
    assert said.code in {2, 3}
    assert said.err.count("\n") == 1
    assert os.listdir(tmp_path) == ["x"]  # noqa: PTH208 - names alone


def test_opening_as_a_site_that_has_no_keys_here_is_bad_input(
    sekisho: Any, sealed: tuple[Path, bytes], tmp_path: Path
) -> None:
    for site in ("nowhere", "../service", ""):
        said, out = opened(sekisho, sealed[0], tmp_path, sealed[1], "--as", site)
        assert said.code == 2, site
        assert said.err.count("\n") == 1
        assert not out.exists()


def test_seals_beside_a_process_that_has_the_log(bench: Any, sekisho: Any, tmp_path: Path) -> None:
    """Sealing writes no entry, so it waits for nobody who serves the instance."""
    plain = tmp_path / "plain"
    plain.write_bytes(b"content")
    data = bench.instance.layout.directory
    assert sekisho("seal", plain, "-o", tmp_path / "sealed", "--data", data).code == 0
