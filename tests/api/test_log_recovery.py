"""Opening again: what was acknowledged is there, what was signed is unchanged, or nobody writes."""

import asyncio
import os
import shutil
import struct
from pathlib import Path

import pytest

from api.errors import FaultError, UnavailableError
from api.log.fsck import fsck
from api.log.segment import pack_record
from api.log.state import Signed, State
from api.log.trust import LogTrust
from api.log.verify import verify
from api.log.writer import Log
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.tlog.merkle import leaf_hash

ORIGIN = "log.example/a"
SIGNERS = [NoteSigner(ORIGIN, kind, bytes([kind]) * 32) for kind in KeyKind]
TRUST = LogTrust.of(ORIGIN, [signer.key for signer in SIGNERS])
NOW = 1_800_000_000


def open_log(directory: Path, *, now: int = NOW, seed: int = 0) -> Log:
    signers = [NoteSigner(ORIGIN, kind, bytes([kind + seed]) * 32) for kind in KeyKind]
    return Log.open(
        directory / "log",
        state=directory / "state",
        origin=ORIGIN,
        signers=signers,
        clock=lambda: now,
        interval=None,
    )


def crash(log: Log) -> None:
    # As if the process had been killed: nothing is drained, signed or cleaned up.
    log._committer.close()  # noqa: SLF001
    log._parts.close()  # noqa: SLF001
    log._open = False  # noqa: SLF001


async def append_all(log: Log, count: int) -> None:
    await asyncio.gather(*(log.append(b"signed %d" % index) for index in range(count)))


def crashed(directory: Path, *, signed: int, unsigned: int) -> Path:
    """Leave a log with `signed` entries under the checkpoint and `unsigned` acknowledged after."""
    log = open_log(directory)
    asyncio.run(append_all(log, signed))
    log.checkpoint()
    for index in range(unsigned):
        log.append_now(b"unsigned %d" % index)
    crash(log)
    return directory / "log" / "segment"


def reopened(directory: Path) -> list[bytes]:
    with open_log(directory) as log:
        entries = log.entries()
    assert verify(directory / "log", TRUST, first=True).ok
    assert fsck(directory / "log").ok
    return entries


def test_entries_acknowledged_after_the_last_checkpoint_survive_a_crash(tmp_path: Path) -> None:
    crashed(tmp_path, signed=300, unsigned=5)
    assert len(reopened(tmp_path)) == 305


RECORD = pack_record(b"never acknowledged", leaf_hash(b"never acknowledged"))


@pytest.mark.parametrize("length", range(1, len(RECORD)))
def test_a_record_torn_at_any_byte_is_cut_off(tmp_path: Path, length: int) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=1)
    with segment.open("ab") as stream:
        stream.write(RECORD[:length])
    assert reopened(tmp_path) == [b"signed 0", b"unsigned 0"]


@pytest.mark.parametrize("tail", [b"\x00" * 4096, RECORD[:-3] + b"\x00" * 3, b"\xff" * 100])
def test_a_tail_of_zeros_or_rubbish_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=1)
    with segment.open("ab") as stream:
        stream.write(tail)
    assert reopened(tmp_path) == [b"signed 0", b"unsigned 0"]


def test_a_whole_record_that_nobody_was_told_of_is_kept(tmp_path: Path) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=0)
    with segment.open("ab") as stream:
        stream.write(RECORD)
    assert reopened(tmp_path) == [b"signed 0", b"never acknowledged"]


def test_an_acknowledged_record_is_never_cut_off(tmp_path: Path) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=2)
    os.truncate(segment, segment.stat().st_size - 1)
    before = segment.read_bytes()
    with pytest.raises(UnavailableError, match="fewer than were acknowledged"):
        open_log(tmp_path)
    assert segment.read_bytes() == before


@pytest.mark.parametrize("lost", [1, 40])
def test_a_signed_record_is_never_cut_off(tmp_path: Path, lost: int) -> None:
    segment = crashed(tmp_path, signed=4, unsigned=0)
    (tmp_path / "state" / "log.acknowledged").write_bytes(b"")  # as a power cut may leave it
    os.truncate(segment, segment.stat().st_size - lost)
    with pytest.raises(UnavailableError, match="fewer than were signed"):
        open_log(tmp_path)


def test_a_changed_byte_below_the_signed_head_stops_the_log(tmp_path: Path) -> None:
    segment = crashed(tmp_path, signed=3, unsigned=0)
    evil = pack_record(b"signed 9", leaf_hash(b"signed 9"))
    raw = segment.read_bytes()
    segment.write_bytes(evil + raw[len(evil) :])
    with pytest.raises(UnavailableError, match="not those that were signed"):
        open_log(tmp_path)


def test_a_clock_behind_the_last_checkpoint_stops_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    with pytest.raises(UnavailableError, match="clock"):
        open_log(tmp_path, now=NOW - 1)
    open_log(tmp_path, now=NOW).close()


def test_other_keys_do_not_open_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    with pytest.raises(UnavailableError, match="not ours"):
        open_log(tmp_path, seed=7)


def test_a_checkpoint_ahead_of_the_stored_head_stops_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    shutil.copytree(tmp_path / "state", tmp_path / "old")
    with open_log(tmp_path) as log:
        log.append_now(b"more")
    shutil.rmtree(tmp_path / "state")
    (tmp_path / "old").rename(tmp_path / "state")
    with pytest.raises(UnavailableError, match="ahead"):
        open_log(tmp_path)


def test_a_checkpoint_that_was_not_yet_shown_is_shown(tmp_path: Path) -> None:
    crashed(tmp_path, signed=2, unsigned=0)
    checkpoint = tmp_path / "log" / "checkpoint"
    note = checkpoint.read_bytes()
    checkpoint.unlink()
    assert len(reopened(tmp_path)) == 2
    assert checkpoint.read_bytes() == note


def test_a_forged_checkpoint_file_stops_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=2, unsigned=0)
    checkpoint = tmp_path / "log" / "checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"\n2\n", b"\n1\n"))
    with pytest.raises(UnavailableError, match="not ours"):
        open_log(tmp_path)


def test_missing_tiles_are_made_again_from_the_entries(tmp_path: Path) -> None:
    crashed(tmp_path, signed=600, unsigned=3)
    shutil.rmtree(tmp_path / "log" / "tile")
    assert len(reopened(tmp_path)) == 603


def test_a_log_whose_state_is_gone_is_not_started_anew(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    shutil.rmtree(tmp_path / "state")
    with pytest.raises(UnavailableError, match="missing"):
        open_log(tmp_path)


def test_a_start_that_broke_off_before_the_first_head_is_repeated(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "segment").write_bytes(b"")
    assert reopened(tmp_path) == []


def test_a_missing_segment_stops_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0).unlink()
    with pytest.raises(UnavailableError, match="log"):
        open_log(tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":2}',
        b'{"v":1,"size":"1","root":"","time":1,"note":""}',
        b'{"v":1,"size":1,"root":"!","time":1,"note":""}',
        b"\xff",
    ],
)
def test_a_damaged_head_stops_the_log(tmp_path: Path, raw: bytes) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    (tmp_path / "state" / "log.json").write_bytes(raw)
    with pytest.raises(UnavailableError, match="not readable"):
        open_log(tmp_path)


def test_a_head_that_says_other_than_its_note_stops_the_log(tmp_path: Path) -> None:
    crashed(tmp_path, signed=2, unsigned=0)
    path = tmp_path / "state" / "log.json"
    path.write_bytes(path.read_bytes().replace(b'"size":2', b'"size":1'))
    with pytest.raises(UnavailableError, match="what its note says"):
        open_log(tmp_path)


@pytest.mark.parametrize("raw", [b"1\n", b"x" * 21, b"0" * 22 + b"\n", b"-0000000000000000001\n"])
def test_a_damaged_count_stops_the_log(tmp_path: Path, raw: bytes) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    (tmp_path / "state" / "log.acknowledged").write_bytes(raw)
    with pytest.raises(UnavailableError, match="not a count"):
        open_log(tmp_path)


def test_entries_exchanged_behind_a_killed_writer_are_not_signed_by_the_next(
    tmp_path: Path,
) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=2)
    raw = segment.read_bytes()
    start = len(raw) - len(pack_record(b"unsigned 1", leaf_hash(b"unsigned 1")))
    evil = pack_record(b"unsigned 9", leaf_hash(b"unsigned 9"))
    segment.write_bytes(raw[:start] + evil)
    with pytest.raises(UnavailableError, match="not those that were acknowledged"):
        open_log(tmp_path)
    segment.write_bytes(raw)
    open_log(tmp_path).close()


def test_a_refused_log_leaves_the_lock_free(tmp_path: Path) -> None:
    crashed(tmp_path, signed=1, unsigned=0)
    with pytest.raises(UnavailableError):
        open_log(tmp_path, seed=7)
    open_log(tmp_path).close()


def test_the_stored_head_changes_only_from_the_one_expected(tmp_path: Path) -> None:
    state = State(tmp_path / "state", tmp_path / "log")
    one, two = (Signed(size, b"r" * 32, NOW, b"note\n") for size in (1, 2))
    state.swap(None, one)
    for wrong in (None, two):
        with pytest.raises(FaultError):
            state.swap(wrong, two)
    state.swap(one, two)
    assert state.load() == two
    state.close()


def test_a_length_beyond_the_file_is_torn_not_an_entry(tmp_path: Path) -> None:
    segment = crashed(tmp_path, signed=1, unsigned=0)
    with segment.open("ab") as stream:
        stream.write(struct.pack(">H8s", 65_535, b"12345678") + b"short")
    assert reopened(tmp_path) == [b"signed 0"]
