"""The segment: the file of all entries in order, from which everything else can be rebuilt.

A record is the entry's length (2 bytes), the first 8 bytes of its leaf hash, and the entry. The
hash is what tells a record from the torn or zero-filled end that a power cut may leave.
"""

import os
import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from api.durable import sync
from api.errors import FaultError, UnavailableError
from crypto.tlog.merkle import leaf_hash

NAME: Final = "segment"
_HEADER: Final = struct.Struct(">H8s")
_CHECK: Final = 8


def pack_record(entry: bytes, leaf: bytes) -> bytes:
    """Return the record of an entry of at most 65,535 bytes."""
    return _HEADER.pack(len(entry), leaf[:_CHECK]) + entry


class Scan:
    """The whole records of a stream, from where it stands; `damage` says why it stopped early."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0
        self.offset = 0
        self.damage: str | None = None

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each entry with its leaf hash."""
        while header := self._stream.read(_HEADER.size):
            if len(header) < _HEADER.size:
                self.damage = "ends within a record's header"
                return
            length, check = _HEADER.unpack(header)
            entry = self._stream.read(length)
            leaf = leaf_hash(entry)
            if len(entry) < length or leaf[:_CHECK] != check:
                torn = len(entry) < length
                self.damage = "ends within a record" if torn else "a record is not what was written"
                return
            self.count += 1
            self.offset += _HEADER.size + length
            yield entry, leaf


class Segment:
    """An open segment file: appended by one writer, read by anyone at any index below `size`."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        """Open the file, which must exist; its records are known only after `load`."""
        self.path = path
        self._descriptor = os.open(path, os.O_RDWR if writable else os.O_RDONLY)
        self._offsets = array("Q", [0])

    @property
    def size(self) -> int:
        """How many records are known."""
        return len(self._offsets) - 1

    def load(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each whole record not known yet, as entry and leaf hash; a torn one ends it."""
        with os.fdopen(os.dup(self._descriptor), "rb", buffering=1 << 20) as stream:
            start = self._offsets[-1]
            stream.seek(start)
            scan = Scan(stream)
            for record in scan:
                self._offsets.append(start + scan.offset)
                yield record

    def torn(self) -> int:
        """Return how many bytes the file has beyond its last whole record."""
        return os.fstat(self._descriptor).st_size - self._offsets[-1]

    def write(self, records: list[bytes]) -> None:
        """Write records after the last one; they are known only after `sync`.

        Raises:
            OSError: not everything could be written; `cut` restores the file.
        """
        rest = memoryview(b"".join(records))
        place = self._offsets[-1]
        while rest:
            done = os.pwrite(self._descriptor, rest, place)
            rest, place = rest[done:], place + done

    def cut(self) -> None:
        """Cut the file after its last known record.

        Raises:
            OSError: the file could not be cut.
        """
        os.ftruncate(self._descriptor, self._offsets[-1])

    def sync(self, records: list[bytes]) -> None:
        """Make the records just written durable, and known.

        Raises:
            OSError: they may or may not be durable.
        """
        sync(self._descriptor)
        place = self._offsets[-1]
        for record in records:
            place += len(record)
            self._offsets.append(place)

    def read(self, start: int, stop: int) -> list[bytes]:
        """Return the entries `start` to `stop` (exclusive), each checked against its hash.

        Raises:
            FaultError: the bytes are no longer what was written.
            UnavailableError: the file cannot be read, or is closed.
        """
        if start >= stop:
            return []
        place, end = self._offsets[start], self._offsets[stop]
        try:
            raw = os.pread(self._descriptor, end - place, place)
        except OSError as error:
            raise UnavailableError(f"{self.path}: {error.strerror}") from error
        entries: list[bytes] = []
        for index in range(start, stop):
            first = self._offsets[index] - place
            entry = raw[first + _HEADER.size : self._offsets[index + 1] - place]
            if (
                raw[first : first + _HEADER.size]
                != pack_record(entry, leaf_hash(entry))[: _CHECK + 2]
            ):
                raise FaultError(f"{self.path}: entry {index} is not what was written")
            entries.append(entry)
        return entries

    def close(self) -> None:
        """Close the file."""
        # The number may soon be another file's, so it must not be used again.
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)
