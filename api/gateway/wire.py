"""What gateways say to each other: frames of one type byte, a length and a body.

    sender                                   receiver
    HELLO(permit, signed manifest)  ------>
                                    <------  HELD(bitmap of the sealed segments already stored)
    SEGMENT(index, sealed bytes)... ------>  only what is not held, in ascending order
                                    <------  RECEIPTS(destination first, then each relay)

Either side may send ABORT(reason) at any time. A receiver that has delivered before answers HELLO
with its RECEIPTS. Lengths are checked before memory is taken; a frame that is malformed, too long
or out of turn is a `FormatError`, and the connection is closed.
"""

import struct
from typing import Final, Protocol, TypeVar

from api.errors import UnavailableError
from api.gateway.frames import (
    FRAMES,
    INDEX,
    Abort,
    Frame,
    Held,
    Reason,
    Receipts,
    Segment,
    StoppedError,
)
from crypto.errors import FormatError

_HEAD: Final = struct.Struct(">BI")
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
    """Frames over a carrier; `segment_bound` is the longest sealed segment, once it is known."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.segment_bound = 0

    def put(self, frame: Frame) -> None:
        """Send a frame. Raises: UnavailableError."""
        parts = frame.parts()
        self._carrier.send(_HEAD.pack(frame.kind, sum(len(part) for part in parts)), *parts)

    def take(self, kind: type[F]) -> F:
        """Return the next frame, which must be of this kind.

        Raises:
            FormatError: malformed, longer than its bound, or out of turn.
            StoppedError: the peer aborted.
            UnavailableError: the connection broke, or the peer lacks something it needs.
        """
        frame = self._next((kind,))
        if not isinstance(frame, kind):
            raise _stop(frame)
        return frame

    def take_reply(self) -> Held | Receipts:
        """Return what answers a hello. Raises: as `take`."""
        frame = self._next((Held, Receipts))
        if not isinstance(frame, Held | Receipts):
            raise _stop(frame)
        return frame

    def heed(self) -> None:
        """Take an ABORT if one has come meanwhile. Raises: as `take`."""
        if self._carrier.ready():
            raise _stop(self._next(()))

    def _next(self, kinds: tuple[type[object], ...]) -> Frame:
        number, size = _HEAD.unpack(self._carrier.receive(_HEAD.size))
        kind = FRAMES.get(number)
        if kind is None or (kind is not Abort and kind not in kinds):
            raise FormatError(f"a frame of type {number} is out of turn")
        if size > self._bound(kind):
            raise FormatError(f"a frame of type {number} with {size} bytes is too long")
        return kind.read(self._carrier.receive(size))

    def _bound(self, kind: type[Frame]) -> int:
        return self.segment_bound + INDEX.size if kind is Segment else kind.bound


def _stop(frame: Frame) -> Exception:
    reason = frame.reason if isinstance(frame, Abort) else Reason.DAMAGED
    if reason is Reason.UNAVAILABLE:
        return UnavailableError("the peer cannot go on now")
    return StoppedError(reason)
