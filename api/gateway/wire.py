"""What gateways say to each other: frames of one type byte, a length and a body.

    sender                                   receiver
    HELLO(permit, manifest header)  ------>
                                    <------  HELD(digest of every sealed segment already stored)
    SEGMENT(index, sealed bytes)... ------>
    MANIFEST(signed)                ------>
                                    <------  RECEIPTS(destination first, then each relay)

Either side may send ABORT(reason) at any time. Lengths are checked before memory is taken; a frame
that is malformed, too long or out of turn is a `FormatError`, and the connection is closed.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Final, Protocol, TypeVar

from api.errors import NotAllowedError
from crypto.errors import FormatError

VERSION: Final = 1
MOST_RECEIPTS: Final = 64
_HEAD: Final = struct.Struct(">BI")
_LONG: Final = struct.Struct(">I")
_INDEX: Final = struct.Struct(">Q")
_HELD: Final = struct.Struct(">Q32s")


class Reason(StrEnum):
    """Why a passage was stopped; nothing more is told over the wire."""

    REFUSED = "refused"
    REVOKED = "revoked"
    DAMAGED = "damaged"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Hello:
    """The permit and the manifest header under which segments will come."""

    permit: bytes
    header: bytes
    kind: ClassVar[int] = 1
    bound: ClassVar[int] = 1 << 20

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: version, length of the permit, permit, header."""
        return (bytes([VERSION]), _LONG.pack(len(self.permit)), self.permit, self.header)

    @classmethod
    def read(cls, body: bytearray) -> "Hello":
        """Return the frame. Raises: FormatError."""
        if len(body) < 1 + _LONG.size or body[0] != VERSION:
            raise FormatError("a hello of an unknown version")
        (size,) = _LONG.unpack_from(body, 1)
        start = 1 + _LONG.size
        if not 0 < size < len(body) - start:
            raise FormatError("a hello without permit or header")
        return cls(bytes(body[start : start + size]), bytes(body[start + size :]))


@dataclass(frozen=True, slots=True)
class Held:
    """The sealed segments that the receiver already has: index to SHA-256."""

    segments: Mapping[int, bytes]
    kind: ClassVar[int] = 2
    bound: ClassVar[int] = 4 << 20

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: 40 bytes for each segment, by index."""
        return tuple(_HELD.pack(index, mark) for index, mark in sorted(self.segments.items()))

    @classmethod
    def read(cls, body: bytearray) -> "Held":
        """Return the frame. Raises: FormatError."""
        if len(body) % _HELD.size:
            raise FormatError("a broken list of held segments")
        pairs: list[tuple[int, bytes]] = list(_HELD.iter_unpack(body))
        indices = [index for index, _ in pairs]
        if indices != sorted(set(indices)):
            raise FormatError("held segments are not in order")
        return cls(dict(pairs))


@dataclass(frozen=True, slots=True)
class Segment:
    """One sealed segment in its place. Ciphertext only."""

    index: int
    sealed: bytes | bytearray | memoryview = field(repr=False)
    kind: ClassVar[int] = 3
    bound: ClassVar[int] = 0  # the segment size of the header and the seal's overhead

    def parts(self) -> tuple[bytes | bytearray | memoryview, ...]:
        """Return the body: index, sealed bytes."""
        return (_INDEX.pack(self.index), self.sealed)

    @classmethod
    def read(cls, body: bytearray) -> "Segment":
        """Return the frame. Raises: FormatError."""
        if len(body) <= _INDEX.size:
            raise FormatError("an empty segment")
        (index,) = _INDEX.unpack_from(body)
        return cls(index, memoryview(body)[_INDEX.size :])


@dataclass(frozen=True, slots=True)
class Closing:
    """The signed manifest, after the last segment."""

    manifest: bytes
    kind: ClassVar[int] = 4
    bound: ClassVar[int] = 16 << 20

    def parts(self) -> tuple[bytes, ...]:
        """Return the body: the manifest."""
        return (self.manifest,)

    @classmethod
    def read(cls, body: bytearray) -> "Closing":
        """Return the frame."""
        return cls(bytes(body))


@dataclass(frozen=True, slots=True)
class Receipts:
    """Signed receipts, the destination's first, then each relay's on the way back."""

    receipts: Sequence[bytes]
    kind: ClassVar[int] = 5
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
    kind: ClassVar[int] = 6
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


Frame = Hello | Held | Segment | Closing | Receipts | Abort
FRAMES: Final[Mapping[int, type[Frame]]] = {
    frame.kind: frame for frame in (Hello, Held, Segment, Closing, Receipts, Abort)
}
F = TypeVar("F", bound=Frame)


class Carrier(Protocol):
    """What carries frames: a channel, or a double in memory."""

    def send(self, *parts: bytes | bytearray | memoryview) -> None:
        """Send the parts in order."""
        ...

    def receive(self, size: int) -> bytearray:
        """Return exactly `size` bytes."""
        ...

    def ready(self) -> bool:
        """Whether something can be received."""
        ...


class Wire:
    """Frames over a carrier. `stopped` keeps the reason if the peer aborted."""

    def __init__(self, carrier: Carrier, *, segment_bound: int = 0) -> None:
        self._carrier = carrier
        self.segment_bound = segment_bound
        self.stopped: Reason | None = None

    def put(self, frame: Frame) -> None:
        """Send a frame. Raises: UnavailableError."""
        parts = frame.parts()
        self._carrier.send(_HEAD.pack(frame.kind, sum(len(part) for part in parts)), *parts)

    def heed(self) -> None:
        """Take an ABORT if one has come meanwhile.

        Raises:
            NotAllowedError: it has.
            FormatError: something else has, out of turn.
            UnavailableError: the connection broke.
        """
        if self._carrier.ready():
            self.take()

    def take(self, *kinds: type[F]) -> F:
        """Return the next frame, which must be of one of `kinds`.

        Raises:
            FormatError: malformed, longer than its bound, or out of turn.
            NotAllowedError: the peer aborted; `stopped` tells why.
            UnavailableError: the connection broke.
        """
        number, size = _HEAD.unpack(self._carrier.receive(_HEAD.size))
        kind = FRAMES.get(number)
        if kind is None or (kind is not Abort and kind not in kinds):
            raise FormatError(f"a frame of type {number} is out of turn")
        if size > self._bound(kind):
            raise FormatError(f"a frame of type {number} with {size} bytes is too long")
        frame = kind.read(self._carrier.receive(size))
        if isinstance(frame, kinds):
            return frame
        self.stopped = frame.reason if isinstance(frame, Abort) else Reason.DAMAGED
        raise NotAllowedError(f"the peer stopped the passage: {self.stopped}")

    def _bound(self, kind: type[Frame]) -> int:
        return self.segment_bound + _INDEX.size if kind is Segment else kind.bound
