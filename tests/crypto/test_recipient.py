"""Recipient keys and the proof of possession."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings, strategies as st

from crypto.errors import ForgedError, FormatError, SuiteError
from crypto.recipient import RecipientKey, RecipientPublic, answer, challenge, check_answer
from tests.crypto.samples import SUITES, flipped, holder

pytestmark = pytest.mark.parametrize("suite", SUITES)


def test_what_is_sealed_opens_for_its_recipient_under_the_same_info_alone(suite: str) -> None:
    sealed = holder(suite).public.seal(b"secret", b"info")
    assert holder(suite).open(sealed, b"info") == b"secret"
    with pytest.raises(ForgedError):
        holder(suite).open(sealed, b"inf0")
    with pytest.raises(ForgedError):
        holder(suite, "b").open(sealed, b"info")


@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=40)
def test_any_changed_byte_is_forged(suite: str, place: int, mask: int) -> None:
    sealed = holder(suite).public.seal(b"secret", b"info")
    with pytest.raises(ForgedError):
        holder(suite).open(flipped(sealed, place, mask), b"info")


def test_the_holder_and_no_one_else_answers_a_challenge(suite: str) -> None:
    blob, expected = challenge(holder(suite).public, b"passage 1")
    check_answer(expected, answer(holder(suite), blob, b"passage 1"))
    with pytest.raises(ForgedError):
        answer(holder(suite, "b"), blob, b"passage 1")
    with pytest.raises(ForgedError):
        answer(holder(suite), blob, b"passage 2")
    with pytest.raises(ForgedError):
        check_answer(expected, b"")


def test_an_answer_serves_no_second_challenge(suite: str) -> None:
    one, first = challenge(holder(suite).public, b"same")
    _, second = challenge(holder(suite).public, b"same")
    given_answer = answer(holder(suite), one, b"same")
    check_answer(first, given_answer)
    with pytest.raises(ForgedError):
        check_answer(second, given_answer)


def test_a_challenge_is_not_an_envelope_to_be_opened(suite: str) -> None:
    blob, _ = challenge(holder(suite).public, b"x")
    with pytest.raises(ForgedError):
        holder(suite).open(blob, b"x")


def test_the_container_is_the_seed_expanded_as_x_wing_does(suite: str) -> None:
    seed = bytes(range(32))
    raw = b"SKRK\x01" + (b"\x01" if suite == "std" else b"\x02") + seed
    if suite == "std":
        wide = hashlib.shake_256(seed).digest(96)
        expected = (
            mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:64]).public_key().public_bytes_raw()
            + x25519.X25519PrivateKey.from_private_bytes(wide[64:]).public_key().public_bytes_raw()
        )
    else:
        wide = hashlib.shake_256(seed).digest(112)
        point = ec.derive_private_key(int.from_bytes(wide[64:]), ec.SECP384R1()).public_key()
        expected = mlkem.MLKEM1024PrivateKey.from_seed_bytes(
            wide[:64]
        ).public_key().public_bytes_raw() + point.public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
    assert RecipientKey.from_bytes(raw).public.to_bytes()[6:] == expected


def test_keys_survive_their_bytes(suite: str) -> None:
    key = holder(suite)
    assert RecipientKey.from_bytes(key.to_bytes()).public == key.public
    assert RecipientPublic.from_bytes(key.public.to_bytes()).key_id == key.key_id
    assert len({key.public, holder(suite, "b").public}) == 2
    assert key.public != key.key_id
    assert key.to_bytes()[6:].hex() not in repr(key) + repr(key.public)


def test_damaged_keys_are_refused(suite: str) -> None:
    private, public = holder(suite).to_bytes(), holder(suite).public.to_bytes()
    for parse, raw in ((RecipientKey.from_bytes, private), (RecipientPublic.from_bytes, public)):
        for other in (b"", raw[:-1], raw + b"\0", b"X" + raw[1:], raw[:4] + b"\2" + raw[5:]):
            with pytest.raises(FormatError):
                parse(other)
        with pytest.raises(SuiteError):
            parse(raw[:5] + b"\x09" + raw[6:])
    with pytest.raises(FormatError):
        RecipientPublic.from_bytes(public[:6] + b"\xff" * (len(public) - 6))
    with pytest.raises(SuiteError):
        RecipientKey.generate("x25519")


def test_a_curve_point_of_small_order_is_refused(suite: str) -> None:
    public = holder(suite).public.to_bytes()
    if suite == "std":
        with pytest.raises(FormatError):
            RecipientPublic.from_bytes(public[:-32] + bytes(32)).seal(b"s", b"i")
    else:
        with pytest.raises(FormatError):
            RecipientPublic.from_bytes(public[:-97] + b"\4" + bytes(96))
