"""Permits: two signatures, one spelling, one passage, for a while."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, utils
from hypothesis import given, settings, strategies as st

from crypto.errors import ForgedError, FormatError, SuiteError, TrustError
from crypto.permit import PermitClaims, sign_permit, verify_permit
from crypto.suites import SUITES as SUITES_NOW, suite as find_suite
from policy.canonical import canonical
from tests.crypto.samples import NOW, SUITES, bundle, claims, flipped, refused, signer

_MADE: dict[str, bytes] = {}


def _raw(suite: str) -> bytes:
    return _MADE.setdefault(suite, sign_permit(claims(suite), signer(suite, "permit")))


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize("suite", SUITES)
def test_a_permit_is_what_was_signed(suite: str) -> None:
    assert verify_permit(_raw(suite), bundle(), NOW) == claims(suite)
    assert claims(suite).digest == PermitClaims.from_bytes(claims(suite).to_bytes()).digest


def test_a_stronger_key_may_sign_for_a_weaker_suite() -> None:
    raw = sign_permit(claims("std"), signer("gov", "permit"))
    assert verify_permit(raw, bundle(), NOW).suite == "std"


@pytest.mark.parametrize("suite", SUITES)
def test_other_peoples_tools_can_check_it(suite: str) -> None:
    """A general JSON JWS (RFC 7515 §7.2.1), read here without any code of the product."""
    document = json.loads(_raw(suite))
    lines = document["signatures"]
    heads = [json.loads(_bytes(line["protected"])) for line in lines]
    inputs = [f"{line['protected']}.{document['payload']}".encode() for line in lines]
    first, second = (_bytes(line["signature"]) for line in lines)
    public = signer(suite, "permit").public.to_bytes()[6:]
    assert {head["typ"] for head in heads} == {"sekisho-permit+jwt"}
    assert len({head["kid"] for head in heads}) == 1
    if suite == "std":
        assert [head["alg"] for head in heads] == ["ML-DSA-65", "EdDSA"]
        mldsa.MLDSA65PublicKey.from_public_bytes(public[:1952]).verify(first, inputs[0])
        ed25519.Ed25519PublicKey.from_public_bytes(public[1952:]).verify(second, inputs[1])
    else:
        assert [head["alg"] for head in heads] == ["ML-DSA-87", "ES384"]
        mldsa.MLDSA87PublicKey.from_public_bytes(public[:2592]).verify(first, inputs[0])
        r, s = int.from_bytes(second[:48]), int.from_bytes(second[48:])
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), public[2592:])
        point.verify(utils.encode_dss_signature(r, s), inputs[1], ec.ECDSA(hashes.SHA384()))


@pytest.mark.parametrize("suite", SUITES)
@given(place=st.integers(0, 20_000), mask=st.integers(1, 255))
@settings(max_examples=80)
def test_any_changed_byte_is_refused(suite: str, place: int, mask: int) -> None:
    raw = flipped(_raw(suite), place, mask)
    refused(lambda: verify_permit(raw, bundle(), NOW))


@given(cut=st.integers(0, 10_000))
@settings(max_examples=30)
def test_a_permit_cut_short_is_refused(cut: int) -> None:
    raw = _raw("std")
    refused(lambda: verify_permit(raw[: cut % len(raw)], bundle(), NOW))
    refused(lambda: verify_permit(raw + b" ", bundle(), NOW))


@pytest.mark.parametrize("keep", [[], [0], [1], [1, 0], [0, 0], [1, 1], [0, 1, 0]])
def test_both_signatures_are_needed_once_and_in_order(keep: list[int]) -> None:
    document = json.loads(_raw("std"))
    document["signatures"] = [document["signatures"][n] for n in keep]
    with pytest.raises(TrustError):
        verify_permit(canonical(document), bundle(), NOW)


def test_signatures_of_two_keys_do_not_make_one() -> None:
    one, two = json.loads(_raw("std")), json.loads(sign_permit(claims(), signer("std", "b")))
    both = bundle(
        keys={"permit": tuple(signer("std", name).public.to_bytes() for name in ("permit", "b"))}
    )
    one["signatures"][1] = two["signatures"][1]
    with pytest.raises(TrustError):
        verify_permit(canonical(one), both, NOW)


def test_no_signature_of_another_algorithm_is_taken() -> None:
    for name in ("none", "HS256", "ES256", "EdDSA", ""):
        document = json.loads(_raw("std"))
        head = json.loads(_bytes(document["signatures"][0]["protected"]))
        head["alg"] = name
        text = base64.urlsafe_b64encode(canonical(head)).decode().rstrip("=")
        document["signatures"][0]["protected"] = text
        with pytest.raises(TrustError):
            verify_permit(canonical(document), bundle(), NOW)


def test_a_key_with_another_role_signs_no_permit() -> None:
    for name in ("TYO", "stranger"):
        raw = sign_permit(claims(), signer("std", name))
        with pytest.raises(TrustError):
            verify_permit(raw, bundle(), NOW)


def test_a_permit_holds_from_its_begin_to_its_end_with_a_minute_of_skew() -> None:
    for now in (NOW - 60, NOW, NOW + 599, NOW + 659):
        verify_permit(_raw("std"), bundle(issued=NOW - 600), now)
    for now in (NOW - 61, NOW + 660, 0):
        with pytest.raises(TrustError):
            verify_permit(_raw("std"), bundle(issued=NOW - 600), now)


def test_trust_that_has_expired_verifies_nothing() -> None:
    for made in (bundle(expires=NOW + 1), bundle(issued=NOW + 100, expires=NOW + 200)):
        with pytest.raises(TrustError):
            verify_permit(_raw("std"), made, NOW + 1)


def test_a_weak_key_grants_no_strong_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SuiteError):
        sign_permit(claims("gov"), signer("std", "permit"))
    monkeypatch.setattr("crypto.permit.require", lambda *_, **__: None)
    raw = sign_permit(claims("gov"), signer("std", "permit"))
    monkeypatch.undo()
    with pytest.raises(SuiteError):
        verify_permit(raw, bundle(), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"sites": ()},
        {"sites": ("NGO", "OSA"), "spans": ("s1",)},
        {"sites": ("TYO", "NGO"), "spans": ("s1",)},
        {"spans": ("s1",)},
        {"spans": ("s1", "s2", "s3")},
        {"expires": NOW},
        {"expires": NOW - 1},
    ],
)
def test_a_permit_that_permits_nothing_sensible_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        claims(**changes)


@pytest.mark.parametrize("name", sorted(json.loads(claims().to_bytes())))
def test_every_claim_is_needed(name: str) -> None:
    document = json.loads(claims().to_bytes())
    del document[name]
    with pytest.raises(FormatError):
        PermitClaims.from_bytes(canonical(document))


def test_a_passage_within_one_site_has_no_spans() -> None:
    here = claims(sites=("TYO",), spans=(), destination="TYO")
    assert PermitClaims.from_bytes(here.to_bytes()) == here


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("half", [0, 1])
def test_one_good_signature_is_not_enough(suite: str, half: int) -> None:
    document = json.loads(_raw(suite))
    other = json.loads(sign_permit(claims(suite, nonce="n-2"), signer(suite, "permit")))
    document["signatures"][half] = other["signatures"][half]
    with pytest.raises(ForgedError):
        verify_permit(canonical(document), bundle(), NOW)


@pytest.mark.parametrize(
    "changes", [{"obligations": (1.5,)}, {"dataset": ""}, {"nonce": "n" * 1025}, {"log_index": -1}]
)
def test_what_no_one_could_verify_is_not_signed(changes: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        sign_permit(claims(**changes), signer("std", "permit"))


def test_a_permit_ends_with_its_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = {**SUITES_NOW, "std": replace(SUITES_NOW["std"], not_after=NOW)}
    monkeypatch.setattr(
        "crypto.permit.suite", lambda name, *, now: find_suite(name, now=now, registry=ending)
    )
    with pytest.raises(SuiteError):
        verify_permit(_raw("std"), bundle(), NOW)
