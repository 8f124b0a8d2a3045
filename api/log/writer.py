"""The log as its one writer sees it: open, append, read, checkpoint, close."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import TimeoutError as Overdue
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from api.errors import NotFoundError, UnavailableError, UsageError
from api.log.commit import Committer, Head, Receipt
from api.log.proofs import inclusion_proof
from api.log.recover import Parts, open_parts
from api.log.state import Signed
from crypto.tlog.keys import NoteSigner
from crypto.tlog.tiles import LONGEST_ENTRY

__all__ = ["Head", "Log", "Receipt"]

PATIENCE: Final = 10.0  # seconds until an append that the disk does not answer has failed
INTERVAL: Final = 0.5  # seconds between checkpoints while entries arrive


class Log:
    """An append-only log in `directory`, written by this process alone; a context manager."""

    def __init__(self, parts: Parts, *, interval: float | None, patience: float) -> None:
        """Use `Log.open`."""
        self._parts, self._patience = parts, patience
        self._committer = Committer(parts.segment, parts.state, parts.frontier)
        self._publishing = threading.Lock()
        self._open = True
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._publish, args=(interval,), daemon=True)
        if interval is not None:
            self._thread.start()

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        state: Path,
        origin: str,
        signers: Sequence[NoteSigner],
        clock: Callable[[], int],
        interval: float | None = INTERVAL,
        patience: float = PATIENCE,
    ) -> "Log":
        """Open or create the log, recover it if need be, and sign what it holds.

        `state` is a directory outside `directory`, on its file system; `clock` gives unix seconds;
        `interval` None signs on `checkpoint` and `close` only.

        Raises:
            UnavailableError: another writer has it, or what is stored is not what was signed.
            UsageError: the state directory lies within the log, or there is no signer.
        """
        parts = open_parts(directory, state=state, origin=origin, signers=signers, clock=clock)
        log = cls(parts, interval=interval, patience=patience)
        try:
            log.checkpoint()
        except BaseException:
            log.close()
            raise
        return log

    async def append(self, entry: bytes) -> Receipt:
        """Append an entry; return once it is durable.

        Raises:
            UsageError: the entry has no or more than 65,535 bytes.
            UnavailableError: it is not known to be durable, or the log takes no more.
        """
        future = self._committer.submit_from(asyncio.get_running_loop(), _checked(entry))
        try:
            async with asyncio.timeout(self._patience):
                return await future
        except TimeoutError as error:
            raise self._overdue() from error

    def append_now(self, entry: bytes) -> Receipt:
        """Append as `append` does, from a thread without an event loop."""
        future = self._committer.submit(_checked(entry))
        try:
            return future.result(self._patience)
        except Overdue as error:
            raise self._overdue() from error

    def _overdue(self) -> UnavailableError:
        return UnavailableError(f"the log gave no answer within {self._patience:g} s")

    @property
    def size(self) -> int:
        """How many entries are durable."""
        return self._committer.head.size

    def entry(self, index: int) -> bytes:
        """Return the entry at `index`.

        Raises:
            NotFoundError: there is none.
        """
        if not 0 <= index < self.size:
            raise NotFoundError(f"the log has no entry {index}")
        return self._parts.segment.read(index, index + 1)[0]

    def entries(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """Return the durable entries from `start` up to `stop`, as far as there are any."""
        size = self.size
        return self._parts.segment.read(max(start, 0), size if stop is None else min(stop, size))

    async def tail(self, start: int = 0) -> AsyncIterator[tuple[int, bytes]]:
        """Yield each entry from `start` with its index, waiting for more until the log closes."""
        loop, more = asyncio.get_running_loop(), asyncio.Event()
        end = self._committer.listen(lambda: _wake(loop, more))
        try:
            while True:
                more.clear()
                for index in range(start, self.size):
                    yield index, self.entry(index)
                    start = index + 1
                if start >= self.size and self._committer.closing:
                    return
                await more.wait()
        finally:
            end()

    def checkpoint(self) -> Signed:
        """Sign the present head, publish its tiles, and return what was signed.

        Raises:
            UnavailableError: the clock is behind the last checkpoint, or the log must be reopened.
        """
        with self._publishing:
            if not self._open:
                raise UnavailableError("the log is closed")
            if self._committer.fault is not None:
                raise UnavailableError(self._committer.fault)
            try:
                return self._parts.publisher.publish(self._committer.head)
            except UnavailableError:
                raise
            except Exception as error:
                # A publisher that stopped half-way, whatever stopped it, must not go on from there.
                self._committer.refuse(f"{error}; the log must be reopened")
                raise UnavailableError(str(error)) from error

    def _publish(self, interval: float) -> None:
        while not self._end.wait(interval):
            with suppress(UnavailableError):  # a fault refuses the next append; a clock recovers
                self.checkpoint()

    def proof(self, index: int) -> bytes:
        """Return the `tlog-proof` of an entry, signing a checkpoint first if none covers it.

        Raises:
            NotFoundError: there is no such entry.
            UnavailableError: no checkpoint could be signed, or a tile is missing or damaged.
        """
        self.entry(index)
        signed = self._parts.publisher.signed
        if signed is None or signed.size <= index:
            signed = self.checkpoint()
        return inclusion_proof(self._parts.directory, signed.note, signed.size, index)

    def close(self) -> None:
        """Commit what is queued, sign the last checkpoint, and release the log.

        Raises:
            UnavailableError: the last checkpoint could not be signed; the log is released.
        """
        if not self._open:
            return
        self._committer.close()
        self._end.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            if self._committer.fault is None:
                self.checkpoint()
        finally:
            with self._publishing:
                self._open = False
                self._parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _checked(entry: bytes) -> bytes:
    if not 0 < len(entry) <= LONGEST_ENTRY:
        raise UsageError(f"a log entry has 1 to {LONGEST_ENTRY} bytes, this one {len(entry)}")
    return entry


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has closed: nobody waits there any more
        loop.call_soon_threadsafe(event.set)
