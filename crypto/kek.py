"""Key-encryption keys: what wraps other keys, and what proves a record unchanged.

The root comes from a passphrase (Argon2id) or from 32 bytes that the caller keeps; a tenant's key
is wrapped by the root. AES-256-KWP is deterministic and needs no nonce; it binds no context, so
records carry an HMAC under a second key derived beside the wrapping key.
"""

import hmac
import secrets
from dataclasses import asdict, dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)
from typing_extensions import override

from crypto.encoding import Buffer, Fields, b64, document, unb64
from crypto.errors import ForgedError, FormatError
from policy.canonical import canonical

KEY = 32
_WRAP = b"sekisho/kek/wrap/v1"
_MAC = b"sekisho/kek/mac/v1"
_LIMIT = 4096
_SALT = (16, 64)
_ITERATIONS = (1, 64)
_LANES = (1, 16)
_MEMORY = (8 << 10, 4 << 20)


@dataclass(frozen=True, slots=True)
class Passphrase:
    """Argon2id parameters (RFC 9106 §4, second choice); `memory` in KiB. Public, kept beside.

    Bounded, since they are read before anything can be verified.
    """

    salt: bytes
    iterations: int = 3
    lanes: int = 4
    memory: int = 64 << 10

    def __post_init__(self) -> None:
        """Raise FormatError for parameters that are too weak or would exhaust the machine."""
        measured = (
            (len(self.salt), _SALT),
            (self.iterations, _ITERATIONS),
            (self.lanes, _LANES),
            (self.memory, _MEMORY),
        )
        if not all(low <= value <= high for value, (low, high) in measured):
            raise FormatError("passphrase: parameters out of bounds")

    @classmethod
    def fresh(cls) -> "Passphrase":
        """Return the default parameters with a new salt."""
        return cls(secrets.token_bytes(16))

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of the parameters."""
        return canonical({"v": 1, "kdf": "argon2id", **asdict(self), "salt": b64(self.salt)})

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "Passphrase":
        """Return the parameters; raises FormatError."""
        names = ("v", "kdf", "salt", "iterations", "lanes", "memory")
        fields = Fields(document(raw, "passphrase", limit=_LIMIT), names, "passphrase")
        if fields.number("v") != 1 or fields.text("kdf") != "argon2id":
            raise FormatError("passphrase: another version or derivation")
        salt = unb64(fields.text("salt"), "passphrase: salt")
        numbers = (fields.number(name) for name in names[3:])
        return cls(salt, *numbers)


class Kek:
    """A key-encryption key; holds bytearrays that `wipe` overwrites."""

    def __init__(self, key: Buffer) -> None:
        """Take 32 uniformly random bytes, or raise FormatError. The caller wipes its own copy."""
        if len(key) != KEY:
            raise FormatError("a key-encryption key has 32 bytes")
        self._wrap, self._mac = bytearray(KEY), bytearray(KEY)
        HKDFExpand(hashes.SHA384(), KEY, _WRAP).derive_into(key, self._wrap)
        HKDFExpand(hashes.SHA384(), KEY, _MAC).derive_into(key, self._mac)

    @classmethod
    def from_passphrase(cls, passphrase: bytes, parameters: Passphrase) -> "Kek":
        """Return the root key of a passphrase. A wrong one shows at the first record it opens."""
        key = bytearray(KEY)
        Argon2id(
            salt=parameters.salt,
            length=KEY,
            iterations=parameters.iterations,
            lanes=parameters.lanes,
            memory_cost=parameters.memory,
        ).derive_into(passphrase, key)
        made = cls(key)
        key[:] = bytes(KEY)
        return made

    def wrap(self, secret: Buffer) -> bytes:
        """Return a data key, seed or key container (1 to 4,096 bytes) wrapped."""
        if not 0 < len(secret) <= _LIMIT:
            raise FormatError("only keys are wrapped")
        return aes_key_wrap_with_padding(self._wrap, secret)

    def unwrap(self, wrapped: Buffer) -> bytearray:
        """Return what was wrapped; the caller wipes it. Raises ForgedError if altered."""
        try:
            return bytearray(aes_key_unwrap_with_padding(self._wrap, wrapped))
        except InvalidUnwrap:
            raise ForgedError("a wrapped key is altered or wrapped by another") from None

    def mac(self, message: Buffer) -> bytes:
        """Return the 48-byte HMAC-SHA384 of `message` under the record key."""
        return hmac.digest(self._mac, message, "sha384")

    def wipe(self) -> None:
        """Overwrite the key; nothing wrapped by it opens with this object any more.

        With random bytes: a key of zeros would still wrap, for anyone to unwrap.
        """
        self._wrap[:] = secrets.token_bytes(KEY)
        self._mac[:] = secrets.token_bytes(KEY)

    @override
    def __repr__(self) -> str:
        return "Kek(...)"
