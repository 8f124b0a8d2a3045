"""Sealed segments: each has one place in one object, and nothing leaves before it is verified."""

import hashlib
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor
from hypothesis import given, settings, strategies as st

from crypto.errors import ForgedError, FormatError
from crypto.manifest import Header, Manifest, sealed_length
from crypto.payload import Sealing, open_segment, open_stream, seal_segment
from tests.crypto import cobblestone_reader
from tests.crypto.samples import DEK, LABEL, flipped, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEADER = Header("object-1", "patients", LABEL, "std", 1024)
PLAIN = bytes(n % 251 for n in range(5000))


class Trickle:
    """A stream that gives a few bytes at a time, as a socket does."""

    def __init__(self, raw: bytes, most: int) -> None:
        self._stream, self._most = BytesIO(raw), most

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._most))


def sealed(
    plain: bytes, header: Header = HEADER, *, threads: int = 1, dek: bytes = DEK
) -> tuple[Manifest, list[bytes]]:
    sealing = Sealing(header, dek, BytesIO(plain), threads=threads)
    return _finish(sealing)


def _finish(sealing: Sealing) -> tuple[Manifest, list[bytes]]:
    segments = [bytes(segment.sealed) for segment in sealing]
    return sealing.manifest(), segments


@cache
def sample() -> tuple[Manifest, list[bytes]]:
    return sealed(PLAIN)


def place(header: Header, index: int, *, final: bool) -> bytes:
    """The context of a segment, as the format note says it."""
    name = header.object.encode()
    return (
        b"sekisho/seg/v1"
        + len(name).to_bytes(4)
        + name
        + index.to_bytes(8)
        + (b"\1" if final else b"\0")
        + header.digest
    )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("most", [1, 700, 1024, 1 << 20])
@pytest.mark.parametrize("length", [0, 1, 1023, 1024, 1025, 2048, 5000])
def test_what_is_sealed_is_what_is_opened(length: int, most: int, threads: int) -> None:
    plain = PLAIN[:length]
    manifest, segments = _finish(Sealing(HEADER, DEK, Trickle(plain, most), threads=threads))
    assert b"".join(open_stream(manifest, DEK, segments.__getitem__, threads=threads)) == plain
    assert manifest.content == "sha256:" + hashlib.sha256(plain).hexdigest()
    assert manifest.length == length
    assert len(segments) == max(1, -(-length // 1024))


@given(
    length=st.integers(0, 40_000) | st.sampled_from([16_383, 16_384, 16_385, 32_768]),
    size=st.integers(1024, 40_000),
)
@settings(max_examples=40, deadline=None)
def test_an_independent_reader_of_the_format_agrees(length: int, size: int) -> None:
    header, plain = replace(HEADER, segment_size=size), (PLAIN * 8)[:length]
    manifest, segments = sealed(plain, header)
    last = len(segments) - 1
    read = [
        cobblestone_reader.read(DEK, place(header, n, final=n == last), segment)
        for n, segment in enumerate(segments)
    ]
    assert b"".join(read) == plain
    assert [len(segment) for segment in segments] == [
        sealed_length(manifest.plain_length(n)) for n in range(last + 1)
    ]


@given(plain=st.binary(max_size=100), salt=st.binary(min_size=24, max_size=24))
def test_the_library_reads_what_an_independent_writer_wrote(plain: bytes, salt: bytes) -> None:
    raw = cobblestone_reader.write(DEK, b"context", plain, salt)
    decryptor = Cobblestone256Decryptor(DEK, b"context")
    assert decryptor.update(raw) + decryptor.finalize() == plain


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("length", [0, 1024, 4096, 5000])
def test_buffers_that_go_round_carry_nothing_over(length: int, threads: int) -> None:
    plain = PLAIN[:length]
    sealing = Sealing(HEADER, DEK, BytesIO(plain), threads=threads, reuse=True)
    manifest, segments = _finish(sealing)
    pieces = open_stream(manifest, DEK, segments.__getitem__, threads=threads, reuse=True)
    assert b"".join(bytes(piece) for piece in pieces) == plain
    assert list(open_stream(manifest, DEK, segments.__getitem__)) == [
        plain[at : at + 1024] for at in range(0, max(length, 1), 1024)
    ]


def test_a_forged_segment_leaves_nothing_in_the_buffer_it_was_given() -> None:
    """Its first chunks verify before the damaged last one is reached."""
    manifest, segments = sealed(PLAIN * 8, replace(HEADER, segment_size=40_000))
    damaged = flipped(segments[0], len(segments[0]) - 1, 1)
    into = bytearray(40_000)
    with pytest.raises(ForgedError):
        open_segment(_naming(manifest, 0, damaged), DEK, 0, damaged, into=into)
    assert into == bytes(40_000)
    assert open_segment(manifest, DEK, 0, segments[0], into=into) is into


def test_segments_open_in_any_order() -> None:
    manifest, segments = sample()
    for index in (4, 0, 2, 3, 1):
        plain = open_segment(manifest, DEK, index, segments[index])
        assert plain == PLAIN[index * 1024 : (index + 1) * 1024]


@given(index=st.integers(0, 4), at=st.integers(0, 2000), mask=st.integers(1, 255))
@settings(max_examples=80)
def test_any_changed_byte_of_a_segment_is_forged(index: int, at: int, mask: int) -> None:
    manifest, segments = sample()
    damaged = flipped(segments[index], at, mask)
    with pytest.raises(ForgedError):
        open_segment(manifest, DEK, index, damaged)
    # Even a manifest that names the damaged bytes does not make them open.
    with pytest.raises(ForgedError):
        open_segment(_naming(manifest, index, damaged), DEK, index, damaged)


def _naming(manifest: Manifest, index: int, raw: bytes) -> Manifest:
    digests = list(manifest.digests)
    digests[index] = hashlib.sha256(raw).digest()
    return replace(manifest, digests=tuple(digests))


def test_a_segment_has_one_place() -> None:
    manifest, segments = sample()
    for index in range(4):
        other = segments[(index + 1) % 4]
        with pytest.raises(ForgedError):
            open_segment(manifest, DEK, index, other)
        with pytest.raises(ForgedError):
            open_segment(_naming(manifest, index, other), DEK, index, other)


def test_a_final_segment_is_final() -> None:
    plain = PLAIN[:1024]
    inner = seal_segment(HEADER, DEK, 0, plain, final=False)
    content = "sha256:" + hashlib.sha256(plain).hexdigest()
    truncated = Manifest(HEADER, 1024, content, (inner.digest,))
    with pytest.raises(ForgedError):
        open_segment(truncated, DEK, 0, inner.sealed)


@pytest.mark.parametrize(
    "changes",
    [{"object": "object-2"}, {"dataset": "staff"}, {"label": "x"}, {"suite": "gov"},
     {"segment_size": 1025}],
)  # fmt: skip
def test_a_segment_of_another_object_is_forged(changes: dict[str, object]) -> None:
    _, others = sealed(PLAIN, replace(HEADER, **changes))
    manifest, _ = sample()
    with pytest.raises(ForgedError):
        open_segment(_naming(manifest, 0, others[0]), DEK, 0, others[0])


def test_another_key_opens_nothing() -> None:
    manifest, segments = sample()
    with pytest.raises(ForgedError):
        open_segment(manifest, bytes(32), 0, segments[0])
    for dek in (b"", DEK[:31], DEK + b"\0"):
        refused(lambda dek=dek: open_segment(manifest, dek, 0, segments[0]))
        refused(lambda dek=dek: seal_segment(HEADER, dek, 0, b"", final=True))
        refused(lambda dek=dek: Sealing(HEADER, dek, BytesIO()))


@pytest.mark.parametrize("threads", [1, 2])
def test_reordered_repeated_or_missing_segments_are_forged(threads: int) -> None:
    manifest, good = sample()
    for order in ([1, 0, 2, 3, 4], [0, 0, 2, 3, 4], [0, 1, 2, 4, 4], [0, 1, 2, 3, 3]):
        segments = [good[n] for n in order]
        with pytest.raises(ForgedError):
            list(open_stream(manifest, DEK, segments.__getitem__, threads=threads))


def test_the_last_piece_is_held_back_until_the_content_agrees() -> None:
    manifest, segments = sample()
    wrong = replace(manifest, content="sha256:" + "0" * 64)
    stream = open_stream(wrong, DEK, segments.__getitem__)
    assert [len(next(stream)) for _ in range(4)] == [1024] * 4
    with pytest.raises(ForgedError):
        next(stream)


@pytest.mark.parametrize("index", [-1, 5, 1 << 70])
def test_there_is_no_other_segment(index: int) -> None:
    manifest, segments = sample()
    with pytest.raises(FormatError):
        open_segment(manifest, DEK, index, segments[0])


def test_a_manifest_waits_for_the_last_segment() -> None:
    sealing = Sealing(HEADER, DEK, BytesIO(PLAIN))
    segments = iter(sealing)
    next(segments)
    with pytest.raises(FormatError):
        sealing.manifest()
    assert [segment.final for segment in segments] == [False, False, False, True]
    assert len(sealing.manifest().digests) == 5


def test_an_object_of_too_many_segments_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crypto.payload.MOST_SEGMENTS", 4)
    with pytest.raises(FormatError):
        list(Sealing(HEADER, DEK, BytesIO(PLAIN)))


def test_sealing_again_gives_other_bytes() -> None:
    assert sealed(PLAIN)[1][0] != sample()[1][0]


def test_only_a_few_segments_are_held_at_once() -> None:
    """The stream is never more than threads + 2 segments ahead of whoever takes them."""
    taken: list[int] = []

    class Counting:
        def read(self, size: int, /) -> bytes:
            taken.append(size)
            return bytes(size) if len(taken) <= 50 else b""

    for made, _ in enumerate(Sealing(HEADER, DEK, Counting(), threads=2)):
        assert len(taken) <= made + 5


def test_a_failing_stream_fails_the_sealing() -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise OSError(size)

    for threads in (1, 2):
        with pytest.raises(OSError, match="1024"):
            list(Sealing(HEADER, DEK, Broken(), threads=threads))


def test_an_abandoned_stream_leaves_no_thread() -> None:
    manifest, segments = sample()
    stream: Iterator[bytearray] = open_stream(manifest, DEK, segments.__getitem__, threads=2)
    assert next(stream) == PLAIN[:1024]
    close: Callable[[], None] = stream.close  # type: ignore[attr-defined]
    close()
