"""ZIP, tar and gzip: the files within, unpacked in memory and bounded in every direction.

What an archive claims of itself is never believed: bytes are counted as they come out. Whatever
breaks a bound, is encrypted or is packed in a way that cannot be bounded is `UnreadableError`.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol

from policy.classify.content import CHUNK, Content, Seekable
from policy.classify.tables import value_like
from policy.errors import UnreadableError

MEMBERS: Final = 1_000
"""Files that an archive, with the archives in it, may hold."""
UNPACKED: Final = 256 << 20
"""Bytes that all of them may unpack to."""
RATIO: Final = 200
"""Times that a file of more than a mebibyte may be larger than its archive."""
DEEPEST: Final = 2
"""An archive in an archive, and no further."""

_LONGEST_NAME: Final = 200
_DIRECTORY: Final = 16 << 20
_END: Final = b"PK\x05\x06"
_LONGEST_END: Final = (1 << 16) + 22
_TAR_AT: Final = 257
_GZIP_WINDOW: Final = 31  # zlib's number for the largest window within a gzip frame
_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_WORKBOOKS: Final = ("xlsx", "xlsm")
_DOCUMENTS: Final = frozenset({"[Content_Types].xml", "mimetype"})
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@dataclass
class Budget:
    """What the files of one outermost archive may still take, and how deep they lie."""

    members: int = MEMBERS
    unpacked: int = UNPACKED
    depth: int = 0

    def unpack(self, stream: _Readable, packed: int) -> bytes:
        """Read `stream` to its end, counting.

        Raises:
            UnreadableError: too many files, too many bytes, or too many for `packed` bytes.
        """
        self.members -= 1
        if self.members < 0:
            raise UnreadableError(f"more than {MEMBERS} files in an archive")
        parts: list[bytes] = []
        size = 0
        while part := stream.read(CHUNK):
            size += len(part)
            self.unpacked -= len(part)
            if self.unpacked < 0:
                raise UnreadableError(f"an archive that unpacks to over {UNPACKED} bytes")
            if size > CHUNK and size > packed * RATIO:
                raise UnreadableError(f"a file over {RATIO} times the size of its archive")
            parts.append(part)
        return b"".join(parts)


def is_archive(content: Content) -> bool:
    """Say whether `content` is a ZIP (workbooks apart), a tar or a gzip file."""
    head = content.head(_TAR_AT + 5)
    if head.startswith(_ZIP):
        return content.name.rpartition(".")[2].lower() not in _WORKBOOKS
    return head.startswith(_GZIP) or head[_TAR_AT:] == b"ustar"


def members(content: Content, budget: Budget) -> Iterator[Content]:
    """Yield the files in the archive `content`; a name that looks like a value is not told.

    Raises:
        UnreadableError: broken, encrypted, or beyond the budget.
    """
    if budget.depth > DEEPEST:
        raise UnreadableError(f"archives in each other, more than {DEEPEST} deep")
    head = content.head(4)
    kind = _gzip if head.startswith(_GZIP) else _zip if head.startswith(_ZIP) else _tar
    for place, (name, raw) in enumerate(kind(content, budget), start=1):
        yield Content(_told(name, place), BytesIO(raw), len(raw))


def _told(name: str, place: int) -> str:
    # Somebody's number in the name of a file is a value like any other.
    if len(name) <= _LONGEST_NAME and not value_like(name):
        return name
    ending = name.rpartition(".")[2]
    known = ending.isascii() and ending.isalnum() and len(ending) <= len("parquet")
    return f"file {place}.{ending}" if known and not ending.isdigit() else f"file {place}"


def _zip(content: Content, budget: Budget) -> Iterator[tuple[str, bytes]]:
    _bounded_directory(content)
    try:
        source: Any = Seekable(content)
        with zipfile.ZipFile(source) as archive:
            names = {entry.filename for entry in archive.infolist()}
            if names & _DOCUMENTS:
                raise UnreadableError("byte 0: an Office document or a book, which no reader opens")
            for entry in archive.infolist():
                if not entry.is_dir():
                    yield entry.filename, _entry(archive, entry, budget)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError):
        raise UnreadableError("a ZIP archive that is broken or of a kind unknown here") from None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    if entry.flag_bits & 1:
        raise UnreadableError("a ZIP archive with an encrypted file")
    if entry.compress_type not in _METHODS:
        # The others unpack a block at once, however large it turns out to be.
        raise UnreadableError("a ZIP archive that is not packed by deflate")
    with archive.open(entry) as stream:
        return budget.unpack(stream, entry.compress_size)


def _bounded_directory(content: Content) -> None:
    tail = content.span(*_last(content, _LONGEST_END))
    at = tail.rfind(_END)
    if at < 0 or int.from_bytes(tail[at + 12 : at + 16], "little") > _DIRECTORY:
        raise UnreadableError("a ZIP archive without a directory, or with one too large")


def _last(content: Content, size: int) -> tuple[int, int]:
    size = min(size, content.size)
    return content.size - size, size


def _tar(content: Content, budget: Budget) -> Iterator[tuple[str, bytes]]:
    try:
        source: Any = Seekable(content, most=_DIRECTORY)
        with tarfile.open(fileobj=source, mode="r:") as archive:
            for place, entry in enumerate(archive):
                if place >= MEMBERS:
                    raise UnreadableError(f"more than {MEMBERS} entries in a tar archive")
                # Links hold nothing of their own, and devices nothing at all.
                stream = archive.extractfile(entry) if entry.isreg() else None
                if stream is not None:
                    yield entry.name, budget.unpack(stream, content.size)
            end = archive.offset
    except (tarfile.TarError, ValueError, OSError, EOFError, RecursionError, KeyError):
        raise UnreadableError("a broken tar archive") from None
    _ended(content, end)


def _ended(content: Content, at: int) -> None:
    # tarfile takes a truncated archive for one that ends, and what follows the end for nothing.
    found = 0
    while at < content.size:
        part = content.span(at, min(CHUNK, content.size - at))
        if part.strip(b"\x00"):
            raise UnreadableError("a tar archive with bytes after its end")
        at, found = at + len(part), found + len(part)
    if not found:
        raise UnreadableError("a tar archive that ends early")


def _gzip(content: Content, budget: Budget) -> Iterator[tuple[str, bytes]]:
    name = content.name.removesuffix(".gz")
    name = name.removesuffix(".tgz") + ".tar" if name.endswith(".tgz") else name
    yield name, budget.unpack(_Gunzipped(content), content.size)


class _Gunzipped:
    """The unpacked bytes of a gzip file, which may be several one after another."""

    def __init__(self, content: Content) -> None:
        self._file = Seekable(content)
        self._unpacker: Any = zlib.decompressobj(_GZIP_WINDOW)
        self._packed = b""

    def read(self, size: int = CHUNK) -> bytes:
        """Return the next bytes, none at the end."""
        try:
            while self._next():
                part: bytes = self._unpacker.decompress(self._packed, size)
                self._packed = self._unpacker.unconsumed_tail
                if part:
                    return part
        except zlib.error:
            raise UnreadableError("a broken gzip file") from None
        return b""

    def _next(self) -> bool:
        """Have packed bytes for the unpacker; say whether there are any."""
        if self._unpacker.eof:
            self._packed = self._unpacker.unused_data or self._file.read(CHUNK)
            self._unpacker = zlib.decompressobj(_GZIP_WINDOW)
            return bool(self._packed)
        if not self._packed:
            self._packed = self._file.read(CHUNK)
            if not self._packed:
                raise UnreadableError("a gzip file that ends early")
        return True
