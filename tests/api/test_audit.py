"""What the log names must be there: an audit finds kept bytes that are gone or changed."""

from pathlib import Path
from typing import Any

import pytest

from api.audit import check_files


@pytest.fixture
def audited(bench: Any) -> tuple[Path, Path]:
    """An instance with a granted passage, closed, and one of the objects that its log names."""
    decided = bench.grant()
    layout = bench.instance.layout
    bench.instance.log.checkpoint()
    name = bench.instance.ledger.entry(decided.index).facts["outcome"].removeprefix("sha256:")
    return layout.directory, layout.objects / name[:2] / name


def codes(directory: Path) -> list[str]:
    return [finding.code for finding in check_files(directory).findings]


def test_an_instance_as_it_was_left_has_nothing_wrong(audited: tuple[Path, Path]) -> None:
    assert codes(audited[0]) == []


def test_an_object_that_is_gone_is_named(audited: tuple[Path, Path]) -> None:
    audited[1].unlink()
    assert codes(audited[0]) == ["object.missing"]


def test_an_object_with_other_bytes_is_named(audited: tuple[Path, Path]) -> None:
    audited[1].write_bytes(audited[1].read_bytes() + b" ")
    assert codes(audited[0]) == ["object.changed"]


def test_what_is_checked_is_only_read(audited: tuple[Path, Path]) -> None:
    before = {path: path.stat().st_mtime_ns for path in audited[0].rglob("*") if path.is_file()}
    codes(audited[0])
    after = {path: path.stat().st_mtime_ns for path in audited[0].rglob("*") if path.is_file()}
    assert before == after
