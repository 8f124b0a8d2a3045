"""Recipients' hybrid KEM keys, and the proof that somebody holds one.

The private container is one 32-byte seed, expanded as X-Wing does: SHAKE256 gives the ML-KEM seed
(64 bytes) and then the curve key (32 bytes X25519, or 48 bytes as a P-384 scalar). Does not know
what is sent: `envelope` binds that.
"""

import hashlib
import hmac
import secrets
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typing_extensions import override

from crypto.encoding import Buffer, frame, lv, unframe
from crypto.errors import ForgedError, FormatError
from crypto.signing import fingerprint
from crypto.suites import Suite, coded, suite

_PRIVATE = b"SKRK"
_PUBLIC = b"SKRP"
_POSSESSION = b"sekisho/possession/v1"
_ANSWER = b"sekisho/possession/answer/v1"
SEED = 32
_MLKEM_SEED = 64
_HPKE = {
    "std": hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
    "gov": hpke.Suite(hpke.KEM.MLKEM1024_P384, hpke.KDF.HKDF_SHA384, hpke.AEAD.AES_256_GCM),
}
_MLKEM_LENGTH = {"std": 1184, "gov": 1568}
_CURVE_LENGTH = {"std": 32, "gov": 97}

_Public: TypeAlias = hpke.MLKEM768X25519PublicKey | hpke.MLKEM1024P384PublicKey
_Private: TypeAlias = hpke.MLKEM768X25519PrivateKey | hpke.MLKEM1024P384PrivateKey


class RecipientPublic:
    """The public half: what a trust bundle binds to a site."""

    def __init__(self, chosen: Suite, raw: bytes, key: _Public) -> None:
        """Built by `from_bytes` or `RecipientKey.public`."""
        self.suite = chosen.id
        self._raw = raw
        self._key = key
        self.key_id = fingerprint(raw)

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "RecipientPublic":
        """Return the key.

        Raises:
            FormatError: not the bytes of a recipient key.
            SuiteError: of an unknown or retired suite.
        """
        code, body = unframe(raw, _PUBLIC, "recipient key")
        chosen = coded(code)
        split = _MLKEM_LENGTH[chosen.id]
        if len(body) != split + _CURVE_LENGTH[chosen.id]:
            raise FormatError("a recipient key of the wrong length")
        try:
            key = _public(chosen, body[:split], body[split:])
        except ValueError:
            raise FormatError("a recipient key that is no key") from None
        return cls(chosen, bytes(raw), key)

    def to_bytes(self) -> bytes:
        """Return magic, version, suite code and the two raw public keys."""
        return self._raw

    def seal(self, secret: Buffer, info: Buffer) -> bytes:
        """Return the HPKE ciphertext of `secret`; `info` must be known to open it.

        Raises:
            FormatError: the curve key is of small order.
        """
        try:
            return _HPKE[self.suite].encrypt(secret, self._key, info=info)
        except ValueError:
            raise FormatError("a recipient key that nothing can be sealed to") from None

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, RecipientPublic) and self._raw == other._raw

    @override
    def __hash__(self) -> int:
        return hash(self._raw)

    @override
    def __repr__(self) -> str:
        return f"RecipientPublic({self.suite}, {self.key_id})"


class RecipientKey:
    """The private half, held as its seed."""

    def __init__(self, chosen: Suite, seed: Buffer) -> None:
        """Built by `generate` or `from_bytes`; raises ValueError for a seed that is no key."""
        self.suite = chosen.id
        self._chosen = chosen
        self._seed = bytes(seed)
        self._key, body = _expand(chosen, self._seed)
        raw = frame(_PUBLIC, chosen.code, body)
        self.public = RecipientPublic(chosen, raw, self._key.public_key())
        self.key_id = self.public.key_id

    @classmethod
    def generate(cls, suite_id: str) -> "RecipientKey":
        """Return a new key of the suite; raises SuiteError for an unknown or retired one."""
        return cls(suite(suite_id), secrets.token_bytes(SEED))

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "RecipientKey":
        """Return the key; raises FormatError or SuiteError as `RecipientPublic.from_bytes` does."""
        code, seed = unframe(raw, _PRIVATE, "recipient private key")
        chosen = coded(code)
        if len(seed) != SEED:
            raise FormatError("a recipient private key of the wrong length")
        try:
            return cls(chosen, seed)
        except ValueError:  # pragma: no cover - one seed in 2**189
            raise FormatError("a recipient private key that is no key") from None

    def to_bytes(self) -> bytes:
        """Return magic, version, suite code and the seed: secret."""
        return frame(_PRIVATE, self._chosen.code, self._seed)

    def open(self, sealed: Buffer, info: Buffer) -> bytes:
        """Return what was sealed to this key under `info`.

        Raises:
            ForgedError: altered, for another key, or under another `info`.
        """
        try:
            return _HPKE[self.suite].decrypt(sealed, self._key, info=info)
        except (InvalidTag, ValueError):
            raise ForgedError("sealed for another key or context, or altered") from None

    @override
    def __repr__(self) -> str:
        return f"RecipientKey({self.suite}, {self.key_id})"


def challenge(public: RecipientPublic, context: Buffer) -> tuple[bytes, bytes]:
    """Return a fresh challenge and the answer to expect.

    `context` is what the proof is for (passage, nonce, time): the same bytes must reach `answer`.
    """
    secret = secrets.token_bytes(32)
    blob = public.seal(secret, lv(_POSSESSION, context))
    return blob, _answer(secret, blob, public, context)


def answer(key: RecipientKey, blob: Buffer, context: Buffer) -> bytes:
    """Return the answer to a challenge, as only the holder of `key` can.

    Raises:
        ForgedError: the challenge is for another key or context.
    """
    secret = key.open(blob, lv(_POSSESSION, context))
    return _answer(secret, blob, key.public, context)


def check_answer(expected: Buffer, given: Buffer) -> None:
    """Raise ForgedError unless the answer is the expected one; in constant time."""
    if not hmac.compare_digest(expected, given):
        raise ForgedError("the recipient key was not proven")


def _answer(secret: bytes, blob: Buffer, public: RecipientPublic, context: Buffer) -> bytes:
    transcript = lv(_ANSWER, blob, public.to_bytes(), context)
    return hmac.digest(secret, transcript, "sha384")


def _public(chosen: Suite, lattice: bytes, curve: bytes) -> _Public:
    if chosen.id == "std":
        return hpke.MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(lattice),
            x25519.X25519PublicKey.from_public_bytes(curve),
        )
    return hpke.MLKEM1024P384PublicKey(
        mlkem.MLKEM1024PublicKey.from_public_bytes(lattice),
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), curve),
    )


def _expand(chosen: Suite, seed: bytes) -> tuple[_Private, bytes]:
    """Return the private key of a seed and the raw public keys."""
    if chosen.id == "std":
        wide = hashlib.shake_256(seed).digest(_MLKEM_SEED + 32)
        low = mlkem.MLKEM768PrivateKey.from_seed_bytes(wide[:_MLKEM_SEED])
        montgomery = x25519.X25519PrivateKey.from_private_bytes(wide[_MLKEM_SEED:])
        raw = low.public_key().public_bytes_raw() + montgomery.public_key().public_bytes_raw()
        return hpke.MLKEM768X25519PrivateKey(low, montgomery), raw
    wide = hashlib.shake_256(seed).digest(_MLKEM_SEED + 48)
    high = mlkem.MLKEM1024PrivateKey.from_seed_bytes(wide[:_MLKEM_SEED])
    weierstrass = ec.derive_private_key(int.from_bytes(wide[_MLKEM_SEED:], "big"), ec.SECP384R1())
    point = weierstrass.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return hpke.MLKEM1024P384PrivateKey(high, weierstrass), (
        high.public_key().public_bytes_raw() + point
    )
