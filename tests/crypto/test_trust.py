"""The trust bundle: a threshold of holders, one role for each key, only forward."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from crypto.errors import CryptoError, FormatError, SuiteError, TrustError
from crypto.signed import body_of, signed, verified
from crypto.trust import Root, SiteTrust, TrustBundle, sign_bundle, verify_bundle
from policy.canonical import canonical
from tests.crypto.samples import (
    NOW,
    TLS,
    bundle,
    flipped,
    holder,
    refused,
    root,
    signed_bundle,
    signer,
)

RAW = signed_bundle()


def test_a_threshold_of_the_root_makes_a_bundle() -> None:
    for roots in ((0, 1), (1, 2), (2, 0), (0, 1, 2)):
        assert verify_bundle(signed_bundle(roots=roots), root(), now=NOW, at_least=4) == bundle()


def test_one_holder_is_not_enough_and_counts_once() -> None:
    with pytest.raises(TrustError):
        verify_bundle(signed_bundle(roots=(0,)), root(), now=NOW, at_least=0)
    with pytest.raises(CryptoError):
        verify_bundle(signed_bundle(roots=(0, 0)), root(), now=NOW, at_least=0)


def test_a_stranger_beside_the_root_is_refused() -> None:
    keys = [signer("gov", "root-0"), signer("gov", "root-1"), signer("gov", "stranger")]
    with pytest.raises(TrustError):
        verify_bundle(sign_bundle(bundle(), keys), root(), now=NOW, at_least=0)


def test_a_bundle_only_goes_forward() -> None:
    verify_bundle(RAW, root(), now=NOW, at_least=4)
    with pytest.raises(TrustError):
        verify_bundle(RAW, root(), now=NOW, at_least=5)


def test_a_bundle_holds_until_it_expires() -> None:
    for now in (NOW - 60, NOW, NOW + 86_399):
        verify_bundle(RAW, root(), now=now, at_least=0)
    for now in (NOW - 61, NOW + 86_400):
        with pytest.raises(TrustError):
            verify_bundle(RAW, root(), now=now, at_least=0)


@given(place=st.integers(0, 100_000), mask=st.integers(1, 255))
@settings(max_examples=80)
def test_any_changed_byte_is_refused(place: int, mask: int) -> None:
    raw = flipped(RAW, place, mask)
    refused(lambda: verify_bundle(raw, root(), now=NOW, at_least=0))


@given(cut=st.integers(0, 100_000), more=st.binary(min_size=1, max_size=8))
@settings(max_examples=40)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    for raw in (RAW[: cut % len(RAW)], RAW + more):
        refused(lambda raw=raw: verify_bundle(raw, root(), now=NOW, at_least=0))


def test_a_key_has_one_role() -> None:
    key = signer("std", "permit").public.to_bytes()
    for keys in ({"permit": (key,), "bundle": (key,)}, {"permit": (key, key)}):
        with pytest.raises(FormatError):
            bundle(keys=keys)


def test_a_root_key_has_no_other_role() -> None:
    made = bundle(keys={"permit": (signer("gov", "root-2").public.to_bytes(),)})
    with pytest.raises(TrustError):
        verify_bundle(signed_bundle(made), root(), now=NOW, at_least=0)


@pytest.mark.parametrize("role", ["", "root", "permits", "operator:", "operator", "site: a", "x:y"])
def test_an_unknown_role_is_refused(role: str) -> None:
    with pytest.raises(FormatError):
        bundle(keys={role: (signer("std").public.to_bytes(),)})


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": {"permit": ()}},
        {"keys": {"permit": (b"no key",)}},
        {"expires": NOW},
        {"sites": {"OSA": SiteTrust(b"no key", TLS)}},
        {"sites": {"OSA": SiteTrust(holder("std").public.to_bytes(), "sha1:00")}},
        {"sites": {"OSA": SiteTrust(holder("std").public.to_bytes(), TLS.upper())}},
    ],
)
def test_what_must_never_be_signed_cannot_be_built(changes: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        bundle(**changes)


def test_a_role_nobody_has_trusts_nobody() -> None:
    assert bundle().verify_keys("operator:op-1") == {}
    assert set(bundle().verify_keys("permit")) == {
        signer(suite, "permit").key_id for suite in ("std", "gov")
    }
    with pytest.raises(FormatError):
        bundle().verify_keys("log")


def test_a_site_is_known_by_its_recipient_key_and_certificate() -> None:
    assert bundle().site("OSA").public == holder("std").public
    with pytest.raises(TrustError):
        bundle().site("TYO")


def test_bundles_and_roots_survive_their_bytes() -> None:
    assert TrustBundle.from_bytes(bundle().to_bytes()) == bundle()
    assert bundle().digest == TrustBundle.from_bytes(bundle().to_bytes()).digest
    assert Root.from_bytes(root().to_bytes()) == root()
    assert Root.from_bytes(Root(root().keys, 1, toy=True).to_bytes()).toy


@pytest.mark.parametrize("threshold", [0, -1, 4])
def test_an_impossible_threshold_is_refused(threshold: int) -> None:
    with pytest.raises(FormatError):
        Root(root().keys, threshold)


def test_a_root_key_that_stands_twice_is_refused() -> None:
    for keys in ((), (root().keys[0],) * 2):
        with pytest.raises(FormatError):
            Root(keys, 1)


@pytest.mark.parametrize(
    ("member", "value"),
    [("v", 2), ("keys", 1), ("keys", [1]), ("keys", ["AA"]), ("threshold", "1"), ("toy", 1)],
)
def test_a_malformed_root_is_refused(member: str, value: object) -> None:
    document = json.loads(root().to_bytes())
    with pytest.raises(FormatError):
        Root.from_bytes(canonical({**document, member: value}))


@pytest.mark.parametrize(
    ("member", "value"),
    [("v", 2), ("keys", {"permit": 1}), ("keys", {"permit": [1]}), ("sites", {"a": 1})],
)
def test_a_malformed_bundle_is_refused(member: str, value: object) -> None:
    document = json.loads(bundle().to_bytes())
    with pytest.raises(FormatError):
        TrustBundle.from_bytes(canonical({**document, member: value}))


def test_a_key_of_a_suite_unknown_here_is_refused() -> None:
    raw = signer("std").public.to_bytes()
    with pytest.raises(SuiteError):
        bundle(keys={"permit": (raw[:5] + b"\x09" + raw[6:],)})


def test_a_signed_body_is_of_one_domain_and_has_signers() -> None:
    raw = signed("one", b"body", [signer("std")])
    key = [signer("std").public]
    assert (
        verified("one", raw, key, limit=100_000)[0] == body_of("one", raw, limit=10_000) == b"body"
    )
    for domain, limit in (("two", 100_000), ("one", 2)):
        with pytest.raises(FormatError):
            verified(domain, raw, key, limit=limit)
    for keys in ([], [signer("std")] * 33):
        with pytest.raises(FormatError):
            signed("one", b"body", keys)
    with pytest.raises(TrustError):
        verified("one", raw, [], limit=100_000)


def test_what_no_one_could_verify_is_not_signed() -> None:
    with pytest.raises(FormatError):
        signed_bundle(bundle(version=-1))
