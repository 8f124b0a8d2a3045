"""Every parser of the package, given hostile bytes: a CryptoError or a value, never a crash."""

import contextlib
import json
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings, strategies as st

from crypto.container import SealedFile
from crypto.envelope import Envelope
from crypto.errors import CryptoError
from crypto.kek import Passphrase
from crypto.keystore import KeyRecord
from crypto.manifest import Manifest, claimed_manifest, verify_manifest
from crypto.permit import PermitClaims, verify_permit
from crypto.receipt import Receipt, verify_receipt
from crypto.recipient import RecipientKey, RecipientPublic
from crypto.signing import SigningKey, VerifyKey
from crypto.trust import Root, TrustBundle, verify_bundle
from policy.canonical import canonical
from tests.crypto import samples
from tests.crypto.samples import NOW

Parser = Callable[[bytes], object]
PARSERS: dict[str, tuple[Parser, Callable[[], bytes]]] = {
    "envelope": (Envelope.from_bytes, lambda: samples.envelope().to_bytes()),
    "passphrase": (Passphrase.from_bytes, lambda: Passphrase.fresh().to_bytes()),
    "record": (
        lambda raw: KeyRecord.from_bytes(raw, samples.kek()),
        lambda: samples.record().to_bytes(samples.kek()),
    ),
    "manifest": (Manifest.from_bytes, lambda: samples.sealed_file(b"")),
    "signed manifest": (
        lambda raw: verify_manifest(raw, [samples.signer("std").public]),
        lambda: samples.sealed_file(b""),
    ),
    "claimed manifest": (claimed_manifest, lambda: samples.sealed_file(b"")),
    "claims": (PermitClaims.from_bytes, lambda: samples.claims().to_bytes()),
    "permit": (
        lambda raw: verify_permit(raw, samples.bundle(), NOW),
        lambda: samples.claims().to_bytes(),
    ),
    "receipt": (Receipt.from_bytes, lambda: samples.receipt().to_bytes()),
    "signed receipt": (
        lambda raw: verify_receipt(raw, samples.bundle(), NOW),
        lambda: samples.receipt().to_bytes(),
    ),
    "recipient key": (RecipientKey.from_bytes, lambda: samples.holder("std").to_bytes()),
    "recipient": (RecipientPublic.from_bytes, samples.holder("gov").public.to_bytes),
    "signing key": (SigningKey.from_bytes, lambda: samples.signer("gov").to_bytes()),
    "verify key": (VerifyKey.from_bytes, samples.signer("gov").public.to_bytes),
    "root": (Root.from_bytes, lambda: samples.root().to_bytes()),
    "bundle": (TrustBundle.from_bytes, lambda: samples.bundle().to_bytes()),
    "signed bundle": (
        lambda raw: verify_bundle(raw, samples.root(), now=NOW, at_least=0),
        samples.signed_bundle,
    ),
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1 << 60) | st.text("ab=é", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab"), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_no_bytes_break_a_parser(name: str, data: st.DataObject) -> None:
    parse, make = PARSERS[name]
    good = make()
    at = data.draw(st.integers(0, len(good)))
    middle = data.draw(st.binary(max_size=6))
    skip = data.draw(st.integers(0, 8))
    for raw in (middle, good[:at] + middle + good[at + skip :], good[at:], b"{}" + middle):
        with contextlib.suppress(CryptoError):
            parse(raw)


@pytest.mark.parametrize("name", ["envelope", "passphrase", "claims", "receipt", "root", "bundle"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_member_of_another_type_breaks_a_parser(name: str, data: st.DataObject) -> None:
    parse, make = PARSERS[name]
    document = json.loads(make())
    member = data.draw(st.sampled_from(sorted(document)))
    document[member] = data.draw(json_values)
    with contextlib.suppress(CryptoError):
        parse(canonical(document))


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[" * 100_000, b'{"a":' * 100_000, b"\0" * 64, b"9" * 100_000]
)
@pytest.mark.parametrize("name", PARSERS)
def test_classic_bombs_are_refused(name: str, raw: bytes) -> None:
    with pytest.raises(CryptoError):
        PARSERS[name][0](raw)


def test_a_huge_claimed_length_allocates_nothing() -> None:
    foot = (1 << 63).to_bytes(8) + b"\x01OHSIKES"
    with pytest.raises(CryptoError):
        SealedFile.open(BytesIO(b"SEKISHO\x01" + b"\xff" * 40 + foot), [])
