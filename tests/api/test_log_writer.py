"""The writer acknowledges what is durable, in one order, and nothing else."""

import asyncio
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import api.log.commit
from api.errors import FaultError, NotFoundError, UnavailableError, UsageError
from api.log.fsck import fsck
from api.log.reader import Reader
from api.log.segment import Segment, pack_record
from api.log.state import State, held
from api.log.trust import LogTrust
from api.log.verify import verify
from api.log.writer import Log, Receipt
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.proof import TlogProof

ORIGIN = "log.example/a"
SIGNERS = [NoteSigner(ORIGIN, kind, bytes([kind]) * 32) for kind in KeyKind]
KEYS = [signer.key for signer in SIGNERS]
TRUST = LogTrust.of(ORIGIN, KEYS)


class Clock:
    now = 1_800_000_000

    def __call__(self) -> int:
        return self.now


def open_log(
    directory: Path,
    *,
    clock: Callable[[], int] | None = None,
    interval: float | None = None,
    patience: float = 60,
) -> Log:
    return Log.open(
        directory / "log",
        state=directory / "state",
        origin=ORIGIN,
        signers=SIGNERS,
        clock=clock or Clock(),
        interval=interval,
        patience=patience,
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(tmp_path) as log:
        yield log


def sound(directory: Path) -> bool:
    return verify(directory / "log", TRUST, first=True).ok and fsck(directory / "log").ok


def test_a_receipt_has_the_index_and_the_leaf_hash(log: Log) -> None:
    assert log.append_now(b"a") == Receipt(0, leaf_hash(b"a"))
    assert asyncio.run(log.append(b"b")) == Receipt(1, leaf_hash(b"b"))
    assert (log.size, log.entry(1), log.entries()) == (2, b"b", [b"a", b"b"])


def test_an_acknowledged_entry_is_in_the_file_and_counted_outside_it(
    log: Log, tmp_path: Path
) -> None:
    log.append_now(b"acknowledged")
    assert b"acknowledged" in (tmp_path / "log" / "segment").read_bytes()
    assert int((tmp_path / "state" / "log.acknowledged").read_text().split()[0]) == 1


def test_nothing_is_acknowledged_before_it_is_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, release = threading.Event(), threading.Event()
    sync = os.fdatasync

    def slow(descriptor: int) -> None:
        synced.set()
        assert release.wait(60)
        sync(descriptor)

    with open_log(tmp_path) as log, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(os, "fdatasync", slow)
        waiting = pool.submit(log.append_now, b"a")
        assert synced.wait(60)
        assert not waiting.done()
        assert log.size == 0
        release.set()
        assert waiting.result(60).index == 0
        assert log.size == 1


def test_concurrent_appends_get_contiguous_indexes_and_their_own_entries(
    log: Log, tmp_path: Path
) -> None:
    def thread(name: int) -> list[tuple[Receipt, bytes]]:
        entries = [b"%d-%d" % (name, turn) for turn in range(50)]
        return [(log.append_now(entry), entry) for entry in entries]

    async def loop() -> list[tuple[Receipt, bytes]]:
        entries = [b"loop-%d" % turn for turn in range(400)]
        receipts = await asyncio.gather(*(log.append(entry) for entry in entries))
        return list(zip(receipts, entries, strict=True))

    with ThreadPoolExecutor(8) as pool:
        threads = [pool.submit(thread, name) for name in range(8)]
        pairs = asyncio.run(loop())
        pairs += [pair for future in threads for pair in future.result()]
    assert sorted(receipt.index for receipt, _ in pairs) == list(range(800))
    assert all(log.entry(receipt.index) == entry for receipt, entry in pairs)
    log.checkpoint()
    assert sound(tmp_path)


@pytest.mark.parametrize("entry", [b"", b"x" * 65_536])
def test_an_entry_that_no_bundle_holds_is_refused_before_it_is_queued(
    log: Log, entry: bytes
) -> None:
    with pytest.raises(UsageError):
        log.append_now(entry)
    with pytest.raises(UsageError):
        asyncio.run(log.append(entry))
    assert log.append_now(b"x" * 65_535).index == 0


def test_a_full_queue_refuses_and_keeps_what_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.log.commit, "CAPACITY", 3)
    entered, release = threading.Event(), threading.Event()
    write = Segment.write

    def slow(self: Segment, records: list[bytes]) -> None:
        entered.set()
        assert release.wait(60)
        write(self, records)

    monkeypatch.setattr(Segment, "write", slow)
    with open_log(tmp_path) as log, ThreadPoolExecutor(4) as pool:
        first = pool.submit(log.append_now, b"0")
        assert entered.wait(60)

        async def more() -> list[Receipt | BaseException]:
            waiting = [asyncio.ensure_future(log.append(b"%d" % turn)) for turn in range(5)]
            await asyncio.sleep(0)
            release.set()
            return await asyncio.gather(*waiting, return_exceptions=True)

        outcomes = asyncio.run(more())
        refused = [each for each in outcomes if isinstance(each, UnavailableError)]
        assert len(refused) == 2
        assert "waiting" in str(refused[0])
        assert first.result(60).index == 0
        assert log.size == 4


def test_an_append_that_the_disk_does_not_answer_fails_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    write = Segment.write

    def stuck(self: Segment, records: list[bytes]) -> None:
        assert release.wait(60)
        write(self, records)

    with open_log(tmp_path, patience=0.01) as log:
        monkeypatch.setattr(Segment, "write", stuck)
        with pytest.raises(UnavailableError, match="no answer"):
            log.append_now(b"a")
        with pytest.raises(UnavailableError, match="no answer"):
            asyncio.run(log.append(b"b"))
        release.set()
    assert sound(tmp_path)


def test_a_second_writer_is_refused_in_one_line_that_names_the_directory(
    log: Log, tmp_path: Path
) -> None:
    log.append_now(b"a")
    with pytest.raises(UnavailableError) as refused:
        open_log(tmp_path)
    assert str(tmp_path / "log") in str(refused.value)
    assert "\n" not in str(refused.value)
    assert log.append_now(b"b").index == 1


def test_a_lock_within_the_log_is_bad_usage(tmp_path: Path) -> None:
    for state in (tmp_path / "log", tmp_path / "log" / "state"):
        with pytest.raises(UsageError):
            Log.open(tmp_path / "log", state=state, origin=ORIGIN, signers=SIGNERS, clock=Clock())
    with pytest.raises(UsageError):
        Log.open(tmp_path / "log", state=tmp_path / "s", origin=ORIGIN, signers=[], clock=Clock())


def test_a_state_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(UnavailableError, match="state"):
        open_log(tmp_path)


def test_a_closed_log_takes_signs_and_shows_nothing_more(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append_now(b"a")
    log.close()
    log.close()
    for refused in (lambda: log.append_now(b"b"), log.checkpoint, lambda: log.entry(0)):
        with pytest.raises(UnavailableError):
            refused()
    assert sound(tmp_path)


def test_what_waits_when_the_log_closes_is_still_committed(tmp_path: Path) -> None:
    async def append_and_close() -> list[Receipt]:
        with open_log(tmp_path) as log:
            waiting = [asyncio.ensure_future(log.append(b"%d" % turn)) for turn in range(100)]
            await asyncio.sleep(0)
            await asyncio.to_thread(log.close)
            return await asyncio.gather(*waiting)

    assert [each.index for each in asyncio.run(append_and_close())] == list(range(100))
    assert sound(tmp_path)


def test_a_checkpoint_is_signed_in_the_background_and_on_closing(tmp_path: Path) -> None:
    with open_log(tmp_path, interval=0.001) as log:
        log.append_now(b"a")
        path = tmp_path / "log" / "checkpoint"
        while b"\n1\n" not in path.read_bytes():
            threading.Event().wait(0.001)
        log.append_now(b"b")
    assert b"\n2\n" in path.read_bytes()
    assert sound(tmp_path)


def test_a_checkpoint_of_the_same_head_is_the_same(log: Log) -> None:
    log.append_now(b"a")
    assert log.checkpoint() is log.checkpoint()


def test_proofs_hold_under_the_checkpoint_that_covers_them(log: Log) -> None:
    for index in range(300):
        log.append_now(b"%d" % index)
        if index in {0, 9, 255, 257}:
            assert log.proof(index) == log.proof(index)
    for index in (0, 255, 256, 299):
        proof = TlogProof.from_bytes(log.proof(index))
        head = proof.verify(b"%d" % index, ORIGIN, KEYS)
        assert (proof.index, head.size > index) == (index, True)
    for index in (-1, 300):
        with pytest.raises(NotFoundError):
            log.proof(index)


def test_a_proof_from_a_partial_tile_that_was_replaced_uses_the_full_one(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        for index in range(255):
            log.append_now(b"%d" % index)
        old = log.checkpoint()
        log.append_now(b"255")
        log.checkpoint()
        assert not (tmp_path / "log" / "tile" / "0" / "000.p").exists()
        (tmp_path / "log" / "checkpoint").write_bytes(old.note)
        with Reader(tmp_path / "log") as reader:
            head = TlogProof.from_bytes(reader.proof(3)).verify(b"3", ORIGIN, KEYS)
        assert head.size == 255


def test_a_missing_or_damaged_tile_gives_no_proof(log: Log, tmp_path: Path) -> None:
    log.append_now(b"a")
    log.append_now(b"b")
    log.checkpoint()
    tile = tmp_path / "log" / "tile" / "0" / "000.p" / "2"
    tile.write_bytes(tile.read_bytes()[:-1])
    with pytest.raises(UnavailableError):
        log.proof(0)
    tile.unlink()
    with pytest.raises(UnavailableError):
        log.proof(0)


def test_the_tail_gives_what_is_there_and_then_what_comes(tmp_path: Path) -> None:
    async def follow() -> list[tuple[int, bytes]]:
        seen: list[tuple[int, bytes]] = []
        with open_log(tmp_path) as log:
            await log.append(b"0")
            await log.append(b"1")
            started = asyncio.Event()

            async def read() -> None:
                async for pair in log.tail(1):
                    seen.append(pair)
                    started.set()

            reading = asyncio.create_task(read())
            await started.wait()
            for turn in range(2, 20):
                await log.append(b"%d" % turn)
            await asyncio.to_thread(log.close)
            await reading
        return seen

    assert asyncio.run(follow()) == [(index, b"%d" % index) for index in range(1, 20)]


def test_a_tail_whose_loop_has_gone_disturbs_nobody(tmp_path: Path) -> None:
    async def follow(log: Log) -> None:
        async for _ in log.tail():
            pass

    with open_log(tmp_path) as log:
        loop = asyncio.new_event_loop()
        following = loop.create_task(follow(log))
        loop.run_until_complete(asyncio.sleep(0))
        following.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
        assert log.append_now(b"a").index == 0


def test_a_caller_who_gave_up_does_not_disturb_the_others(tmp_path: Path) -> None:
    async def race(log: Log) -> Receipt:
        gone = asyncio.ensure_future(log.append(b"gone"))
        await asyncio.sleep(0)
        gone.cancel()
        return await log.append(b"stays")

    with open_log(tmp_path) as log:
        index = asyncio.run(race(log)).index
        assert log.entry(index) == b"stays"


def test_the_clock_must_not_be_behind_the_last_checkpoint(tmp_path: Path) -> None:
    clock = Clock()
    with open_log(tmp_path, clock=clock) as log:
        log.append_now(b"a")
        clock.now -= 1
        with pytest.raises(UnavailableError, match="clock"):
            log.checkpoint()
        assert log.append_now(b"b").index == 1
        clock.now += 1
        assert log.checkpoint().size == 2


def test_what_the_disk_changed_is_not_signed_and_the_log_refuses_from_then_on(
    tmp_path: Path,
) -> None:
    log = open_log(tmp_path)
    log.append_now(b"good entry")
    segment = tmp_path / "log" / "segment"
    segment.write_bytes(segment.read_bytes().replace(b"good", b"evil"))
    with pytest.raises(UnavailableError, match="not what was written"):
        log.checkpoint()
    for refused in (lambda: log.append_now(b"b"), log.checkpoint):
        with pytest.raises(UnavailableError, match="reopened"):
            refused()
    log.close()
    assert b"\n0\n" in (tmp_path / "log" / "checkpoint").read_bytes()


def test_another_entry_on_the_disk_is_not_signed_even_with_a_fitting_check(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append_now(b"good")
    (tmp_path / "log" / "segment").write_bytes(pack_record(b"evil", leaf_hash(b"evil")))
    with pytest.raises(UnavailableError, match="another root"):
        log.checkpoint()
    log.close()


def test_a_tile_that_reads_back_otherwise_is_not_signed(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append_now(b"a")
    tile = tmp_path / "log" / "tile" / "0" / "000.p" / "1"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(b"x" * 32)
    with pytest.raises(UnavailableError, match="read back"):
        log.checkpoint()
    log.close()


def test_a_head_that_changed_behind_the_writer_is_not_replaced(tmp_path: Path) -> None:
    log = open_log(tmp_path)
    log.append_now(b"a")
    (tmp_path / "state" / "log.json").unlink()
    with pytest.raises(UnavailableError, match="behind the writer"):
        log.checkpoint()
    log.close()


def test_a_reader_needs_no_lock_and_sees_more_on_refreshing(log: Log, tmp_path: Path) -> None:
    log.append_now(b"a")
    with Reader(tmp_path / "log") as reader:
        log.append_now(b"b")
        assert (reader.size, reader.refresh(), reader.entries(1)) == (1, 2, [b"b"])
        assert reader.entries(0, 1) == [reader.entry(0)] == [b"a"]
        for index in (-1, 2):
            with pytest.raises(NotFoundError):
                reader.entry(index)
        with pytest.raises(NotFoundError):
            reader.proof(0)
        (tmp_path / "log" / "checkpoint").write_text("no note")
        with pytest.raises(UnavailableError):
            reader.proof(0)
        (tmp_path / "log" / "checkpoint").unlink()
        with pytest.raises(UnavailableError):
            reader.note()


def test_a_reader_of_no_log_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        Reader(tmp_path)


def test_an_entry_that_changed_on_the_disk_is_a_fault_not_an_answer(
    log: Log, tmp_path: Path
) -> None:
    log.append_now(b"good")
    segment = tmp_path / "log" / "segment"
    raw = segment.read_bytes()
    for place in range(len(raw)):
        segment.write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(FaultError):
            log.entry(0)
    segment.write_bytes(raw)


def test_slices_beyond_the_ends_are_cut(log: Log) -> None:
    log.append_now(b"a")
    assert log.entries(-5, 99) == [b"a"]
    assert log.entries(1) == log.entries(5, 2) == []
    for index in (-1, 1):
        with pytest.raises(NotFoundError):
            log.entry(index)


def test_asking_whether_a_log_is_written_does_not_keep_its_writer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_log(tmp_path).close()
    with (tmp_path / "state" / "log.lock").open("rb") as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        released = lambda _: fcntl.flock(asking, fcntl.LOCK_UN)  # noqa: E731
        monkeypatch.setattr(time, "sleep", released)
        open_log(tmp_path).close()


def test_whether_a_log_is_being_written_can_be_asked(tmp_path: Path) -> None:
    assert not held(tmp_path / "state")
    with open_log(tmp_path):
        assert held(tmp_path / "state")
    assert not held(tmp_path / "state")


def test_a_lock_is_released_with_its_log(tmp_path: Path) -> None:
    open_log(tmp_path).close()
    State(tmp_path / "state", tmp_path / "log").close()
    open_log(tmp_path).close()
