"""The bytes to be classified, as a bounded stream that somebody else opened.

A reader never believes `size`: `Bounded` counts what really arrives, refuses what exceeds the
announced size, and takes the digest in the same pass.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from policy.errors import UnreadableError

CHUNK: Final = 1 << 20
"""Bytes asked of a stream at a time."""


class Stream(Protocol):
    """What a reader needs of an open binary file."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to `offset` bytes from the start."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A named stream of `size` bytes; the name's ending says which reader to try first."""

    name: str
    stream: Stream
    size: int

    def head(self, size: int) -> bytes:
        """Return the first `size` bytes, or all if there are fewer."""
        return self.span(0, min(size, self.size))

    def span(self, start: int, size: int) -> bytes:
        """Return `size` bytes from `start`.

        Raises:
            UnreadableError: the stream ends before.
        """
        self.stream.seek(start)
        parts: list[bytes] = []
        while size > 0 and (part := self.stream.read(size)):
            parts.append(part)
            size -= len(part)
        if size > 0:
            raise UnreadableError(f"byte {start + sum(map(len, parts))}: the content ends early")
        return b"".join(parts)


class Bounded:
    """Reads a content from start to end once, counting and digesting."""

    def __init__(self, content: Content) -> None:
        """Begin at the first byte of `content`."""
        content.stream.seek(0)
        self._content = content
        self._hash = hashlib.sha256()
        self.position = 0

    def read(self, size: int = CHUNK) -> bytes:
        """Return the next bytes, none at the end.

        Raises:
            UnreadableError: there are more or fewer bytes than the content announced.
        """
        part = self._content.stream.read(size)
        self.position += len(part)
        if self.position > self._content.size or (
            not part and size and self.position < self._content.size
        ):
            raise UnreadableError(f"byte {self.position}: not the {self._content.size} announced")
        self._hash.update(part)
        return part

    def drain(self) -> None:
        """Read to the end, for the digest alone."""
        while self.read():
            pass

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read, as `sha256:<hex>`."""
        return "sha256:" + self._hash.hexdigest()


class Seekable:
    """The content as the seekable file that other libraries read, `most` bytes at a time."""

    closed = False

    def __init__(self, content: Content, most: int | None = None) -> None:
        """Begin at the first byte of `content`."""
        self._content = content
        self._most = most
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all.

        Raises:
            UnreadableError: more at once than allowed, or the content ends early.
        """
        left = max(0, self._content.size - self._at)
        wanted = left if size < 0 else min(size, left)
        if self._most is not None and wanted > self._most:
            raise UnreadableError(f"byte {self._at}: a part of {wanted} bytes to be read at once")
        raw = self._content.span(self._at, wanted)
        self._at += len(raw)
        return raw

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move to `offset` bytes from the start, from here, or from the end."""
        self._at = max(0, offset + (0, self._at, self._content.size)[whence])
        return self._at

    def tell(self) -> int:
        """Return where the next byte is."""
        return self._at

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be sought in."""
        return True

    def close(self) -> None:
        """Close this view; the content stays open."""
        self.closed = True
