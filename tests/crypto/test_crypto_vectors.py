"""Frozen bytes: what was sealed, signed or stored once must read the same for ever."""

import hashlib
import json
from pathlib import Path

import pytest

from crypto.envelope import Context, Envelope, Factor, open_key
from crypto.kek import Kek, Passphrase
from crypto.keystate import Operation
from crypto.keystore import KeyRecord
from crypto.manifest import Header, Manifest
from crypto.payload import open_segment
from crypto.permit import verify_permit
from crypto.recipient import RecipientKey, answer
from crypto.signing import SigningKey
from crypto.suites import SUITES as REGISTRY
from crypto.trust import TrustBundle
from tests.crypto import cobblestone_reader
from tests.crypto.samples import SUITES

HERE = Path(__file__).parent / "vectors"


def vector(name: str) -> dict[str, object]:
    return json.loads((HERE / f"{name}.json").read_text())


def test_suites_stay_what_their_ids_say() -> None:
    now = {
        name: [s.code, s.floor, s.kem, s.kdf, s.aead, s.payload, *s.signatures]
        for name, s in REGISTRY.items()
    }
    assert now == vector("suites")["expect"]


@pytest.mark.parametrize("suite", SUITES)
def test_keys_expand_as_ever(suite: str) -> None:
    case = vector(f"keys-{suite}")
    recipient = RecipientKey.from_bytes(bytes.fromhex(case["recipient_private"]))
    signing = SigningKey.from_bytes(bytes.fromhex(case["signing_private"]))
    assert case["expect"] == {
        "recipient_public_sha256": hashlib.sha256(recipient.public.to_bytes()).hexdigest(),
        "recipient_key_id": recipient.key_id,
        "verify_key_sha256": hashlib.sha256(signing.public.to_bytes()).hexdigest(),
        "verify_key_id": signing.key_id,
    }
    line = case["signature"]
    signing.public.verify(line["domain"], line["message"].encode(), bytes.fromhex(line["hex"]))


@pytest.mark.parametrize("suite", SUITES)
def test_envelopes_and_challenges_open_as_ever(suite: str) -> None:
    case = vector(f"envelope-{suite}")
    key = RecipientKey.from_bytes(bytes.fromhex(case["recipient_private"]))
    context = Context.from_json(case["context"])
    factors = [Factor(kind, name, bytes.fromhex(raw)) for kind, name, raw in case["factors"]]
    plain = Envelope.from_bytes(case["plain"].encode())
    combined = Envelope.from_bytes(case["with_factors"].encode())
    assert open_key(plain, key, context, now=0).hex() == case["expect"]["dek"]
    assert open_key(combined, key, context, factors, now=0).hex() == case["expect"]["dek"]
    blob, bound = bytes.fromhex(case["challenge"]), case["challenge_context"].encode()
    assert answer(key, blob, bound).hex() == case["expect"]["answer"]


@pytest.mark.parametrize("suite", SUITES)
def test_permits_verify_as_ever(suite: str) -> None:
    case = vector(f"permit-{suite}")
    now = case["now"]
    trust = TrustBundle(1, now, now + 1, {"permit": (bytes.fromhex(case["verify_key"]),)}, {})
    claims = verify_permit(case["permit"].encode(), trust, now)
    assert claims.digest == case["expect"]["digest"]
    assert json.loads(claims.to_bytes()) == case["expect"]["claims"]


def test_segments_open_as_ever() -> None:
    case = vector("segment")
    dek, sealed = bytes.fromhex(case["dek"]), bytes.fromhex(case["sealed"])
    header, size = Header.from_json(case["header"]), case["expect"]["length"]
    digests = (b"", b"", hashlib.sha256(sealed).digest())
    manifest = Manifest(header, 2 * header.segment_size + size, "", digests)
    plain = open_segment(manifest, dek, case["index"], sealed)
    assert plain.decode() == case["expect"]["plain"]
    name = header.object.encode()
    place = b"sekisho/seg/v1" + len(name).to_bytes(4) + name + (2).to_bytes(8) + b"\1"
    assert cobblestone_reader.read(dek, place + header.digest, sealed) == plain


def test_records_open_as_ever() -> None:
    case = vector("record")
    kek = Kek(bytes.fromhex(case["kek"]))
    record = KeyRecord.from_bytes(case["record"].encode(), kek)
    assert record.epoch == case["expect"]["epoch"]
    dek = record.unwrap(kek, Operation.PROCESS, case["now"])
    assert dek.hex() == case["expect"]["dek"]
    line = case["passphrase"]
    parameters = Passphrase.from_bytes(line["parameters"].encode())
    root = Kek.from_passphrase(line["passphrase"].encode(), parameters)
    assert root.unwrap(bytes.fromhex(line["wrapped"])) == dek


def test_the_published_x_wing_seed_gives_the_published_key() -> None:
    """The first vector of draft-connolly-cfrg-xwing-kem."""
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    key = RecipientKey.from_bytes(b"SKRK\x01\x01" + seed)
    assert key.public.to_bytes()[6:14].hex() == "e2236b35a8c24b39"
