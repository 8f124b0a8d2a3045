"""Reading a log that another process may be writing, without its lock."""

from pathlib import Path
from types import TracebackType
from typing import Self

from api.errors import NotFoundError, UnavailableError
from api.log.proofs import inclusion_proof
from api.log.publish import CHECKPOINT
from api.log.segment import NAME, Segment
from crypto.errors import FormatError
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.note import Note


class Reader:
    """The entries of a log as its segment has them; a context manager.

    Verifies no signature (`verify` does), and may show an entry just before its writer
    acknowledges it.
    """

    def __init__(self, directory: Path) -> None:
        """Open the log in `directory`.

        Raises:
            UnavailableError: it cannot be read.
        """
        self._directory = directory
        try:
            self._segment = Segment(directory / NAME)
        except OSError as error:
            raise UnavailableError(f"{directory}: {error.strerror}") from error
        self.refresh()

    def refresh(self) -> int:
        """Look for more entries; return how many there are."""
        for _ in self._segment.load():
            pass
        return self.size

    @property
    def size(self) -> int:
        """How many whole entries were there at the last look."""
        return self._segment.size

    def entry(self, index: int) -> bytes:
        """Return the entry at `index`.

        Raises:
            NotFoundError: there is none.
        """
        if not 0 <= index < self.size:
            raise NotFoundError(f"the log has no entry {index}")
        return self._segment.read(index, index + 1)[0]

    def entries(self, start: int = 0, stop: int | None = None) -> list[bytes]:
        """Return the entries from `start` up to `stop`, as far as there are any."""
        end = self.size if stop is None else min(stop, self.size)
        return self._segment.read(max(start, 0), end)

    def note(self) -> bytes:
        """Return the checkpoint file's bytes.

        Raises:
            UnavailableError: it cannot be read.
        """
        try:
            return (self._directory / CHECKPOINT).read_bytes()
        except OSError as error:
            raise UnavailableError(f"{self._directory}: {error.strerror}") from error

    def proof(self, index: int) -> bytes:
        """Return the `tlog-proof` of an entry under the present checkpoint.

        Raises:
            NotFoundError: the checkpoint does not cover such an entry.
            UnavailableError: the checkpoint or a tile is missing or damaged.
        """
        note = self.note()
        try:
            size = Checkpoint.parse(Note.from_bytes(note).text).size
        except FormatError as error:
            raise UnavailableError(f"{self._directory}: {error}") from error
        if not 0 <= index < size:
            raise NotFoundError(f"the checkpoint covers no entry {index}")
        return inclusion_proof(self._directory, note, size, index)

    def close(self) -> None:
        """Close the log."""
        self._segment.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
