"""Hybrid signatures."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from hypothesis import given, settings, strategies as st

from crypto.errors import ForgedError, FormatError, SuiteError
from crypto.signing import SigningKey, VerifyKey
from tests.crypto.samples import SUITES, flipped, signer

pytestmark = pytest.mark.parametrize("suite", SUITES)


def test_both_signatures_verify_in_their_domain(suite: str) -> None:
    signature = signer(suite).sign("permit", b"message")
    VerifyKey.from_bytes(signer(suite).public.to_bytes()).verify("permit", b"message", signature)


@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_byte_of_a_signature_is_forged(suite: str, place: int, mask: int) -> None:
    signature = _signature(suite)
    with pytest.raises(ForgedError):
        signer(suite).public.verify("d", b"message", flipped(signature, place, mask))


def test_one_good_half_is_not_enough(suite: str) -> None:
    one, two = _signature(suite), signer(suite).sign("other", b"message")
    split = 6 + (3309 if suite == "std" else 4627)
    for mixed in (one[:split] + two[split:], two[:split] + one[split:]):
        with pytest.raises(ForgedError):
            signer(suite).public.verify("d", b"message", mixed)


def test_a_half_cannot_be_moved_to_another_pair_of_keys(suite: str) -> None:
    one, two = signer(suite).to_bytes(), signer(suite, "b").to_bytes()
    chimera = SigningKey.from_bytes(one[:38] + two[38:])
    split = 6 + (3309 if suite == "std" else 4627)
    mixed = _signature(suite)[:split] + signer(suite, "b").sign("d", b"message")[split:]
    with pytest.raises(ForgedError):
        chimera.public.verify("d", b"message", mixed)


def test_a_signature_says_nothing_in_another_domain_or_of_another_message(suite: str) -> None:
    for domain, message in (
        ("e", b"message"),
        ("", b"dmessage"),
        ("d", b"messag"),
        ("dm", b"essage"),
    ):
        with pytest.raises(ForgedError):
            signer(suite).public.verify(domain, message, _signature(suite))
    with pytest.raises(ForgedError):
        signer(suite, "b").public.verify("d", b"message", _signature(suite))


@given(raw=st.binary(max_size=80))
def test_no_bytes_pass_as_a_signature_or_break_it(suite: str, raw: bytes) -> None:
    for each in (raw, _signature(suite)[: len(raw)], _signature(suite) + raw + b"x"):
        with pytest.raises(ForgedError):
            signer(suite).public.verify("d", b"message", each)


def test_keys_survive_their_bytes(suite: str) -> None:
    key = signer(suite)
    again = SigningKey.from_bytes(key.to_bytes())
    assert again.public == key.public
    assert again.key_id == key.key_id == hashlib.sha256(key.public.to_bytes()).hexdigest()[:16]
    assert len({key.public, again.public, signer(suite, "b").public}) == 2
    assert key.public != key.public.to_bytes()


def test_secrets_do_not_show(suite: str) -> None:
    key = signer(suite)
    assert key.to_bytes()[6:].hex()[:16] not in repr(key) + repr(key.public)
    assert key.key_id in repr(key)


def test_damaged_keys_are_refused(suite: str) -> None:
    private, public = signer(suite).to_bytes(), signer(suite).public.to_bytes()
    for parse, raw in ((SigningKey.from_bytes, private), (VerifyKey.from_bytes, public)):
        for other in (b"", raw[:-1], raw + b"\0", b"X" + raw[1:], raw[:4] + b"\2" + raw[5:]):
            with pytest.raises(FormatError):
                parse(other)
        with pytest.raises(SuiteError):
            parse(raw[:5] + b"\x09" + raw[6:])


def test_a_key_of_one_suite_is_no_key_of_the_other(suite: str) -> None:
    other = b"\x02" if suite == "std" else b"\x01"
    raw = signer(suite).public.to_bytes()
    with pytest.raises(FormatError):
        VerifyKey.from_bytes(raw[:5] + other + raw[6:])


def test_an_unknown_suite_makes_no_key(suite: str) -> None:
    with pytest.raises(SuiteError):
        SigningKey.generate(suite + "-classical")


def test_what_is_no_key_is_refused(suite: str) -> None:
    if suite == "gov":
        for scalar in (b"\0" * 48, b"\xff" * 48):
            with pytest.raises(FormatError):
                SigningKey.from_bytes(signer("gov").to_bytes()[:-48] + scalar)
        with pytest.raises(FormatError):
            VerifyKey.from_bytes(signer("gov").public.to_bytes()[:-97] + b"\4" + b"\1" * 96)


def test_the_halves_are_plain_signatures_that_others_can_check(suite: str) -> None:
    key, message = signer(suite), b"as others see it"
    public = key.public.to_bytes()[6:]
    if suite == "std":
        mldsa.MLDSA65PublicKey.from_public_bytes(public[:1952]).verify(
            key.sign_half(0, message), message
        )
        ed25519.Ed25519PublicKey.from_public_bytes(public[1952:]).verify(
            key.sign_half(1, message), message
        )
    else:
        key.public.verify_half(1, message, key.sign_half(1, message))
        with pytest.raises(ForgedError):
            key.public.verify_half(1, message, b"\1" * 95)


_SIGNATURES: dict[str, bytes] = {}


def _signature(suite: str) -> bytes:
    return _SIGNATURES.setdefault(suite, signer(suite).sign("d", b"message"))
