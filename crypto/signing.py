"""Hybrid signing keys: two signatures of two families, both required.

Breaking one family forges nothing. What is signed starts with the domain and the fingerprint of
the whole key, so that a signature says nothing in another place and neither half can be moved to
another pair. Private keys are seeds.
"""

import hashlib
import secrets
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from typing_extensions import override

from crypto.encoding import Buffer, frame, lv, unframe
from crypto.errors import ForgedError, FormatError
from crypto.suites import Suite, coded, suite

_PRIVATE = b"SKSK"
_PUBLIC = b"SKVK"
_SIGNATURE = b"SKSG"
_SIGNED = b"sekisho/sig/v1"
_SEED = 32
_SCALAR = 48
_HASH = ec.ECDSA(hashes.SHA384())

_Lattice: TypeAlias = mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey
_LatticeKey: TypeAlias = mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
_Curve: TypeAlias = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey
_CurveKey: TypeAlias = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey


def fingerprint(public: Buffer) -> str:
    """Return the key id of public key bytes: the first 16 hex digits of their SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def _lengths(chosen: Suite) -> tuple[int, int, int, int]:
    """Return lengths: lattice public key, curve public key, lattice and curve signature."""
    return (1952, 32, 3309, 64) if chosen.id == "std" else (2592, 97, 4627, 96)


class VerifyKey:
    """The public half. Never more than what `to_bytes` holds."""

    def __init__(self, chosen: Suite, lattice: _Lattice, curve: _Curve) -> None:
        """Built by `from_bytes` or `SigningKey.public`."""
        self.suite = chosen.id
        self._chosen, self._lattice, self._curve = chosen, lattice, curve
        self._raw = frame(_PUBLIC, chosen.code, lattice.public_bytes_raw() + _point(curve))
        self.key_id = fingerprint(self._raw)

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "VerifyKey":
        """Return the key.

        Raises:
            FormatError: not the bytes of a verify key.
            SuiteError: of an unknown or retired suite.
        """
        code, body = unframe(raw, _PUBLIC, "verify key")
        chosen = coded(code)
        lattice, curve, _, _ = _lengths(chosen)
        if len(body) != lattice + curve:
            raise FormatError("a verify key of the wrong length")
        first, second = body[:lattice], body[lattice:]
        try:
            if chosen.id == "std":
                return cls(
                    chosen,
                    mldsa.MLDSA65PublicKey.from_public_bytes(first),
                    ed25519.Ed25519PublicKey.from_public_bytes(second),
                )
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), second)
            return cls(chosen, mldsa.MLDSA87PublicKey.from_public_bytes(first), point)
        except ValueError:
            raise FormatError("a verify key that is no key") from None

    def to_bytes(self) -> bytes:
        """Return magic, version, suite code and the two raw public keys."""
        return self._raw

    def verify(self, domain: str, message: Buffer, signature: Buffer) -> None:
        """Return if both signatures of `message` hold in `domain`.

        Raises:
            ForgedError: otherwise, whatever the signature bytes are.
        """
        try:
            code, body = unframe(signature, _SIGNATURE, "signature")
        except FormatError:
            raise ForgedError("not a signature") from None
        _, _, lattice, curve = _lengths(self._chosen)
        if code != self._chosen.code or len(body) != lattice + curve:
            raise ForgedError("not a signature of this suite")
        prefixed = _prefixed(self._chosen, domain, self._raw, message)
        self.verify_half(0, prefixed, body[:lattice])
        self.verify_half(1, prefixed, body[lattice:])

    def verify_half(self, half: int, message: Buffer, signature: Buffer) -> None:
        """Return if one bare signature of `message` itself holds (0 ML-DSA, 1 classical).

        For JWS alone, which checks both halves; raises ForgedError.
        """
        try:
            if half == 0:
                self._lattice.verify(signature, message)
            elif isinstance(self._curve, ed25519.Ed25519PublicKey):
                self._curve.verify(bytes(signature), bytes(message))
            else:
                self._curve.verify(_der(signature), bytes(message), _HASH)
        except (InvalidSignature, ValueError):
            raise ForgedError("a signature does not verify") from None

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, VerifyKey) and self._raw == other._raw

    @override
    def __hash__(self) -> int:
        return hash(self._raw)

    @override
    def __repr__(self) -> str:
        return f"VerifyKey({self.suite}, {self.key_id})"


class SigningKey:
    """The private half, as two seeds."""

    def __init__(self, chosen: Suite, lattice: Buffer, curve: Buffer) -> None:
        """Built by `generate` or `from_bytes`; raises ValueError for seeds that are no keys."""
        self._chosen, self._seeds = chosen, bytes(lattice) + bytes(curve)
        self._lattice: _LatticeKey
        self._curve: _CurveKey
        if chosen.id == "std":
            self._lattice = mldsa.MLDSA65PrivateKey.from_seed_bytes(lattice)
            self._curve = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(curve))
        else:
            self._lattice = mldsa.MLDSA87PrivateKey.from_seed_bytes(lattice)
            scalar = int.from_bytes(curve, "big")
            self._curve = ec.derive_private_key(scalar, ec.SECP384R1())
        self.public = VerifyKey(chosen, self._lattice.public_key(), self._curve.public_key())
        self.suite = chosen.id
        self.key_id = self.public.key_id

    @classmethod
    def generate(cls, suite_id: str) -> "SigningKey":
        """Return a new key of the suite; raises SuiteError for an unknown or retired one."""
        chosen = suite(suite_id)
        lattice = secrets.token_bytes(_SEED)
        if chosen.id == "std":
            return cls(chosen, lattice, secrets.token_bytes(_SEED))
        scalar = ec.generate_private_key(ec.SECP384R1()).private_numbers().private_value
        return cls(chosen, lattice, scalar.to_bytes(_SCALAR, "big"))

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "SigningKey":
        """Return the key; raises FormatError or SuiteError as `VerifyKey.from_bytes` does."""
        code, body = unframe(raw, _PRIVATE, "signing key")
        chosen = coded(code)
        if len(body) != _SEED + (_SEED if chosen.id == "std" else _SCALAR):
            raise FormatError("a signing key of the wrong length")
        try:
            return cls(chosen, body[:_SEED], body[_SEED:])
        except ValueError:
            raise FormatError("a signing key that is no key") from None

    def to_bytes(self) -> bytes:
        """Return magic, version, suite code and the two seeds: secret."""
        return frame(_PRIVATE, self._chosen.code, self._seeds)

    def sign(self, domain: str, message: Buffer) -> bytes:
        """Return both signatures of `message` in `domain`, with magic, version and suite code."""
        prefixed = _prefixed(self._chosen, domain, self.public.to_bytes(), message)
        halves = self.sign_half(0, prefixed) + self.sign_half(1, prefixed)
        return frame(_SIGNATURE, self._chosen.code, halves)

    def sign_half(self, half: int, message: Buffer) -> bytes:
        """Return one bare signature of `message` itself (0 ML-DSA, 1 classical). For JWS alone."""
        if half == 0:
            return self._lattice.sign(message)
        if isinstance(self._curve, ed25519.Ed25519PrivateKey):
            return self._curve.sign(bytes(message))
        return _fixed(self._curve.sign(bytes(message), _HASH))

    @override
    def __repr__(self) -> str:
        return f"SigningKey({self.suite}, {self.key_id})"


def _prefixed(chosen: Suite, domain: str, public: bytes, message: Buffer) -> bytes:
    owner = hashlib.sha256(public).digest()
    return lv(_SIGNED, chosen.id.encode(), domain.encode(), owner) + bytes(message)


def _point(key: _Curve) -> bytes:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key.public_bytes_raw()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _fixed(der: bytes) -> bytes:
    """Return r and s in 48 bytes each (RFC 7518 §3.4): one spelling, unlike DER."""
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(_SCALAR, "big") + s.to_bytes(_SCALAR, "big")


def _der(fixed: Buffer) -> bytes:
    if len(fixed) != 2 * _SCALAR:
        raise ValueError(len(fixed))
    r, s = (int.from_bytes(half, "big") for half in (fixed[:_SCALAR], fixed[_SCALAR:]))
    return utils.encode_dss_signature(r, s)
