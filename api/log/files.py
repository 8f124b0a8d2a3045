"""Writing a log's files so that a reader never sees half of one."""

import os
from pathlib import Path


def replace(path: Path, raw: bytes, scratch: Path) -> None:
    """Give `path` the bytes `raw`, durably, in one step; `scratch` is on the same file system.

    Raises:
        OSError: nothing has changed under `path`.
    """
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(raw)
        stream.flush()
        os.fsync(descriptor)
    scratch.replace(path)


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` durable.

    Raises:
        OSError: they may not be.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
