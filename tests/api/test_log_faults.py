"""Killed, cut from power, out of disk: nothing that was acknowledged is lost, nothing is halved."""

import asyncio
import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from api.errors import UnavailableError
from api.log.fsck import fsck
from api.log.publish import Publisher
from api.log.segment import Segment
from api.log.state import State
from api.log.trust import LogTrust
from api.log.verify import verify
from api.log.writer import Log, Receipt
from crypto.tlog.base64 import encode
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.tlog.merkle import leaf_hash

ORIGIN = "log.example/a"
SIGNERS = [NoteSigner(ORIGIN, kind, bytes([kind]) * 32) for kind in KeyKind]
TRUST = LogTrust.of(ORIGIN, [signer.key for signer in SIGNERS])
ROOT = Path(__file__).parents[2]


def open_log(directory: Path, *, interval: float | None = None) -> Log:
    return Log.open(
        directory / "log",
        state=directory / "state",
        origin=ORIGIN,
        signers=SIGNERS,
        clock=lambda: 1_800_000_000,
        interval=interval,
    )


def sound(directory: Path) -> bool:
    return verify(directory / "log", TRUST, first=True).ok and fsck(directory / "log").ok


def spoil(error: int) -> OSError:
    return OSError(error, os.strerror(error))


WRITER = """
import asyncio, sys
from pathlib import Path
from api.log.writer import Log
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.tlog.merkle import leaf_hash
here = Path(sys.argv[1])
signers = [NoteSigner("log.example/a", kind, bytes([kind]) * 32) for kind in KeyKind]

async def one(log, name):
    while True:
        entry = b"%d %d %s" % (name, log.size, b"x" * 300)
        receipt = await log.append(entry)
        sys.stdout.write(f"{receipt.index} {receipt.leaf.hex()}\\n")
        sys.stdout.flush()

async def main():
    log = Log.open(here / "log", state=here / "state", origin="log.example/a", signers=signers,
                   clock=lambda: 1_800_000_000, interval=0.005)
    await asyncio.gather(*(one(log, name) for name in range(16)))

asyncio.run(main())
"""


def kill_while_writing(directory: Path, acknowledgements: int) -> list[str]:
    command = [sys.executable, "-c", WRITER, str(directory)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledgements)]
        process.kill()
        lines += process.stdout.readlines()
    # The last line may be torn by the kill itself.
    return [line for line in lines if line.endswith("\n")]


def test_a_killed_writer_has_lost_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    acknowledged: dict[int, str] = {}
    for cycle in range(4):
        for line in kill_while_writing(tmp_path, 200 + 331 * cycle):
            index, leaf = line.split()
            assert acknowledged.setdefault(int(index), leaf) == leaf
    with open_log(tmp_path) as log:
        size = log.size
        entries = log.entries()
        for place, known in acknowledged.items():
            assert leaf_hash(entries[place]).hex() == known
    assert size >= len(acknowledged) > 1000
    assert sound(tmp_path)


Event = tuple[str, int, bytes]


def record_events(directory: Path) -> list[Event]:
    """Write a few batches; return what reached the segment, in order, with the acknowledgements."""
    events: list[Event] = []
    write, sync, acknowledge = Segment.write, Segment.sync, State.acknowledge

    def written(self: Segment, records: list[bytes]) -> None:
        write(self, records)
        events.append(("write", self._offsets[-1], b"".join(records)))

    def synced(self: Segment, records: list[bytes]) -> None:
        sync(self, records)
        events.append(("sync", 0, b""))

    def marked(self: State, size: int, root: bytes) -> None:
        acknowledge(self, size, root)
        events.append(("acknowledged", size, b"%020d %s\n" % (size, encode(root).encode())))

    async def batches(log: Log) -> None:
        for turn in range(8):
            await asyncio.gather(*(log.append(b"%d." % turn * 40) for _ in range(turn + 1)))

    with pytest.MonkeyPatch.context() as patch:
        log = open_log(directory)
        shutil.copytree(directory, directory.parent / "cut", dirs_exist_ok=True)
        patch.setattr(Segment, "write", written)
        patch.setattr(Segment, "sync", synced)
        patch.setattr(State, "acknowledge", marked)
        asyncio.run(batches(log))
        log.close()
    return events


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    root = tmp_path_factory.mktemp("power")
    events = record_events(root / "live")
    return root / "cut", events


@settings(max_examples=80)
@given(st.data())
def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(
    history: tuple[Path, list[Event]], data: st.DataObject
) -> None:
    start, events = history
    happened = events[: data.draw(st.integers(0, len(events)))]
    synced = max((at for at, event in enumerate(happened) if event[0] == "sync"), default=-1)
    image = bytearray()
    for at, (kind, place, raw) in enumerate(happened):
        if kind != "write":
            continue
        kept = bytearray(raw)
        if at > synced:  # not synced: anything from nothing to all, with holes, may be there
            del kept[data.draw(st.integers(0, len(raw))) :]
            hole = data.draw(st.integers(0, len(kept)))
            kept[hole : hole + 64] = b"\x00" * len(kept[hole : hole + 64])
        image[place:] = kept
    durable = max((size for kind, size, _ in happened if kind == "acknowledged"), default=0)
    directory = start.parent / "run"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(start, directory)
    (directory / "log" / "segment").write_bytes(image)
    marks = [raw for kind, _, raw in happened if kind == "acknowledged"]
    mark = data.draw(st.sampled_from([b"", *marks]))
    (directory / "state" / "log.acknowledged").write_bytes(mark)
    with open_log(directory) as log:
        assert log.size >= durable
        whole = b"".join(raw for kind, _, raw in events if kind == "write")
        assert whole.startswith((directory / "log" / "segment").read_bytes())
    assert sound(directory)


def test_a_full_disk_fails_every_waiting_append_and_halves_none(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append_now(b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    room = (tmp_path / "log" / "segment").stat().st_size + 1000

    async def fill() -> list[Receipt | BaseException]:
        waiting = [asyncio.ensure_future(log.append(b"x" * 300)) for _ in range(64)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        outcomes = asyncio.run(fill())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    failed = [each for each in outcomes if isinstance(each, UnavailableError)]
    granted = [each for each in outcomes if isinstance(each, Receipt)]
    assert failed
    assert len(failed) + len(granted) == 64
    assert str(tmp_path / "log" / "segment") in str(failed[0])
    assert log.append_now(b"after").index == 1 + len(granted)
    log.close()
    with open_log(tmp_path) as log:
        assert log.entries()[-1] == b"after"
        assert log.size == 2 + len(granted)
    assert sound(tmp_path)


def test_a_write_that_cannot_be_undone_closes_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise spoil(errno.EIO)

    log = open_log(tmp_path)
    log.append_now(b"a")
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", fail)
        patch.setattr(os, "ftruncate", fail)
        with pytest.raises(UnavailableError):
            log.append_now(b"b")
    with pytest.raises(UnavailableError, match="reopened"):
        log.append_now(b"c")
    log.close()
    with open_log(tmp_path) as log:
        assert log.entries() == [b"a"]


@pytest.mark.parametrize("step", [(Segment, "sync"), (State, "acknowledge")])
def test_a_sync_that_failed_closes_the_log_and_acknowledges_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: tuple[type, str]
) -> None:
    def fail(*_: object) -> None:
        raise spoil(errno.EIO)

    log = open_log(tmp_path)
    log.append_now(b"a")
    with monkeypatch.context() as patch:
        patch.setattr(*step, fail)
        with pytest.raises(UnavailableError):
            log.append_now(b"b")
    assert log.size == 1
    with pytest.raises(UnavailableError, match="reopened"):
        asyncio.run(log.append(b"c"))
    log.close()
    with open_log(tmp_path) as log:
        assert log.entries()[0] == b"a"
        assert log.append_now(b"d").index == log.size - 1
    assert sound(tmp_path)


def test_a_fault_of_the_writer_itself_leaves_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("broken")

    log = open_log(tmp_path)
    monkeypatch.setattr(Segment, "write", fail)
    with pytest.raises(UnavailableError, match="broken"):
        log.append_now(b"a")
    with pytest.raises(UnavailableError, match="reopened"):
        log.append_now(b"b")
    log.close()


def test_those_who_wait_behind_a_fault_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log(tmp_path)

    async def run() -> list[Receipt | BaseException]:
        waiting: list[asyncio.Future[Receipt]] = []
        loop = asyncio.get_running_loop()

        def fail(*_: object) -> None:
            # More arrive while the disk is failing.
            future = asyncio.run_coroutine_threadsafe(append(), loop)
            future.result(60)
            raise spoil(errno.EIO)

        async def append() -> None:
            waiting.extend(asyncio.ensure_future(log.append(b"late")) for _ in range(5))
            await asyncio.sleep(0)

        monkeypatch.setattr(Segment, "sync", fail)
        first = asyncio.ensure_future(log.append(b"first"))
        await asyncio.wait([first])
        return await asyncio.gather(first, *waiting, return_exceptions=True)

    outcomes = asyncio.run(run())
    assert len(outcomes) == 6
    assert all(isinstance(each, UnavailableError) for each in outcomes)
    log.close()


def test_a_disk_that_fails_while_publishing_closes_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise spoil(errno.ENOSPC)

    log = open_log(tmp_path)
    log.append_now(b"a")
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "_write", fail)
        with pytest.raises(UnavailableError, match="No space"):
            log.checkpoint()
    with pytest.raises(UnavailableError, match="reopened"):
        log.append_now(b"b")
    log.close()
    with open_log(tmp_path) as log:
        assert log.entries() == [b"a"]
    assert sound(tmp_path)


def test_whatever_stops_the_publisher_closes_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("broken")

    log = open_log(tmp_path)
    log.append_now(b"a")
    monkeypatch.setattr(Publisher, "_sign", fail)
    with pytest.raises(UnavailableError, match="broken"):
        log.checkpoint()
    with pytest.raises(UnavailableError, match="reopened"):
        log.append_now(b"b")
    log.close()


@pytest.mark.parametrize("step", range(6))
def test_a_crash_at_any_step_of_publishing_is_recovered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    async def fill(log: Log) -> None:
        await asyncio.gather(*(log.append(b"%d" % index) for index in range(300)))

    log = open_log(tmp_path)
    asyncio.run(fill(log))
    replace = Path.replace
    left = [step]

    def crash(self: Path, target: Path) -> Path:
        if left[0] == 0:
            raise spoil(errno.EIO)
        left[0] -= 1
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(UnavailableError):
            log.checkpoint()
    log.close()
    with open_log(tmp_path) as log:
        assert log.size == 300
    assert sound(tmp_path)


def test_a_first_checkpoint_that_cannot_be_written_releases_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise spoil(errno.EIO)

    with monkeypatch.context() as patch:
        patch.setattr(State, "swap", fail)
        with pytest.raises(UnavailableError):
            open_log(tmp_path)
    open_log(tmp_path).close()
    assert sound(tmp_path)
