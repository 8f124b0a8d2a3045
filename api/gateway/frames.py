"""The frames that gateways exchange: bodies to bytes and back. `wire` says in which order.

Every reader takes hostile bytes and accepts one spelling of each frame; `bound` is the most bytes.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final

from api.errors import NotAllowedError
from crypto.errors import FormatError
from crypto.manifest import MOST_SEGMENTS

VERSION: Final = 1
MOST_RECEIPTS: Final = 64
_LONG: Final = struct.Struct(">I")
INDEX: Final = struct.Struct(">Q")


class Reason(StrEnum):
    """Why a passage was stopped; nothing more is told over the wire."""

    REFUSED = "refused"
    REVOKED = "revoked"
    DAMAGED = "damaged"
    UNAVAILABLE = "unavailable"


class StoppedError(NotAllowedError):
    """A passage was stopped, by us or by the peer."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the passage was stopped: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Hello:
    """The permit and the signed manifest of the segments that will come."""

    permit: bytes
    manifest: bytes
    kind: ClassVar[int] = 1
    bound: ClassVar[int] = 20 << 20

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: version, length of the permit, permit, manifest."""
        return (bytes([VERSION]), _LONG.pack(len(self.permit)), self.permit, self.manifest)

    @classmethod
    def read(cls, body: bytearray) -> "Hello":
        """Return the frame. Raises: FormatError."""
        if len(body) < 1 + _LONG.size or body[0] != VERSION:
            raise FormatError("a hello of an unknown version")
        (size,) = _LONG.unpack_from(body, 1)
        start = 1 + _LONG.size
        if not 0 < size < len(body) - start:
            raise FormatError("a hello without permit or manifest")
        return cls(bytes(body[start : start + size]), bytes(body[start + size :]))


@dataclass(frozen=True, slots=True)
class Held:
    """The sealed segments that the receiver already has: bit i of byte i // 8, lowest first."""

    bitmap: bytes
    kind: ClassVar[int] = 2
    bound: ClassVar[int] = MOST_SEGMENTS // 8

    @classmethod
    def of(cls, indices: Iterable[int], count: int) -> "Held":
        """Return the frame for some of `count` segments."""
        bitmap = bytearray(-(-count // 8))
        for index in indices:
            bitmap[index // 8] |= 1 << index % 8
        return cls(bytes(bitmap))

    def lacking(self, count: int) -> tuple[int, ...]:
        """Return which of `count` segments are to be sent, ascending.

        Raises:
            FormatError: the bitmap is of another number of segments.
        """
        held = [i for i in range(8 * len(self.bitmap)) if self.bitmap[i // 8] >> i % 8 & 1]
        if len(self.bitmap) != -(-count // 8) or (held and held[-1] >= count):
            raise FormatError("a bitmap of another number of segments")
        return tuple(sorted(set(range(count)) - set(held)))

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: the bitmap."""
        return (self.bitmap,)

    @classmethod
    def read(cls, body: bytearray) -> "Held":
        """Return the frame."""
        return cls(bytes(body))


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment in its place. Ciphertext only."""

    index: int
    sealed: bytes | bytearray | memoryview = field(repr=False)
    kind: ClassVar[int] = 3
    bound: ClassVar[int] = 0  # what the manifest says, see `Wire.segment_bound`

    def parts(self) -> tuple[bytes | bytearray | memoryview, ...]:
        """Return the body: index, sealed bytes."""
        return (INDEX.pack(self.index), self.sealed)

    @classmethod
    def read(cls, body: bytearray) -> "Segment":
        """Return the frame. Raises: FormatError."""
        if len(body) <= INDEX.size:
            raise FormatError("an empty segment")
        (index,) = INDEX.unpack_from(body)
        return cls(index, memoryview(body)[INDEX.size :])


@dataclass(frozen=True, slots=True)
class Receipts:
    """Signed receipts, the destination's first, then each relay's on the way back."""

    receipts: Sequence[bytes]
    kind: ClassVar[int] = 4
    bound: ClassVar[int] = 1 << 20

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: length and bytes of each receipt."""
        return tuple(part for raw in self.receipts for part in (_LONG.pack(len(raw)), raw))

    @classmethod
    def read(cls, body: bytearray) -> "Receipts":
        """Return the frame. Raises: FormatError."""
        receipts: list[bytes] = []
        place = 0
        while place < len(body):
            if len(receipts) == MOST_RECEIPTS or place + _LONG.size > len(body):
                raise FormatError("a broken list of receipts")
            (size,) = _LONG.unpack_from(body, place)
            place += _LONG.size + size
            if not size or place > len(body):
                raise FormatError("a broken list of receipts")
            receipts.append(bytes(body[place - size : place]))
        return cls(tuple(receipts))


@dataclass(frozen=True, slots=True)
class Abort:
    """The peer stops the passage."""

    reason: Reason
    kind: ClassVar[int] = 5
    bound: ClassVar[int] = 32

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: the reason's word."""
        return (self.reason.encode(),)

    @classmethod
    def read(cls, body: bytearray) -> "Abort":
        """Return the frame. Raises: FormatError."""
        try:
            return cls(Reason(body.decode("ascii")))
        except ValueError as error:
            raise FormatError("an abort without a known reason") from error


Frame = Hello | Held | Segment | Receipts | Abort
FRAMES: Final[Mapping[int, type[Frame]]] = {
    frame.kind: frame for frame in (Hello, Held, Segment, Receipts, Abort)
}
