"""Opening a log: what is on the disk must be what was signed and acknowledged, or nobody writes.

1. Take the lock. Without a stored head the log must be new and empty.
2. The stored head must be signed by our keys, and not be in the clock's future.
3. Scan the segment; its root at the stored head's size must be the stored one.
4. Fewer entries than were signed or acknowledged, or others: refuse. A torn record after them was
   never acknowledged: cut it off.
5. The checkpoint file must be one of ours and not newer than the stored head; bring it up to date.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.durable import sync_folder
from api.errors import FaultError, UnavailableError, UsageError
from api.log.publish import CHECKPOINT, Publisher
from api.log.segment import NAME, Segment
from api.log.state import Signed, State
from crypto.errors import CryptoError
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import NoteSigner
from crypto.tlog.merkle import Frontier
from crypto.tlog.signed import open_checkpoint


@dataclass(frozen=True, slots=True)
class Parts:
    """What an open log consists of."""

    directory: Path
    segment: Segment
    state: State
    publisher: Publisher
    frontier: Frontier

    def close(self) -> None:
        """Close the files and release the lock."""
        self.segment.close()
        self.state.close()


def open_parts(
    directory: Path,
    *,
    state: Path,
    origin: str,
    signers: Sequence[NoteSigner],
    clock: Callable[[], int],
) -> Parts:
    """Open or create the log in `directory`.

    Raises:
        UnavailableError: it is in use, cannot be read, or is not what was signed.
        UsageError: the state lies within the log, or there is no signer.
    """
    if not signers:
        raise UsageError("a log needs a key to sign its checkpoints")
    if state.resolve().is_relative_to(directory.resolve()):
        raise UsageError(f"{state}: the log's lock must lie outside {directory}")
    held = State(state, directory)
    try:
        return _Opening(directory, held, origin, signers, clock).run()
    except (OSError, FaultError) as error:
        held.close()
        raise UnavailableError(f"{directory}: {error}") from error
    except BaseException:
        held.close()
        raise


@dataclass(frozen=True, slots=True)
class _Opening:
    directory: Path
    state: State
    origin: str
    signers: Sequence[NoteSigner]
    clock: Callable[[], int]

    def run(self) -> Parts:
        signed = self.state.load()
        if signed is None:
            self._create()
        else:
            self._trust(signed)
        segment = Segment(self.directory / NAME, writable=True)
        try:
            return self._load(segment, signed)
        except BaseException:
            segment.close()
            raise

    def _refuse(self, reason: str) -> UnavailableError:
        return UnavailableError(f"{self.directory}: {reason}")

    def _create(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / NAME
        for found in self.directory.iterdir():
            if found != path or found.stat().st_size:
                raise self._refuse("it has a log already, but its last signed head is missing")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644))
        sync_folder(self.directory)
        sync_folder(self.directory.parent)

    def _trust(self, signed: Signed) -> None:
        if self._opened(signed.note) != Checkpoint(self.origin, signed.size, signed.root):
            raise self._refuse("its last signed head is not what its note says")
        if self.clock() < signed.time:
            raise self._refuse("the clock is behind the last checkpoint")
        path = self.directory / CHECKPOINT
        if path.exists() and self._opened(path.read_bytes()).size > signed.size:
            raise self._refuse("its checkpoint is ahead of the last signed head")

    def _opened(self, note: bytes) -> Checkpoint:
        keys = [signer.key for signer in self.signers]
        try:
            return open_checkpoint(note, self.origin, keys).checkpoint
        except CryptoError as error:
            raise self._refuse(f"its checkpoint is not ours: {error}") from error

    def _load(self, segment: Segment, signed: Signed | None) -> Parts:
        publisher = Publisher(
            self.directory,
            origin=self.origin,
            signers=self.signers,
            clock=self.clock,
            segment=segment,
            state=self.state,
        )
        frontier = Frontier() if signed is None else self._resume(segment, signed, publisher)
        self._catch_up(frontier, segment)
        if segment.torn():
            segment.cut()
        publisher.show()
        return Parts(self.directory, segment, self.state, publisher, frontier)

    def _catch_up(self, frontier: Frontier, segment: Segment) -> None:
        """Extend `frontier` by what is not signed, which must be what was acknowledged."""
        size, root = self.state.acknowledged
        # What is signed is judged already, and by more than a mark.
        same = size <= frontier.size
        for _, leaf in segment.load():
            frontier.extend((leaf,))
            same = same or (frontier.size == size and frontier.root == root)
        if frontier.size < size:
            raise self._refuse(f"it has {frontier.size} entries, fewer than were acknowledged")
        if not same:
            raise self._refuse("its last entries are not those that were acknowledged")

    def _resume(self, segment: Segment, signed: Signed, publisher: Publisher) -> Frontier:
        for _, (entry, leaf) in zip(range(signed.size), segment.load(), strict=False):
            publisher.restore(entry, leaf)
        if segment.size < signed.size:
            raise self._refuse(f"it has {segment.size} entries, fewer than were signed")
        frontier = publisher.resume(signed)
        if frontier.root != signed.root:
            raise self._refuse("its entries are not those that were signed")
        return frontier
