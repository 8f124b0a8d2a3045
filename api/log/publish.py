"""Publishing: tiles, the lock store, the signed checkpoint; in this order.

1. Refuse to sign while the clock is behind the last checkpoint.
2. Read the new entries back from the disk, hash them anew, and compare the root with the
   writer's: a bit that flipped on the way would otherwise be signed for ever.
3. Write bundles and tiles, and read each back.
4. Sign; swap the lock store from the last head to the new one.
5. Replace the checkpoint file; drop partial tiles that a full one has replaced.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from api.durable import replace_durably, sync_folder
from api.errors import FaultError, UnavailableError
from api.log.commit import Head
from api.log.segment import Segment
from api.log.state import Signed, State
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import NoteSigner
from crypto.tlog.merkle import Frontier, leaf_hash
from crypto.tlog.signed import sign_checkpoint
from crypto.tlog.tiles import WIDTH, Tile, TileBuilder

CHECKPOINT: Final = "checkpoint"
_SLICE: Final = 64


class Publisher:
    """Brings the published tree up to the writer's head; one caller at a time."""

    def __init__(
        self,
        directory: Path,
        *,
        origin: str,
        signers: Sequence[NoteSigner],
        clock: Callable[[], int],
        segment: Segment,
        state: State,
    ) -> None:
        """Start with nothing published; `restore` takes what is, entry by entry."""
        self._directory, self._origin, self._signers = directory, origin, tuple(signers)
        self._clock, self._segment, self._state = clock, segment, state
        self._builder = TileBuilder()
        self.signed: Signed | None = None

    def restore(self, entry: bytes, leaf: bytes) -> None:
        """Take an entry that is already signed; write the tiles it fills where they are missing."""
        for tile, raw in self._builder.add(entry, leaf):
            self._restore(tile, raw)

    def resume(self, signed: Signed) -> Frontier:
        """Go on from `signed`, all of whose entries were restored; return their frontier."""
        for tile, raw in self._builder.partial():
            self._restore(tile, raw)
        self.signed = signed
        return self._builder.frontier

    def _restore(self, tile: Tile, raw: bytes) -> None:
        if not self._path(tile).exists():
            self._write(tile, raw)

    def publish(self, head: Head) -> Signed:
        """Sign `head` and return what was signed; the present one if nothing is new.

        Raises:
            UnavailableError: the clock is behind the last checkpoint; nothing has changed.
            FaultError: what is on the disk is not what was written; the log must be reopened.
            OSError: the disk failed; the log must be reopened.
        """
        if self.signed is not None and self.signed.size == head.size:
            return self.signed
        now = self._clock()
        if self.signed is not None and now < self.signed.time:
            raise UnavailableError("the clock is behind the last checkpoint; nothing is signed")
        full = self._grow(head)
        for tile, raw in self._builder.partial():
            self._write(tile, raw)
        return self._sign(Checkpoint(self._origin, head.size, head.root), now, full)

    def _grow(self, head: Head) -> list[Tile]:
        full: list[Tile] = []
        for start in range(self._builder.size, head.size, _SLICE):
            for entry in self._segment.read(start, min(start + _SLICE, head.size)):
                for tile, raw in self._builder.add(entry, leaf_hash(entry)):
                    self._write(tile, raw)
                    full.append(tile)
            time.sleep(0)  # the writer thread waits for the interpreter; let it go first
        if self._builder.frontier.root != head.root:
            raise FaultError(f"{self._segment.path}: read back, it has another root than written")
        return full

    def _sign(self, checkpoint: Checkpoint, now: int, full: Iterable[Tile]) -> Signed:
        note = sign_checkpoint(checkpoint, self._signers, now)
        signed = Signed(checkpoint.size, checkpoint.root, now, note)
        self._state.swap(self.signed, signed)
        self.signed = signed
        self.show()
        for tile in full:
            self._drop_partials(tile)
        return signed

    def show(self) -> None:
        """Make the checkpoint file the note that the lock store holds."""
        if self.signed is not None:
            scratch = self._state.scratch
            replace_durably(self._directory / CHECKPOINT, self.signed.note, scratch=scratch)
            sync_folder(self._directory)

    def _path(self, tile: Tile) -> Path:
        return self._directory / tile.path

    def _write(self, tile: Tile, raw: bytes) -> None:
        path = self._path(tile)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(path, raw, scratch=self._state.scratch)
        if path.read_bytes() != raw:
            raise FaultError(f"{path}: read back, it is not what was written")

    def _drop_partials(self, tile: Tile) -> None:
        # A partial's directory is the full tile's name with ".p" behind it.
        directory = self._path(Tile(tile.level, tile.index, WIDTH - 1)).parent
        if directory.is_dir():
            for path in directory.iterdir():
                path.unlink()
            directory.rmdir()
