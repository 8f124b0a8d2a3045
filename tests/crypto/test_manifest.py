"""The manifest: signed by its sender, checked by relays without a key."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from crypto.encoding import b64
from crypto.errors import ForgedError, FormatError, SuiteError, TrustError
from crypto.manifest import (
    Header,
    Manifest,
    claimed_manifest,
    sealed_length,
    segments_root,
    sign_manifest,
    verify_manifest,
)
from policy.canonical import canonical
from tests.crypto.samples import CONTENT, LABEL, SUITES, flipped, refused, signer

HEADER = Header("object-1", "patients", LABEL, "std", 1024)
MANIFEST = Manifest(HEADER, 2000, CONTENT, (b"a" * 32, b"b" * 32))
RAW = sign_manifest(MANIFEST, signer("std"))
KEYS = [signer("std").public]


@pytest.mark.parametrize("suite", SUITES)
def test_a_manifest_is_what_its_sender_signed(suite: str) -> None:
    raw = sign_manifest(MANIFEST, signer(suite))
    assert verify_manifest(raw, [signer(suite).public]) == claimed_manifest(raw) == MANIFEST


def test_a_stranger_signs_no_manifest() -> None:
    for keys in ([], [signer("std", "b").public]):
        with pytest.raises(TrustError):
            verify_manifest(RAW, keys)


@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=80)
def test_any_changed_byte_is_refused(place: int, mask: int) -> None:
    refused(lambda: verify_manifest(flipped(RAW, place, mask), KEYS))


@given(cut=st.integers(0, 10_000), more=st.binary(min_size=1, max_size=8))
@settings(max_examples=40)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    refused(lambda: verify_manifest(RAW[: cut % len(RAW)], KEYS))
    refused(lambda: verify_manifest(RAW + more, KEYS))


def test_a_weak_key_signs_no_strong_object(monkeypatch: pytest.MonkeyPatch) -> None:
    strong = replace(MANIFEST, header=replace(HEADER, suite="gov"))
    with pytest.raises(SuiteError):
        sign_manifest(strong, signer("std"))
    monkeypatch.setattr("crypto.manifest.require", lambda *_, **__: None)
    raw = sign_manifest(strong, signer("std"))
    monkeypatch.undo()
    with pytest.raises(SuiteError):
        verify_manifest(raw, KEYS)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("v", 2),
        ("count", 3),
        ("root", CONTENT),
        ("segments", "YWE"),
        ("segments", ""),
        ("length", 3000),
        ("length", 1024),
        ("length", -1),
        ("container", 1),
        ("header", {}),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(member: str, value: object) -> None:
    document = json.loads(MANIFEST.to_bytes())
    with pytest.raises(FormatError):
        Manifest.from_bytes(canonical({**document, member: value}))


def test_half_a_digest_is_refused() -> None:
    document = json.loads(MANIFEST.to_bytes())
    document["segments"] = b64(b"a" * 32 + b"b" * 29)
    document["root"] = segments_root([b"a" * 32, b"b" * 29])
    with pytest.raises(FormatError):
        Manifest.from_bytes(canonical(document))


@pytest.mark.parametrize("size", [0, 1023, (1 << 30) + 1])
def test_segments_have_sensible_sizes(size: int) -> None:
    with pytest.raises(FormatError):
        replace(HEADER, segment_size=size)


def test_an_unknown_suite_makes_no_header() -> None:
    with pytest.raises(SuiteError):
        replace(HEADER, suite="classical")


def test_the_object_must_be_the_one_of_the_permit() -> None:
    right = {"dataset": "patients", "content": CONTENT, "label": LABEL}
    MANIFEST.expect(**right)
    for name in right:
        with pytest.raises(ForgedError):
            MANIFEST.expect(**{**right, name: "another"})


def test_the_root_names_the_segments_in_order() -> None:
    one, two = b"a" * 32, b"b" * 32
    assert len({segments_root(each) for each in ([], [one], [one, two], [two, one])}) == 4
    assert MANIFEST.root == segments_root([one, two])


def test_a_relay_checks_segments_without_a_key() -> None:
    one, two = bytes(sealed_length(1024)), bytes(sealed_length(976))
    digests = tuple(hashlib.sha256(each).digest() for each in (one, two))
    manifest = replace(MANIFEST, digests=digests)
    manifest.check(0, one)
    manifest.check(1, memoryview(two))
    for index, raw in ((0, two), (1, one), (0, one[:-1]), (0, one + b"x"), (0, b"x" + one[1:])):
        with pytest.raises(ForgedError):
            manifest.check(index, raw)
    with pytest.raises(FormatError):
        manifest.check(2, one)


def test_what_no_one_could_verify_is_not_signed() -> None:
    with pytest.raises(FormatError):
        sign_manifest(replace(MANIFEST, header=replace(HEADER, dataset="")), signer("std"))
