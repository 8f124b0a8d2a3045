"""One sealed object as one file: any damage anywhere is found."""

import hashlib
import json
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings, strategies as st

from crypto.container import SealedFile, seal_file
from crypto.envelope import Context, open_key, seal_key
from crypto.errors import ForgedError, FormatError, TrustError
from crypto.manifest import Header, sign_manifest
from policy.canonical import canonical, digest
from tests.crypto.samples import (
    DEK,
    LABEL,
    NOW,
    context,
    flipped,
    holder,
    refused,
    sealed_file,
    signer,
)

PLAIN = bytes(range(256)) * 10
RAW = sealed_file(PLAIN)
KEYS = [signer("std").public]
HEADER = Header("object-1", "patients", LABEL, "std", 1024)
CONTENT = "sha256:" + hashlib.sha256(PLAIN).hexdigest()


def opened(raw: bytes, *, threads: int = 1) -> bytes:
    found = SealedFile.open(BytesIO(raw), KEYS)
    bound, envelope = found.envelope_for(holder("std").key_id)
    dek = open_key(envelope, holder("std"), bound, now=NOW)
    return b"".join(found.plain(dek, threads=threads))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("length", [0, 1, 1024, 2048, 2560])
def test_a_sealed_file_opens_for_its_recipient(length: int, threads: int) -> None:
    raw = sealed_file(PLAIN[:length], threads=threads)
    assert opened(raw, threads=threads) == PLAIN[:length]


def test_a_file_holds_no_plaintext_and_no_key() -> None:
    assert DEK not in RAW
    assert PLAIN[:16] not in RAW


@given(place=st.integers(0, 100_000), mask=st.integers(1, 255))
@settings(max_examples=150)
def test_any_changed_byte_is_refused(place: int, mask: int) -> None:
    refused(lambda: opened(flipped(RAW, place, mask)))


def test_no_region_of_the_file_is_unprotected() -> None:
    for place in range(0, len(RAW), 4):
        refused(lambda place=place: opened(flipped(RAW, place, 1)))


@given(cut=st.integers(0, 100_000), more=st.binary(min_size=1, max_size=20))
@settings(max_examples=60)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    at = cut % len(RAW)
    refused(lambda: opened(RAW[:at]))
    refused(lambda: opened(RAW + more))
    refused(lambda: opened(RAW[:at] + more + RAW[at:]))


def test_reordered_segments_are_refused() -> None:
    found = SealedFile.open(BytesIO(RAW), KEYS)
    one, two, three = (found.place(n) for n in range(3))
    swapped = RAW[:one] + RAW[two:three] + RAW[one:two] + RAW[three:]
    with pytest.raises(ForgedError):
        opened(swapped)


def test_a_preamble_of_another_file_is_refused() -> None:
    other = sealed_file(PLAIN)
    one, two = (SealedFile.open(BytesIO(raw), KEYS).offset for raw in (RAW, other))
    with pytest.raises(ForgedError):
        opened(other[:two] + RAW[one:])


def test_only_a_trusted_sender_is_read() -> None:
    with pytest.raises(TrustError):
        SealedFile.open(BytesIO(RAW), [signer("std", "b").public])


def test_a_file_is_sealed_to_its_recipients_alone() -> None:
    with pytest.raises(TrustError):
        SealedFile.open(BytesIO(RAW), KEYS).envelope_for(holder("std", "b").key_id)


def test_content_that_changed_since_it_was_classified_is_not_sealed() -> None:
    bound = context(content=CONTENT)
    pair = (bound, seal_key(DEK, holder("std").public, bound))
    with pytest.raises(ForgedError):
        seal_file(
            BytesIO(), HEADER, DEK, BytesIO(PLAIN + b"x"), envelopes=[pair], key=signer("std")
        )


def test_a_file_for_nobody_is_not_written() -> None:
    with pytest.raises(FormatError):
        seal_file(BytesIO(), HEADER, DEK, BytesIO(PLAIN), envelopes=[], key=signer("std"))


def test_an_envelope_of_another_suite_is_refused() -> None:
    bound = context("gov", content=CONTENT)
    pair = (bound, seal_key(DEK, holder("gov").public, bound))
    with pytest.raises(ForgedError):
        seal_file(BytesIO(), HEADER, DEK, BytesIO(PLAIN), envelopes=[pair], key=signer("std"))


@pytest.mark.parametrize(
    "changes",
    [
        {"header": replace(HEADER, object="other").to_json()},
        {"v": 2},
        {"envelopes": []},
        {"envelopes": [{"context": "", "envelope": ""}]},
        {"more": 1},
    ],
)
def test_even_a_signed_preamble_must_make_sense(changes: dict[str, object]) -> None:
    found = SealedFile.open(BytesIO(RAW), KEYS)
    head = canonical({**json.loads(RAW[12 : found.offset]), **changes})
    manifest = replace(found.manifest, container=digest(head))
    trailer = sign_manifest(manifest, signer("std"))
    body = RAW[found.offset : found.place(3)]
    raw = RAW[:8] + len(head).to_bytes(4) + head + body + trailer
    refused(lambda: opened(raw + len(trailer).to_bytes(8) + RAW[-8:]))


def test_a_preamble_signed_anew_without_a_change_opens() -> None:
    """The counterpart of the test above: its way of rebuilding a file is right."""
    found = SealedFile.open(BytesIO(RAW), KEYS)
    trailer = sign_manifest(found.manifest, signer("std"))
    assert opened(RAW[: found.place(3)] + trailer + len(trailer).to_bytes(8) + RAW[-8:]) == PLAIN


@given(raw=st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    refused(lambda: opened(raw))
    refused(lambda: opened(raw + RAW[-8:]))
    refused(lambda: opened(raw + len(raw).to_bytes(8) + RAW[-8:]))


def test_bytes_between_the_last_segment_and_the_manifest_are_refused() -> None:
    end = SealedFile.open(BytesIO(RAW), KEYS).place(3)
    for more in (b"x", bytes(100)):
        with pytest.raises(ForgedError):
            SealedFile.open(BytesIO(RAW[:end] + more + RAW[end:]), KEYS)


@pytest.mark.parametrize("bound", [context(), context("gov", content=CONTENT)])
def test_even_a_signed_file_must_hold_envelopes_of_its_own_object(
    bound: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = (bound, seal_key(DEK, holder(bound.suite).public, bound))
    out = BytesIO()
    monkeypatch.setattr("crypto.container._agree", lambda *_: None)
    seal_file(out, HEADER, DEK, BytesIO(PLAIN), envelopes=[pair], key=signer("std"))
    monkeypatch.undo()
    with pytest.raises(ForgedError):
        SealedFile.open(out, KEYS)


@pytest.mark.parametrize("length", [0, len(RAW), (4 << 20) + 1, (1 << 32) - 1])
def test_a_preamble_of_another_length_is_refused(length: int) -> None:
    refused(lambda: opened(RAW[:8] + length.to_bytes(4) + RAW[12:]))


def test_a_file_cut_short_while_it_is_read_is_refused() -> None:
    stream = BytesIO(RAW)
    found = SealedFile.open(stream, KEYS)
    stream.truncate(found.place(2) + 10)
    with pytest.raises(FormatError):
        list(found.plain(DEK))
