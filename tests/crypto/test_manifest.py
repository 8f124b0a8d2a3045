"""The manifest: signed by its sender, checked by relays without a key."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from crypto.errors import ForgedError, FormatError, SuiteError, TrustError
from crypto.manifest import (
    Header,
    Manifest,
    claimed_manifest,
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
    document["segments"] = document["segments"][:-4]
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
