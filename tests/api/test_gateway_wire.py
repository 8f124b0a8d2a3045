"""Frames: what is said is what is heard, and hostile bytes are typed errors within bounds."""

import struct

import pytest
from hypothesis import given, settings, strategies as st

from api.errors import NotAllowedError, UnavailableError
from api.gateway.frames import (
    FRAMES,
    MOST_RECEIPTS,
    Abort,
    Frame,
    Held,
    Hello,
    Reason,
    Receipts,
    Segment,
    StoppedError,
)
from api.gateway.wire import Wire
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


def bounded(tape: Tape) -> Wire:
    wire = Wire(tape)
    wire.segment_bound = BOUND
    return wire


def framed(kind: int, body: bytes, size: int | None = None) -> bytes:
    return struct.pack(">BI", kind, len(body) if size is None else size) + body


frames: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Hello, st.binary(min_size=1, max_size=99), st.binary(min_size=1, max_size=99)),
    st.builds(Held, st.binary(max_size=99)),
    st.builds(Segment, st.integers(0, 2**64 - 1), st.binary(min_size=1, max_size=BOUND)),
    st.builds(Receipts, st.lists(st.binary(min_size=1, max_size=9), max_size=9).map(tuple)),
    st.builds(Abort, st.sampled_from(Reason)),
)


@given(st.lists(frames.filter(lambda frame: not isinstance(frame, Abort)), max_size=4))
def test_what_is_said_is_heard(said: list[Frame]) -> None:
    wire = bounded(Tape())
    for frame in said:
        wire.put(frame)
    assert [wire.take(type(frame)) for frame in said] == said


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 7))
def test_hostile_bodies_are_typed_errors(body: bytes, kind: int) -> None:
    for raw in (framed(kind, body), body):
        try:
            frame = bounded(Tape(raw)).take(FRAMES.get(raw[0] if raw else 0, Held))
        except (FormatError, UnavailableError, NotAllowedError):
            continue
        again = Tape()
        Wire(again).put(frame)
        assert raw.startswith(again.raw), "one spelling for each frame"


@given(frames.filter(lambda frame: not isinstance(frame, Abort)))
def test_a_frame_out_of_turn_is_refused(frame: Frame) -> None:
    wire = bounded(Tape())
    wire.put(frame)
    with pytest.raises(FormatError, match="out of turn"):
        wire.take(Held if isinstance(frame, Receipts) else Receipts)


@pytest.mark.parametrize("kind", ALL)
def test_no_memory_is_taken_for_a_frame_beyond_its_bound(kind: type[Frame]) -> None:
    tape = Tape(framed(kind.kind, b"", size=(1 << 32) - 1))
    with pytest.raises(FormatError, match="too long"):
        bounded(tape).take(kind)
    assert tape.asked == 5


def test_a_segment_may_be_as_long_as_agreed_and_no_longer() -> None:
    for size, fits in ((BOUND, True), (BOUND + 1, False)):
        wire = bounded(Tape())
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
    if reason is Reason.UNAVAILABLE:
        with pytest.raises(UnavailableError):
            wire.take(Receipts)
    else:
        with pytest.raises(StoppedError, match=reason) as stop:
            wire.take(Receipts)
        assert stop.value.reason is reason


def test_heed_hears_an_abort_and_nothing_else() -> None:
    wire = Wire(Tape())
    wire.heed()
    wire.put(Abort(Reason.REVOKED))
    with pytest.raises(StoppedError):
        wire.heed()
    wire.put(Held(b"x"))
    with pytest.raises(FormatError):
        wire.heed()


def test_a_frame_cut_short_is_unavailable() -> None:
    whole = framed(2, b"bitmap")
    for cut in range(len(whole)):
        with pytest.raises(UnavailableError):
            Wire(Tape(whole[:cut])).take(Held)


@given(st.data(), st.integers(1, 100))
def test_a_bitmap_tells_exactly_what_is_lacking(data: st.DataObject, count: int) -> None:
    held = data.draw(st.sets(st.integers(0, count - 1)))
    assert set(Held.of(held, count).lacking(count)) == set(range(count)) - held


@pytest.mark.parametrize(
    ("bitmap", "count"), [(b"", 1), (b"\x00\x00", 8), (b"\x10", 4), (b"\x00", 9)]
)
def test_a_bitmap_of_another_count_is_refused(bitmap: bytes, count: int) -> None:
    with pytest.raises(FormatError):
        Held(bitmap).lacking(count)


@pytest.mark.parametrize(
    "raw",
    [
        framed(1, b""),
        framed(1, b"\x02" + struct.pack(">I", 1) + b"ph"),
        framed(1, b"\x01" + struct.pack(">I", 0) + b"ph"),
        framed(1, b"\x01" + struct.pack(">I", 2) + b"pp"),
        framed(1, b"\x01" + struct.pack(">I", 0xFFFFFFFF) + b"ph"),
        framed(3, bytes(8)),
        framed(4, b"\x00"),
        framed(4, struct.pack(">I", 0)),
        framed(4, struct.pack(">I", 9) + b"x"),
        framed(4, (struct.pack(">I", 1) + b"x") * (MOST_RECEIPTS + 1)),
        framed(5, b"because"),
        framed(5, b"\xff"),
        framed(0, b""),
        framed(6, b""),
    ],
)
def test_malformed_frames_are_format_errors(raw: bytes) -> None:
    with pytest.raises(FormatError):
        bounded(Tape(raw)).take(FRAMES.get(raw[0] if raw else 0, Held))


def test_a_frame_shows_no_sealed_bytes_in_its_repr() -> None:
    assert "secret" not in repr(Segment(1, b"secret"))
