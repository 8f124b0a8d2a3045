"""Bytes kept under their own digest for as long as the log that names them."""

from pathlib import Path

from api.durable import sync_folder, write_durably
from api.errors import NotFoundError, UnavailableError
from policy.canonical import digest


class Objects:
    """A content-addressed folder: `put` returns the digest under which `get` finds the bytes."""

    def __init__(self, directory: Path) -> None:
        """`directory` is created when missing."""
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, raw: bytes) -> str:
        """Keep `raw` durably and return its digest; repeats cost one reading.

        Raises:
            UnavailableError: the disk refuses.
        """
        name = digest(raw)
        path = self._path(name)
        if not _holds(path, raw):
            self._folder(path.parent)
            write_durably(path, raw)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes whose digest is `name`.

        Raises:
            NotFoundError: they were never kept, or were removed.
            UnavailableError: what is kept under the name are other bytes.
        """
        path = self._path(name)
        if not path.is_file():
            raise NotFoundError(f"{name} is not kept here")
        raw = path.read_bytes()
        if digest(raw) != name:
            raise UnavailableError(f"{name}: the kept bytes were changed")
        return raw

    def _folder(self, folder: Path) -> None:
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
            # Else a power cut could take the folder, and with it what a durable entry names.
            sync_folder(self._directory)
        except OSError as failure:
            raise UnavailableError(f"{folder}: {failure.strerror}") from failure

    def _path(self, name: str) -> Path:
        bare = name.removeprefix("sha256:")
        if len(bare) != 64 or not all(mark in "0123456789abcdef" for mark in bare):  # noqa: PLR2004
            raise NotFoundError(f"{name!r} is not a digest")
        return self._directory / bare[:2] / bare


def _holds(path: Path, raw: bytes) -> bool:
    # What lies there may have been changed; an entry must never name bytes that are not kept.
    try:
        return path.stat().st_size == len(raw) and path.read_bytes() == raw
    except OSError:
        return False
