"""What the writer trusts and the log's own directory must not hold: its lock and its last word.

`log.lock` admits one writer. `log.json` is the last signed (size, root), changed only by
compare-and-swap. `log.acknowledged` is the count of acknowledged entries and the root over them;
it is written, but not synced, before each acknowledgement, so it survives the process and may lag
after a power cut. What is not signed yet can therefore not be exchanged behind a killed writer.
"""

import fcntl
import json
import os
import re
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.durable import replace_durably, sync_folder
from api.errors import FaultError, UnavailableError
from crypto.errors import FormatError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.merkle import EMPTY_ROOT
from policy.canonical import canonical

_TRIES: Final = 3
_PAUSE: Final = 0.01  # seconds
_MARK: Final = re.compile(rb"([0-9]{20}) ([A-Za-z0-9+/]{43}=)\n")
_LONGEST: Final = 128


@dataclass(frozen=True, slots=True)
class Signed:
    """The last signed head: entries, root, unix time of signing, and the note itself."""

    size: int
    root: bytes
    time: int
    note: bytes

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of this head."""
        return canonical(
            {
                "v": 1,
                "size": self.size,
                "root": encode(self.root),
                "time": self.time,
                "note": self.note.decode(),
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Signed":
        """Return the head of canonical JSON.

        Raises:
            ValueError: other bytes.
        """
        match json.loads(raw):
            case {
                "v": 1,
                "size": int(size),
                "root": str(root),
                "time": int(time),
                "note": str(note),
            }:
                return cls(size, _root(root), time, note.encode())
            case _:
                raise ValueError("not a signed head")


def _root(text: str) -> bytes:
    try:
        return decode(text)
    except FormatError as error:
        raise ValueError("not a signed head") from error


def held(directory: Path) -> bool:
    """Return whether a writer has this state directory now."""
    try:
        with (directory / "log.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class State:
    """The state directory of one log, locked for as long as it is open."""

    def __init__(self, directory: Path, log: Path) -> None:
        """Create the directory if need be and take the lock.

        Raises:
            UnavailableError: another writer holds it, or the directory cannot be used.
        """
        self._path = directory
        self._signed = directory / "log.json"
        self.scratch = directory / "log.tmp"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with ExitStack() as opened:
                self._lock = _open(directory / "log.lock", opened)
                self._mark = _open(directory / "log.acknowledged", opened)
                _take(self._lock)
                self._opened = opened.pop_all()
        except BlockingIOError as error:
            problem = f"{log}: another process is writing this log, such as `sekisho serve`"
            raise UnavailableError(problem) from error
        except OSError as error:
            raise UnavailableError(f"{directory}: {error.strerror}") from error

    def load(self) -> Signed | None:
        """Return the last signed head, or None before the first.

        Raises:
            UnavailableError: the file is damaged or cannot be read.
        """
        try:
            return Signed.from_bytes(self._signed.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UnavailableError(f"{self._signed}: not readable as the last head") from error

    def swap(self, old: Signed | None, new: Signed) -> None:
        """Replace the last signed head `old` by `new`, durably.

        Raises:
            FaultError: the stored head is not `old`.
            OSError: the stored head is still `old`.
        """
        if self.load() != old:
            raise FaultError(f"{self._signed}: the last head changed behind the writer's back")
        replace_durably(self._signed, new.to_bytes(), scratch=self.scratch)
        sync_folder(self._path)

    @property
    def acknowledged(self) -> tuple[int, bytes]:
        """How many entries were acknowledged and the root over them, as far as is known.

        Raises:
            UnavailableError: the mark is damaged.
        """
        raw = os.pread(self._mark, _LONGEST, 0)
        found = _MARK.fullmatch(raw)
        if not raw:
            return 0, EMPTY_ROOT
        if found is None:
            raise UnavailableError(f"{self._path / 'log.acknowledged'}: not a count and a root")
        return int(found[1]), decode(found[2].decode())

    def acknowledge(self, size: int, root: bytes) -> None:
        """Note that `size` entries with this root are durable.

        Raises:
            OSError: the mark could not be written.
        """
        os.pwrite(self._mark, b"%020d %s\n" % (size, encode(root).encode()), 0)

    def close(self) -> None:
        """Release the lock."""
        self._opened.close()


def _take(lock: int) -> None:
    for _ in range(_TRIES):
        # Someone asking whether the log is held holds it for an instant.
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_PAUSE)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _open(path: Path, opened: ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    opened.callback(os.close, descriptor)
    return descriptor
