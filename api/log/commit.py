"""Group commit: a bounded queue, one writer thread, and no word before the disk has it.

1. Take everything that is queued; batches form while the previous one is being synced.
2. Hash, write, sync. A failed write is cut off again; a failed sync closes the writer, because
   what the disk holds is then unknown.
3. Note count and root outside the log, then acknowledge.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeAlias

from api.errors import UnavailableError
from api.log.segment import Segment, pack_record
from api.log.state import State
from crypto.tlog.merkle import Frontier, leaf_hash

CAPACITY: Final = 4096

Loop: TypeAlias = asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Receipt:
    """A durable entry: its index, and the leaf hash that proofs speak of."""

    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries are durable, and the root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class _Waiting:
    entry: bytes
    future: "Future[Receipt] | asyncio.Future[Receipt]"
    loop: Loop | None


class Committer:
    """The writer thread and its queue."""

    def __init__(self, segment: Segment, state: State, frontier: Frontier) -> None:
        """Start the thread; `frontier` is that of the loaded segment."""
        self._segment, self._state, self._frontier = segment, state, frontier
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._fault: str | None = None
        self._closing = False
        self._head = Head(frontier.size, frontier.root)
        self._listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="sekisho-log", daemon=True)
        self._thread.start()

    @property
    def head(self) -> Head:
        """The head over all acknowledged entries."""
        return self._head

    @property
    def fault(self) -> str | None:
        """Why this writer must not be used any more, or None."""
        return self._fault

    @property
    def closing(self) -> bool:
        """Whether no more entries are taken."""
        return self._closing or self._fault is not None

    def submit(self, entry: bytes) -> "Future[Receipt]":
        """Queue an entry; the future resolves when it is durable.

        Raises:
            UnavailableError: the queue is full, or the writer no longer writes.
        """
        future: Future[Receipt] = Future()
        future.set_running_or_notify_cancel()
        self._put(_Waiting(entry, future, None))
        return future

    def submit_from(self, loop: Loop, entry: bytes) -> "asyncio.Future[Receipt]":
        """Queue an entry from `loop`, which is woken once for each batch, not for each entry.

        Raises:
            UnavailableError: the queue is full, or the writer no longer writes.
        """
        future: asyncio.Future[Receipt] = loop.create_future()
        self._put(_Waiting(entry, future, loop))
        return future

    def _put(self, waiting: _Waiting) -> None:
        with self._changed:
            if self.closing:
                raise UnavailableError(self._fault or "the log is closed")
            if len(self._queue) >= CAPACITY:
                raise UnavailableError(f"the log has {CAPACITY} entries waiting; try again")
            self._queue.append(waiting)
            self._changed.notify()

    def _take(self) -> list[_Waiting]:
        with self._changed:
            while not self._queue and not self._closing:
                self._changed.wait()
            batch = list(self._queue)
            self._queue.clear()
            return batch

    def _run(self) -> None:
        while batch := self._take():
            try:
                receipts = self._commit([waiting.entry for waiting in batch])
            except OSError as error:
                _settle(batch, f"{self._segment.path}: {error.strerror}")
            except Exception as error:  # noqa: BLE001  # whatever it is, nobody waits for ever
                self.refuse(f"{self._segment.path}: {error}; the log must be reopened")
                _settle(batch, f"{self._segment.path}: {error}")
            else:
                _settle(batch, receipts)
                self._tell()

    def _commit(self, entries: list[bytes]) -> list[Receipt]:
        leaves = [leaf_hash(entry) for entry in entries]
        records = [pack_record(*record) for record in zip(entries, leaves, strict=True)]
        ahead = Frontier(self._frontier.size, self._frontier.peaks)
        ahead.extend(leaves)
        head, first = Head(ahead.size, ahead.root), self._head.size
        self._store(records, head)
        self._frontier, self._head = ahead, head
        return [Receipt(index, leaf) for index, leaf in enumerate(leaves, first)]

    def _store(self, records: list[bytes], head: Head) -> None:
        written = False
        try:
            self._segment.write(records)
            written = True
            self._segment.sync(records)
            self._state.acknowledge(head.size, head.root)
        except OSError as error:
            if written or not self._restored():
                self.refuse(f"{self._segment.path}: {error.strerror}; the log must be reopened")
            raise

    def _restored(self) -> bool:
        try:
            self._segment.cut()
        except OSError:
            return False
        return True

    def refuse(self, reason: str) -> None:
        """Take no more entries; fail those that wait."""
        with self._changed:
            self._fault = self._fault or reason
            waiting = list(self._queue)
            self._queue.clear()
        _settle(waiting, reason)
        self._tell()

    def close(self) -> None:
        """Take no more entries, commit those that wait, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` on the writer's thread after each batch and at the end; return its end.

        It must return at once and raise nothing.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)


def _settle(batch: Sequence[_Waiting], outcome: Sequence[Receipt] | str) -> None:
    loops: dict[Loop, list[tuple[_Waiting, Receipt | str]]] = {}
    outcomes: Sequence[Receipt | str] = (
        [outcome] * len(batch) if isinstance(outcome, str) else outcome
    )
    for waiting, result in zip(batch, outcomes, strict=True):
        if waiting.loop is None:
            _resolve(waiting, result)
        else:
            loops.setdefault(waiting.loop, []).append((waiting, result))
    for loop, settled in loops.items():
        with suppress(RuntimeError):  # the loop has closed: nobody waits there any more
            loop.call_soon_threadsafe(_resolve_all, settled)


def _resolve_all(settled: Sequence[tuple[_Waiting, Receipt | str]]) -> None:
    for waiting, result in settled:
        _resolve(waiting, result)


def _resolve(waiting: _Waiting, result: Receipt | str) -> None:
    if waiting.future.done():  # the caller has given up waiting
        return
    if isinstance(result, str):
        waiting.future.set_exception(UnavailableError(result))
    else:
        waiting.future.set_result(result)
