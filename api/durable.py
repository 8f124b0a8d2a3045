"""Files that are either whole and on the disk, or not there."""

import os
import secrets
from pathlib import Path

from api.errors import UnavailableError


def write_durably(path: Path, raw: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` by `raw`: temporary file, fsync, rename, fsync of the folder.

    Raises:
        UnavailableError: the disk refuses; `path` is as it was.
    """
    # A name of its own: two threads may write the same path at once, and each must be whole.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as failure:
        temporary.unlink(missing_ok=True)
        raise UnavailableError(f"{path}: {failure.strerror}") from failure


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
