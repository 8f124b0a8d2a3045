"""Envelopes: opened by one recipient, in one context, with exactly the named factors."""

from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives import keywrap
from hypothesis import given, settings, strategies as st

from crypto.encoding import b64
from crypto.envelope import Context, Envelope, Factor, open_key, seal_key
from crypto.errors import CryptoError, ForgedError, FormatError, SuiteError, TrustError
from crypto.recipient import RecipientPublic
from policy.canonical import canonical
from tests.crypto.samples import DEK, NOW, SUITES, context, envelope, flipped, holder, refused

QKD = Factor("qkd", "kme-1/uuid-1", b"q" * 32)
PSK = Factor("psk", "shared-1", b"p" * 48)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("factors", [(), (QKD,), (PSK,), (QKD, PSK), (PSK, QKD)])
def test_the_data_key_reaches_its_recipient(suite: str, factors: tuple[Factor, ...]) -> None:
    sealed = seal_key(DEK, holder(suite).public, context(suite), factors)
    read = Envelope.from_bytes(sealed.to_bytes())
    assert read == sealed
    opened = open_key(read, holder(suite), context(suite), factors[::-1], now=NOW)
    assert isinstance(opened, bytearray)
    assert opened == DEK


@pytest.mark.parametrize("name", [field.name for field in fields(Context)])
def test_every_part_of_the_context_is_bound(name: str) -> None:
    """The substitution also rewrites the recipient's belief, so that only the binding stops it."""
    right = context()
    value = getattr(right, name)
    wrong = replace(right, **{name: value + 1 if isinstance(value, int) else value + "x"})
    with pytest.raises(CryptoError):
        open_key(envelope(), holder("std"), wrong, now=NOW)
    with pytest.raises(ForgedError):
        holder("std").open(envelope().sealed, wrong.to_bytes())


@pytest.mark.parametrize("suite", SUITES)
@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=60)
def test_any_changed_byte_is_refused(suite: str, place: int, mask: int) -> None:
    raw = flipped(_raw(suite), place, mask)
    refused(lambda: open_key(Envelope.from_bytes(raw), holder(suite), context(suite), now=NOW))


@given(cut=st.integers(0, 5000), more=st.binary(min_size=1, max_size=4))
@settings(max_examples=40)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    raw = _raw("std")
    refused(lambda: Envelope.from_bytes(raw[: cut % len(raw)]))
    refused(lambda: Envelope.from_bytes(raw + more))


def test_another_recipient_cannot_open_it_whatever_it_claims() -> None:
    other = holder("std", "b")
    with pytest.raises(TrustError):
        open_key(envelope(), other, context(), now=NOW)
    stolen = replace(envelope(), recipient=other.key_id)
    with pytest.raises(ForgedError):
        open_key(stolen, other, replace(context(), recipient=other.key_id), now=NOW)


def test_a_swapped_suite_is_refused() -> None:
    for made, claimed in (("gov", "std"), ("std", "gov")):
        wrong = replace(envelope(made), suite=claimed)
        for suite in SUITES:
            with pytest.raises((SuiteError, TrustError)):
                open_key(wrong, holder(suite), context(suite), now=NOW)
            believed = replace(context(suite), recipient=holder(made).key_id)
            with pytest.raises(SuiteError):
                open_key(wrong, holder(made), believed, now=NOW)
    with pytest.raises(SuiteError):
        seal_key(DEK, holder("std").public, context("gov"))
    raw = _raw("std").replace(b'"suite":"std"', b'"suite":"classical"')
    with pytest.raises(SuiteError):
        Envelope.from_bytes(raw)


def test_an_envelope_is_of_no_use_after_its_time() -> None:
    last = context().not_after
    assert last is not None
    assert open_key(envelope(), holder("std"), context(), now=last - 1) == DEK
    with pytest.raises(TrustError):
        open_key(envelope(), holder("std"), context(), now=last)
    keeping = replace(context(), not_after=None)
    kept = seal_key(DEK, holder("std").public, keeping)
    assert open_key(kept, holder("std"), keeping, now=1 << 40) == DEK


@pytest.mark.parametrize(
    "given_factors",
    [(), (PSK,), (QKD, PSK), (QKD, QKD), (replace(QKD, id="kme-1/uuid-2"),)],
)
def test_other_factors_than_named_are_refused(given_factors: tuple[Factor, ...]) -> None:
    sealed = seal_key(DEK, holder("std").public, context(), [QKD])
    with pytest.raises(TrustError):
        open_key(sealed, holder("std"), context(), given_factors, now=NOW)


def test_a_factor_with_another_secret_does_not_open_it() -> None:
    sealed = seal_key(DEK, holder("std").public, context(), [QKD])
    with pytest.raises(ForgedError):
        open_key(sealed, holder("std"), context(), [replace(QKD, secret=b"x" * 32)], now=NOW)


def test_a_factor_cannot_be_stripped_from_an_envelope() -> None:
    sealed = replace(seal_key(DEK, holder("std").public, context(), [QKD]), factors=())
    with pytest.raises(ForgedError):
        open_key(sealed, holder("std"), context(), now=NOW)


def test_malformed_factors_are_refused() -> None:
    for kind, name, secret in (("otp", "a", b"x" * 32), ("psk", "", b"x" * 32), ("psk", "a", b"x")):
        with pytest.raises(FormatError):
            Factor(kind, name, secret)
    with pytest.raises(FormatError):
        seal_key(DEK, holder("std").public, context(), [QKD, replace(QKD, id="other")])
    assert "qqqq" not in repr(QKD)


@pytest.mark.parametrize(
    "factors",
    [[["psk", "a"], ["qkd", "b"]], [["otp", "a"]], [["qkd"]], ["qkd"], [["qkd", 1]], [["qkd", ""]]],
)
def test_malformed_headers_are_refused(factors: list[object]) -> None:
    raw = canonical({**envelope().header, "factors": factors, "sealed": "", "wrapped": ""})
    with pytest.raises(FormatError):
        Envelope.from_bytes(raw)


def test_another_version_is_refused() -> None:
    with pytest.raises(FormatError):
        Envelope.from_bytes(_raw("std").replace(b'"v":1', b'"v":2'))
    with pytest.raises(FormatError):
        Context.from_json({**_json(context()), "v": 2})
    assert Context.from_json(_json(context())) == context()


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_only_keys_of_32_bytes_travel(length: int) -> None:
    with pytest.raises(FormatError):
        seal_key(bytes(length), holder("std").public, context())


def test_what_a_malicious_sender_seals_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """HPKE has no sender: anyone can seal a short secret or key to a recipient."""
    real = RecipientPublic.seal
    monkeypatch.setattr(RecipientPublic, "seal", lambda key, _, info: real(key, b"short", info))
    with pytest.raises(ForgedError, match="no secret"):
        open_key(envelope(), holder("std"), context(), now=NOW)
    monkeypatch.undo()
    wrap = keywrap.aes_key_wrap_with_padding
    name = "crypto.envelope.aes_key_wrap_with_padding"
    monkeypatch.setattr(name, lambda key, dek: wrap(key, dek[:16]))
    with pytest.raises(ForgedError, match="no key"):
        open_key(envelope(), holder("std"), context(), now=NOW)


def test_two_envelopes_of_one_key_share_no_bytes_that_matter() -> None:
    one, two = envelope(), envelope()
    assert one.sealed != two.sealed
    assert one.wrapped != two.wrapped
    assert b64(DEK).encode() not in one.to_bytes()


_MADE: dict[str, bytes] = {}


def _raw(suite: str) -> bytes:
    return _MADE.setdefault(suite, envelope(suite).to_bytes())


def _json(made: Context) -> dict[str, object]:
    return {"v": 1, **{field.name: getattr(made, field.name) for field in fields(Context)}}
