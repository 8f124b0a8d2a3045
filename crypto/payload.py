"""Payload: an object as independently sealed segments, in bounded memory.

Each segment is one Cobblestone-256 message (C2SP chunked encryption) under the object's key, with
its place in the context: key-committing, truncation-evident, and of no use anywhere else. A segment
sent again is sealed again with a new salt or resent as it was, never altered.

Memory: about (2 * threads + 2) segments.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from crypto.encoding import Buffer, lv
from crypto.errors import ForgedError, FormatError
from crypto.manifest import MOST_SEGMENTS, Header, Manifest, sealed_length

_CONTEXT = b"sekisho/seg/v1"
_STEP = 1 << 20  # seal and hash in pieces that stay in the cache
_KEY = 32

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


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


def seal_segment(header: Header, dek: Buffer, index: int, plain: Buffer, *, final: bool) -> Segment:
    """Return `plain` sealed as segment `index` of the object, under a new salt."""
    _check_key(dek)
    view = memoryview(plain)
    sealed = bytearray(sealed_length(len(view)))
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


def open_segment(manifest: Manifest, dek: Buffer, index: int, sealed: Buffer) -> bytearray:
    """Return the plaintext of a segment; segments may be opened in any order.

    Raises:
        ForgedError: anything but this object's segment `index`; nothing of it is released.
        FormatError: there is no such segment, or no key of 32 bytes.
    """
    _check_key(dek)
    manifest.check(index, sealed)
    plain = bytearray(manifest.plain_length(index))
    final = index == len(manifest.digests) - 1
    decryptor = Cobblestone256Decryptor(dek, _context(manifest.header, index, final=final))
    try:
        end = decryptor.update_into(sealed, plain)
        plain[end:] = decryptor.finalize()
    except (InvalidTag, ValueError):
        raise ForgedError(f"segment {index} is not sealed under this key and place") from None
    return plain


class Sealing:
    """One object being sealed: iterate over its segments, then ask for the manifest.

    `threads` above 1 seals that many segments side by side; they still come in order.
    """

    def __init__(self, header: Header, dek: Buffer, reader: Reader, *, threads: int = 1) -> None:
        """Raise FormatError unless the key has 32 bytes. `reader` is read once, to its end."""
        _check_key(dek)
        self._header, self._dek, self._reader, self._threads = header, dek, reader, threads
        self._content = hashlib.sha256()
        self._length = 0
        self._digests: list[bytes] = []
        self._done = False

    def __iter__(self) -> Iterator[Segment]:
        """Yield the segments in order; at least one, also of nothing."""
        for segment in in_order(self._seal, self._blocks(), self._threads):
            self._digests.append(segment.digest)
            yield segment
        self._done = True

    def manifest(self, container: str | None = None) -> Manifest:
        """Return the manifest, once all segments were taken; else raises FormatError."""
        if not self._done:
            raise FormatError("the object is not sealed to its end")
        content = "sha256:" + self._content.hexdigest()
        return Manifest(self._header, self._length, content, tuple(self._digests), container)

    def _seal(self, block: tuple[int, Buffer, bool]) -> Segment:
        index, plain, final = block
        return seal_segment(self._header, self._dek, index, plain, final=final)

    def _blocks(self) -> Iterator[tuple[int, Buffer, bool]]:
        """Yield (index, plaintext, final); one block is read ahead to know the final one."""
        block = self._block()
        for index in range(MOST_SEGMENTS):
            ahead = self._block() if len(block) == self._header.segment_size else b""
            yield index, block, not ahead
            if not ahead:
                return
            block = ahead
        raise FormatError("the object needs too many segments; choose larger ones")

    def _block(self) -> Buffer:
        """Return a whole segment of plaintext; less only at the end of the stream."""
        size = self._header.segment_size
        block: bytes | bytearray = self._reader.read(size)
        while 0 < len(block) < size and (more := self._reader.read(size - len(block))):
            block = bytearray(block) if isinstance(block, bytes) else block
            block += more
        self._content.update(block)
        self._length += len(block)
        return block


def open_stream(
    manifest: Manifest, dek: Buffer, fetch: Callable[[int], Buffer], *, threads: int = 1
) -> Iterator[bytearray]:
    """Yield the plaintext in order; `fetch(index)` gives a sealed segment.

    The last piece is held back until the digest of the whole content agrees.

    Raises:
        ForgedError: a segment or the content is not the one of the manifest.
    """
    seen = hashlib.sha256()
    last = len(manifest.digests) - 1

    def _open(item: tuple[int, Buffer]) -> bytearray:
        return open_segment(manifest, dek, *item)

    fetched = ((index, fetch(index)) for index in range(last + 1))
    for index, plain in enumerate(in_order(_open, fetched, threads)):
        seen.update(plain)
        if index == last and "sha256:" + seen.hexdigest() != manifest.content:
            raise ForgedError("the content is not the one of the manifest")
        yield plain


def in_order(
    work: Callable[[_Given], _Made], items: Iterable[_Given], threads: int
) -> Iterator[_Made]:
    """Yield `work(item)` in the order of `items`, `threads` at a time.

    Threads help: the library and hashlib release the interpreter lock.
    """
    if threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Made]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _context(header: Header, index: int, *, final: bool) -> bytes:
    place = index.to_bytes(8, "big") + bytes((final,))
    return _CONTEXT + lv(header.object.encode()) + place + header.digest


def _check_key(dek: Buffer) -> None:
    if len(dek) != _KEY:
        raise FormatError("a data key has 32 bytes")
