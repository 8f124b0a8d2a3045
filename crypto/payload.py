"""Payload: an object as independently sealed segments, in bounded memory.

Each segment is one Cobblestone-256 message (C2SP chunked encryption) under the object's key, with
its place in the context: key-committing, truncation-evident, and of no use anywhere else. A segment
sent again is sealed again with a new salt or resent as it was, never altered.

Memory: about (2 * threads + 3) segments. Fresh memory costs as much as hashing it, so buffers go
round: plaintext always, the rest where the caller agrees with `reuse`.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from crypto.encoding import Buffer, lv
from crypto.errors import ForgedError, FormatError
from crypto.lanes import in_order, spare_of, take
from crypto.manifest import MOST_SEGMENTS, Header, Manifest, sealed_length

_CONTEXT = b"sekisho/seg/v1"
_STEP = 1 << 20  # seal and hash in pieces that stay in the cache
_KEY = 32


class Reader(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; empty only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment: its place, its bytes and their SHA-256."""

    index: int
    final: bool
    sealed: bytearray
    digest: bytes


def seal_segment(
    header: Header,
    dek: Buffer,
    index: int,
    plain: Buffer,
    *,
    final: bool,
    into: bytearray | None = None,
) -> Segment:
    """Return `plain` sealed as segment `index` of the object, under a new salt.

    `into` is used for the sealed bytes if it has their length.
    """
    _check_key(dek)
    view = memoryview(plain)
    sealed = take(sealed_length(len(view)), into)
    room = memoryview(sealed)
    seen = hashlib.sha256()
    encryptor = Cobblestone256Encryptor(dek, _context(header, index, final=final))
    end = 0
    for at in range(0, len(view), _STEP):
        written = encryptor.update_into(view[at : at + _STEP], room[end:])
        seen.update(room[end : end + written])
        end += written
    tail = encryptor.finalize()
    room[end:] = tail
    seen.update(tail)
    return Segment(index, final, sealed, seen.digest())


def open_segment(
    manifest: Manifest, dek: Buffer, index: int, sealed: Buffer, *, into: bytearray | None = None
) -> bytearray:
    """Return the plaintext of a segment; segments may be opened in any order.

    `into` is used for it if it has its length.

    Raises:
        ForgedError: anything but this object's segment `index`; nothing of it is released.
        FormatError: there is no such segment, or no key of 32 bytes.
    """
    _check_key(dek)
    manifest.check(index, sealed)
    plain = take(manifest.plain_length(index), into)
    final = index == len(manifest.digests) - 1
    decryptor = Cobblestone256Decryptor(dek, _context(manifest.header, index, final=final))
    try:
        end = decryptor.update_into(sealed, plain)
        memoryview(plain)[end:] = decryptor.finalize()
    except (InvalidTag, ValueError):
        plain[:] = bytes(len(plain))
        raise ForgedError(f"segment {index} is not sealed under this key and place") from None
    return plain


class Sealing:
    """One object being sealed: iterate over its segments, then ask for the manifest.

    `threads` above 1 seals that many segments side by side; they still come in order. With `reuse`
    the bytes of a segment hold only until the next one is taken.
    """

    def __init__(
        self, header: Header, dek: Buffer, reader: Reader, *, threads: int = 1, reuse: bool = False
    ) -> None:
        """Raise FormatError unless the key has 32 bytes. `reader` is read once, to its end."""
        _check_key(dek)
        self._header, self._dek, self._reader, self._threads = header, dek, reader, threads
        self._content = hashlib.sha256()
        self._length = 0
        self._digests: list[bytes] = []
        self._done = False
        self._reuse = reuse
        self._plain: deque[bytearray] = deque()
        self._sealed: deque[bytearray] = deque()

    def __iter__(self) -> Iterator[Segment]:
        """Yield the segments in order; at least one, also of nothing."""
        for segment in in_order(self._seal, self._blocks(), self._threads):
            self._digests.append(segment.digest)
            yield segment
            if self._reuse:
                self._sealed.append(segment.sealed)
        self._done = True

    def manifest(self, container: str | None = None) -> Manifest:
        """Return the manifest, once all segments were taken; else raises FormatError."""
        if not self._done:
            raise FormatError("the object is not sealed to its end")
        content = "sha256:" + self._content.hexdigest()
        return Manifest(self._header, self._length, content, tuple(self._digests), container)

    def _seal(self, block: tuple[int, bytearray, int, bool]) -> Segment:
        index, buffer, length, final = block
        plain = memoryview(buffer)[:length]
        into = spare_of(self._sealed)
        segment = seal_segment(self._header, self._dek, index, plain, final=final, into=into)
        plain.release()
        self._plain.append(buffer)
        return segment

    def _blocks(self) -> Iterator[tuple[int, bytearray, int, bool]]:
        """Yield (index, buffer, length, final); one block is read ahead to know the final one."""
        buffer, length = self._block()
        for index in range(MOST_SEGMENTS):
            ahead = self._block() if length == self._header.segment_size else (bytearray(), 0)
            yield index, buffer, length, not ahead[1]
            if not ahead[1]:
                return
            buffer, length = ahead
        raise FormatError("the object needs too many segments; choose larger ones")

    def _block(self) -> tuple[bytearray, int]:
        """Return a buffer and how much plaintext it holds; not full only at the stream's end."""
        size, end = self._header.segment_size, 0
        buffer = take(size, spare_of(self._plain))
        room = memoryview(buffer)
        while end < size and (piece := self._reader.read(min(_STEP, size - end))):
            self._content.update(piece)
            room[end : end + len(piece)] = piece
            end += len(piece)
        self._length += end
        return buffer, end


def open_stream(
    manifest: Manifest,
    dek: Buffer,
    fetch: Callable[[int], Buffer],
    *,
    threads: int = 1,
    reuse: bool = False,
) -> Iterator[bytearray]:
    """Yield the plaintext in order; `fetch(index)` gives a sealed segment.

    The last piece is held back until the digest of the whole content agrees. With `reuse` a piece
    holds only until the next one is taken.

    Raises:
        ForgedError: a segment or the content is not the one of the manifest.
    """
    seen = hashlib.sha256()
    last = len(manifest.digests) - 1
    spare: deque[bytearray] = deque()

    def _open(item: tuple[int, Buffer]) -> bytearray:
        return open_segment(manifest, dek, *item, into=spare_of(spare))

    fetched = ((index, fetch(index)) for index in range(last + 1))
    for index, plain in enumerate(in_order(_open, fetched, threads)):
        seen.update(plain)
        if index == last and "sha256:" + seen.hexdigest() != manifest.content:
            raise ForgedError("the content is not the one of the manifest")
        yield plain
        if reuse:
            spare.append(plain)


def _context(header: Header, index: int, *, final: bool) -> bytes:
    place = index.to_bytes(8, "big") + bytes((final,))
    return _CONTEXT + lv(header.object.encode()) + place + header.digest


def _check_key(dek: Buffer) -> None:
    if len(dek) != _KEY:
        raise FormatError("a data key has 32 bytes")
