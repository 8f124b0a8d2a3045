"""Frames: what is said is what is heard, and hostile bytes are typed errors within bounds."""

import struct

import pytest
from hypothesis import given, settings, strategies as st

from api.errors import NotAllowedError, UnavailableError
from api.gateway.wire import (
    FRAMES,
    MOST_RECEIPTS,
    Abort,
    Closing,
    Frame,
    Held,
    Hello,
    Reason,
    Receipts,
    Segment,
    Wire,
)
from crypto.errors import FormatError

ALL = tuple(FRAMES.values())
BOUND = 1000


class Tape:
    """A carrier in memory: what was sent is what is received; it counts what is asked for."""

    def __init__(self, raw: bytes = b"") -> None:
        self.raw = raw
        self.asked = 0

    def send(self, *parts: bytes | bytearray | memoryview) -> None:
        self.raw += b"".join(parts)

    def receive(self, size: int) -> bytearray:
        self.asked += size
        if size > len(self.raw):
            raise UnavailableError("the tape is at its end")
        taken, self.raw = bytearray(self.raw[:size]), self.raw[size:]
        return taken

    def ready(self) -> bool:
        return bool(self.raw)


def framed(kind: int, body: bytes, size: int | None = None) -> bytes:
    return struct.pack(">BI", kind, len(body) if size is None else size) + body


marks = st.binary(min_size=32, max_size=32)
frames: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Hello, st.binary(min_size=1, max_size=99), st.binary(min_size=1, max_size=99)),
    st.builds(Held, st.dictionaries(st.integers(0, 2**64 - 1), marks)),
    st.builds(Segment, st.integers(0, 2**64 - 1), st.binary(min_size=1, max_size=BOUND)),
    st.builds(Closing, st.binary(max_size=99)),
    st.builds(Receipts, st.lists(st.binary(min_size=1, max_size=9), max_size=9).map(tuple)),
    st.builds(Abort, st.sampled_from(Reason)),
)


@given(st.lists(frames.filter(lambda frame: not isinstance(frame, Abort)), max_size=4))
def test_what_is_said_is_heard(said: list[Frame]) -> None:
    wire = Wire(Tape(), segment_bound=BOUND)
    for frame in said:
        wire.put(frame)
    assert [wire.take(*ALL) for _ in said] == said


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 7))
def test_hostile_bodies_are_typed_errors(body: bytes, kind: int) -> None:
    for raw in (framed(kind, body), body):
        try:
            frame = Wire(Tape(raw), segment_bound=BOUND).take(*ALL)
        except (FormatError, UnavailableError, NotAllowedError):
            continue
        again = Tape()
        Wire(again).put(frame)
        assert raw.startswith(again.raw), "one spelling for each frame"


@given(frames.filter(lambda frame: not isinstance(frame, Abort)))
def test_a_frame_out_of_turn_is_refused(frame: Frame) -> None:
    wire = Wire(Tape(), segment_bound=BOUND)
    wire.put(frame)
    with pytest.raises(FormatError, match="out of turn"):
        wire.take(*(kind for kind in ALL if kind is not type(frame)))


@pytest.mark.parametrize("kind", ALL)
def test_no_memory_is_taken_for_a_frame_beyond_its_bound(kind: type[Frame]) -> None:
    tape = Tape(framed(kind.kind, b"", size=(1 << 32) - 1))
    with pytest.raises(FormatError, match="too long"):
        Wire(tape, segment_bound=BOUND).take(*ALL)
    assert tape.asked == 5


def test_a_segment_may_be_as_long_as_agreed_and_no_longer() -> None:
    for size, fits in ((BOUND, True), (BOUND + 1, False)):
        wire = Wire(Tape(), segment_bound=BOUND)
        wire.put(Segment(0, bytes(size)))
        if fits:
            assert len(wire.take(Segment).sealed) == size
        else:
            with pytest.raises(FormatError, match="too long"):
                wire.take(Segment)


@pytest.mark.parametrize("reason", Reason)
def test_an_abort_is_heard_at_any_turn(reason: Reason) -> None:
    wire = Wire(Tape())
    wire.put(Abort(reason))
    with pytest.raises(NotAllowedError, match=reason):
        wire.take(Receipts)
    assert wire.stopped is reason


def test_heed_hears_an_abort_and_nothing_else() -> None:
    wire = Wire(Tape())
    wire.heed()
    wire.put(Abort(Reason.REVOKED))
    with pytest.raises(NotAllowedError):
        wire.heed()
    wire.put(Closing(b"x"))
    with pytest.raises(FormatError):
        wire.heed()


def test_a_frame_cut_short_is_unavailable() -> None:
    whole = framed(4, b"manifest")
    for cut in range(len(whole)):
        with pytest.raises(UnavailableError):
            Wire(Tape(whole[:cut])).take(Closing)


@pytest.mark.parametrize(
    "raw",
    [
        framed(1, b""),
        framed(1, b"\x02" + struct.pack(">I", 1) + b"ph"),
        framed(1, b"\x01" + struct.pack(">I", 0) + b"ph"),
        framed(1, b"\x01" + struct.pack(">I", 2) + b"pp"),
        framed(1, b"\x01" + struct.pack(">I", 0xFFFFFFFF) + b"ph"),
        framed(2, bytes(41)),
        framed(2, bytes(80)),
        framed(2, struct.pack(">Q32sQ32s", 2, b"", 1, b"")),
        framed(3, bytes(8)),
        framed(5, b"\x00"),
        framed(5, struct.pack(">I", 0)),
        framed(5, struct.pack(">I", 9) + b"x"),
        framed(5, (struct.pack(">I", 1) + b"x") * (MOST_RECEIPTS + 1)),
        framed(6, b"because"),
        framed(6, b"\xff"),
        framed(0, b""),
        framed(7, b""),
    ],
)
def test_malformed_frames_are_format_errors(raw: bytes) -> None:
    with pytest.raises(FormatError):
        Wire(Tape(raw), segment_bound=BOUND).take(*ALL)


def test_a_frame_shows_no_sealed_bytes_in_its_repr() -> None:
    assert "secret" not in repr(Segment(1, b"secret"))
