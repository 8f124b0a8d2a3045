"""Receipts: signed by the site that carried, and by no other."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from crypto.errors import FormatError, TrustError
from crypto.receipt import Receipt, sign_receipt, verify_receipt
from policy.canonical import canonical
from tests.crypto.samples import NOW, bundle, flipped, receipt, refused, signer

RAW = sign_receipt(receipt(), signer("std", "TYO"))


def test_a_receipt_is_what_its_site_signed() -> None:
    assert verify_receipt(RAW, bundle(), NOW) == receipt()
    assert receipt().digest == Receipt.from_bytes(receipt().to_bytes()).digest


def test_another_site_cannot_sign_it() -> None:
    with pytest.raises(TrustError):
        verify_receipt(sign_receipt(receipt(), signer("std", "permit")), bundle(), NOW)
    with pytest.raises(TrustError):
        verify_receipt(sign_receipt(receipt(site="NGO"), signer("std", "TYO")), bundle(), NOW)


def test_trust_that_has_expired_verifies_nothing() -> None:
    with pytest.raises(TrustError):
        verify_receipt(RAW, bundle(), NOW + 86_400)


@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=80)
def test_any_changed_byte_is_refused(place: int, mask: int) -> None:
    refused(lambda: verify_receipt(flipped(RAW, place, mask), bundle(), NOW))


@given(cut=st.integers(0, 10_000), more=st.binary(min_size=1, max_size=8))
@settings(max_examples=30)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    refused(lambda: verify_receipt(RAW[: cut % len(RAW)], bundle(), NOW))
    refused(lambda: verify_receipt(RAW + more, bundle(), NOW))


@pytest.mark.parametrize(
    ("member", "value"),
    [("v", 2), ("ended", 0), ("segments", -1), ("octets", "1"), ("spans", [1]), ("site", "")],
)
def test_a_malformed_receipt_is_refused(member: str, value: object) -> None:
    document = json.loads(receipt().to_bytes())
    with pytest.raises(FormatError):
        Receipt.from_bytes(canonical({**document, member: value}))


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(FormatError):
        replace(receipt(), ended=NOW - 1)


def test_what_no_one_could_verify_is_not_signed() -> None:
    with pytest.raises(FormatError):
        sign_receipt(receipt(passage=""), signer("std", "TYO"))
