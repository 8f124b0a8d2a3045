"""Small programs that make well-formed objects of every kind, for tests to damage."""

import hashlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pytest

from crypto.container import seal_file
from crypto.envelope import Context, Envelope, seal_key
from crypto.errors import CryptoError
from crypto.kek import Kek
from crypto.keystore import KeyKind, KeyRecord, new_record
from crypto.manifest import Header
from crypto.permit import PermitClaims
from crypto.receipt import Receipt
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from crypto.trust import Root, SiteTrust, TrustBundle, sign_bundle

NOW = 1_800_000_000
DEK = bytes(range(32))
CONTENT = "sha256:" + "c" * 64
LABEL = "sha256:" + "1" * 64
TLS = "sha256:" + "7" * 64
SUITES = ("std", "gov")


@cache
def signer(suite: str, name: str = "a") -> SigningKey:
    """One key for each name, made once."""
    assert name
    return SigningKey.generate(suite)


@cache
def holder(suite: str, name: str = "a") -> RecipientKey:
    """One recipient for each name, made once."""
    assert name
    return RecipientKey.generate(suite)


@cache
def kek(name: str = "root") -> Kek:
    """One key-encryption key for each name."""
    return Kek(hashlib.sha256(name.encode()).digest())


def context(suite: str = "std", *, content: str = CONTENT, dataset: str = "patients") -> Context:
    return Context(
        dataset=dataset,
        content=content,
        label=LABEL,
        permit="sha256:" + "9" * 64,
        source="TYO",
        destination="OSA",
        suite=suite,
        recipient=holder(suite).key_id,
        epoch=1,
        not_after=NOW + 600,
    )


def envelope(suite: str = "std") -> Envelope:
    return seal_key(DEK, holder(suite).public, context(suite))


def claims(suite: str = "std", **changes: object) -> PermitClaims:
    members: dict[str, object] = {
        "id": "permit-1",
        "dataset": "patients",
        "content": CONTENT,
        "label": LABEL,
        "revision": "sha256:" + "2" * 64,
        "epoch": "1",
        "sites": ("TYO", "NGO", "OSA"),
        "spans": ("s1", "s2"),
        "source": "TYO",
        "destination": "OSA",
        "suite": suite,
        "obligations": ({"code": "retain", "args": {"days": 30}},),
        "not_before": NOW,
        "expires": NOW + 600,
        "nonce": "n-1",
        "log_index": 7,
    }
    return PermitClaims(**{**members, **changes})


@cache
def root() -> Root:
    keys = tuple(signer("gov", f"root-{n}").public for n in range(3))
    return Root(keys, threshold=2)


def bundle(**changes: object) -> TrustBundle:
    members: dict[str, object] = {
        "version": 4,
        "issued": NOW,
        "expires": NOW + 86_400,
        "keys": {
            "permit": (
                signer("std", "permit").public.to_bytes(),
                signer("gov", "permit").public.to_bytes(),
            ),
            "site:TYO": (signer("std", "TYO").public.to_bytes(),),
            "log": (b"log.example+00000000+AQ==",),
        },
        "sites": {"OSA": SiteTrust(holder("std").public.to_bytes(), TLS)},
    }
    return TrustBundle(**{**members, **changes})


def signed_bundle(made: TrustBundle | None = None, *, roots: tuple[int, ...] = (0, 1)) -> bytes:
    return sign_bundle(made or bundle(), [signer("gov", f"root-{n}") for n in roots])


def receipt(**changes: object) -> Receipt:
    members: dict[str, object] = {
        "passage": "p-1",
        "permit": "sha256:" + "9" * 64,
        "site": "TYO",
        "source": "TYO",
        "destination": "NGO",
        "spans": ("s1",),
        "segments": 3,
        "octets": 4096,
        "root": "sha256:" + "3" * 64,
        "started": NOW,
        "ended": NOW + 5,
    }
    return Receipt(**{**members, **changes})


def record(**changes: object) -> KeyRecord:
    members: dict[str, object] = {
        "id": "dek-1",
        "kind": KeyKind.DATA,
        "owner": "tenant-1",
        "suite": "std",
        "parent": "root-1",
        "now": NOW,
    }
    return new_record(DEK, kek(), **{**members, **changes})


def sealed_file(plain: bytes, *, segment: int = 1024, threads: int = 1) -> bytes:
    content = "sha256:" + hashlib.sha256(plain).hexdigest()
    bound = context(content=content)
    pair = (bound, seal_key(DEK, holder("std").public, bound))
    header = Header("object-1", "patients", LABEL, "std", segment)
    out = BytesIO()
    seal_file(
        out, header, DEK, BytesIO(plain), envelopes=[pair], key=signer("std"), threads=threads
    )
    return out.getvalue()


def flipped(raw: bytes, place: int, mask: int) -> bytes:
    """`raw` with the bits of `mask` changed in one byte."""
    at = place % len(raw)
    return raw[:at] + bytes((raw[at] ^ mask,)) + raw[at + 1 :]


def refused(call: Callable[[], object]) -> None:
    """Pass if `call` raises a CryptoError: never another exception, never an answer."""
    with pytest.raises(CryptoError):
        call()
