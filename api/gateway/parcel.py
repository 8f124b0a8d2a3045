"""A parcel: one passage's sealed segments and manifest in a folder. Ciphertext only, never a key.

A segment is either whole and on the disk or not there, so a killed gateway goes on where it stood.
What is read back is checked against the signed manifest by whoever opens it.
"""

import hashlib
import re
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from api.durable import write_durably
from api.errors import UnavailableError
from crypto.encoding import Buffer, lv

MANIFEST: Final = "manifest"
RECEIPT: Final = "receipt"
_NAME: Final = re.compile(r"([0-9]{8})\.seg")


class Parcel:
    """The folder of one passage at one site under `work`; `begin` or `start` makes it."""

    def __init__(self, work: Path, site: str, passage: str) -> None:
        # Both ids are somebody else's text: their digest makes a safe name of them.
        self.folder = work / hashlib.sha256(lv(site.encode(), passage.encode())).hexdigest()

    def begin(self, manifest: bytes) -> None:
        """Keep what was received under this very manifest, else start empty.

        Raises:
            UnavailableError: the disk refuses.
        """
        if self.read(MANIFEST) != manifest:
            self.start()
            self.write(MANIFEST, manifest)

    def start(self) -> None:
        """Start empty. Raises: UnavailableError."""
        self.clear()
        with _disk(self.folder):
            self.folder.mkdir(mode=0o700, parents=True)

    def read(self, name: str) -> bytes | None:
        """Return the manifest or the receipt, None without it. Raises: UnavailableError."""
        with suppress(FileNotFoundError), _disk(self.folder):
            return (self.folder / name).read_bytes()
        return None

    def write(self, name: str, raw: bytes) -> None:
        """Keep the manifest or the receipt durably. Raises: UnavailableError."""
        write_durably(self.folder / name, raw)

    def put(self, index: int, sealed: Buffer) -> None:
        """Keep a sealed segment durably. Raises: UnavailableError."""
        # Any buffer is written as it is; a copy of a segment would cost as much as its seal.
        write_durably(self._path(index), sealed)

    def get(self, index: int) -> bytes:
        """Return a sealed segment. Raises: UnavailableError if it is not there."""
        with _disk(self.folder):
            try:
                return self._path(index).read_bytes()
            except FileNotFoundError as error:
                raise UnavailableError(f"{self._path(index)}: the segment is gone") from error

    def held(self) -> set[int]:
        """Return the indices of the segments that are whole and on the disk."""
        names = (_NAME.fullmatch(path.name) for path in self.folder.glob("*.seg"))
        return {int(match[1]) for match in names if match}

    def forget_segments(self) -> None:
        """Drop the sealed segments, keep manifest and receipt."""
        for index in self.held():
            self._path(index).unlink(missing_ok=True)

    def clear(self) -> None:
        """Drop everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, index: int) -> Path:
        return self.folder / f"{index:08d}.seg"


@contextmanager
def _disk(place: Path) -> Generator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as failure:
        raise UnavailableError(f"{place}: {failure.strerror}") from failure
