"""Files that are either whole and on the disk, or not there."""

import fcntl
import os
import secrets
from pathlib import Path
from typing import Final

from api.errors import UnavailableError
from crypto.encoding import Buffer

# macOS has no fdatasync, and its fsync leaves the bytes in the drive's own cache.
_FULL_SYNC: Final[int | None] = getattr(fcntl, "F_FULLFSYNC", None)


def write_durably(path: Path, raw: Buffer, *, mode: int = 0o600) -> None:
    """Replace `path` by `raw`: temporary file, sync, rename, sync of the folder.

    Raises:
        UnavailableError: the disk refuses; `path` is as it was.
    """
    # A name of its own: two threads may write the same path at once, and each must be whole.
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        replace_durably(path, raw, scratch=scratch, mode=mode)
        sync_folder(path.parent)
    except OSError as failure:
        raise UnavailableError(f"{path}: {failure.strerror}") from failure
    finally:
        scratch.unlink(missing_ok=True)


def replace_durably(path: Path, raw: Buffer, *, scratch: Path, mode: int = 0o644) -> None:
    """Give `path` the bytes `raw` in one step; `scratch` is on the same file system.

    The new name is durable only once its folder is synced.

    Raises:
        OSError: nothing has changed under `path`.
    """
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        sync(descriptor)
    scratch.replace(path)


def sync(descriptor: int) -> None:
    """Put what was written to a file on the disk; raises OSError if that is not known."""
    if _FULL_SYNC is not None:
        fcntl.fcntl(descriptor, _FULL_SYNC)
    else:
        os.fdatasync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable; raises OSError if that is not known."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
