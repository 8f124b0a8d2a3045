"""The keys of note lines: Ed25519 (type 0x01) and ML-DSA-44 (type 0x06).

An Ed25519 line signs the note's text. An ML-DSA-44 line is the timestamped cosignature of C2SP
tlog-cosignature, which a log also uses for its own checkpoints: it signs a binary statement of
signer, time, origin, size and root, so its text must be a checkpoint.
"""

import hashlib
import secrets
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from crypto.errors import ForgedError, FormatError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.checkpoint import Checkpoint, check_name
from crypto.tlog.note import KEY_ID_SIZE, Signature

SEED_SIZE: Final = 32
_TIME: Final = struct.Struct(">Q")
_LATEST: Final = 2**63 - 1
_VERSION: Final = 1


class KeyKind(IntEnum):
    """The signature types of a vkey that are understood here."""

    ED25519 = 0x01
    MLDSA44 = 0x06


_PUBLIC_SIZE: Final = {KeyKind.ED25519: 32, KeyKind.MLDSA44: 1312}


def _cosigned(name: str, time: int, text: str) -> bytes:
    # The struct cosigned_message of tlog-cosignature, for a whole tree: it starts at leaf 0.
    if not 0 <= time <= _LATEST:
        raise FormatError("a cosignature states a unix time")
    head = Checkpoint.parse(text)
    signer, origin = name.encode(), head.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(signer)]) + signer,
            _TIME.pack(time),
            bytes([len(origin)]) + origin,
            _TIME.pack(0) + _TIME.pack(head.size) + head.root,
        )
    )


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that may sign notes; its text form is a vkey."""

    name: str
    kind: KeyKind
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4-byte id that signature lines carry."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(named).digest()[:KEY_ID_SIZE]

    @property
    def vkey(self) -> str:
        """The key as text: name, hex id, base 64 of type and key, joined by plus signs."""
        return f"{self.name}+{self.key_id.hex()}+{encode(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> "NoteKey":
        """Return the key of a vkey.

        Raises:
            FormatError: not a vkey of a known type, or its id is another key's.
        """
        name, _, rest = vkey.partition("+")
        raw = decode(rest.partition("+")[2])
        if not raw or raw[0] not in _PUBLIC_SIZE:
            raise FormatError("a vkey's type is Ed25519 (1) or ML-DSA-44 (6)")
        kind = KeyKind(raw[0])
        if len(raw) != 1 + _PUBLIC_SIZE[kind]:
            raise FormatError("a vkey's public key has the wrong length")
        key = cls(check_name(name), kind, raw[1:])
        if key.vkey != vkey:
            raise FormatError("a vkey's id does not belong to its key")
        return key

    def verify(self, text: str, signature: Signature) -> int | None:
        """Return the unix time that the line states, or None where its type states none.

        Raises:
            ForgedError: the line is not this key's signature over `text`.
            FormatError: the text is not a checkpoint, which an ML-DSA-44 line needs, or its time is
                out of range.
        """
        if (signature.name, signature.key_id) != (self.name, self.key_id):
            raise ForgedError("a signature line of another key")
        time = _stated(signature.blob) if self.kind is KeyKind.MLDSA44 else None
        try:
            self._check(text, signature.blob, time)
        except (InvalidSignature, ValueError) as error:
            raise ForgedError(f"the signature of {self.name} does not verify") from error
        return time

    def _check(self, text: str, blob: bytes, time: int | None) -> None:
        if time is None:
            Ed25519PublicKey.from_public_bytes(self.public).verify(blob, text.encode())
            return
        key = MLDSA44PublicKey.from_public_bytes(self.public)
        key.verify(blob[_TIME.size :], _cosigned(self.name, time, text))


def _stated(blob: bytes) -> int:
    if len(blob) <= _TIME.size:
        raise ForgedError("a cosignature starts with its time")
    return int(_TIME.unpack_from(blob)[0])


class NoteSigner:
    """A private key that signs notes, kept as its 32-byte seed."""

    __slots__ = ("_private", "_seed", "key")

    def __init__(self, name: str, kind: KeyKind, seed: bytes) -> None:
        """Build from a seed.

        Raises:
            FormatError: the name may not be a key's, or the seed has not 32 bytes.
        """
        if len(seed) != SEED_SIZE:
            raise FormatError(f"a seed has {SEED_SIZE} bytes")
        self._seed = bytes(seed)
        self._private = (
            Ed25519PrivateKey.from_private_bytes(self._seed)
            if kind is KeyKind.ED25519
            else MLDSA44PrivateKey.from_seed_bytes(self._seed)
        )
        self.key = NoteKey(check_name(name), kind, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, kind: KeyKind) -> "NoteSigner":
        """Return a signer with a fresh seed."""
        return cls(name, kind, secrets.token_bytes(SEED_SIZE))

    @classmethod
    def from_bytes(cls, raw: bytes) -> "NoteSigner":
        """Return the signer that `to_bytes` wrote.

        Raises:
            FormatError: other bytes.
        """
        head, name = raw[: 2 + SEED_SIZE], raw[2 + SEED_SIZE :]
        if len(head) != 2 + SEED_SIZE or head[0] != _VERSION or head[1] not in _PUBLIC_SIZE:
            raise FormatError("not a note signer")
        try:
            return cls(name.decode(), KeyKind(head[1]), head[2:])
        except UnicodeDecodeError as error:
            raise FormatError("not a note signer") from error

    def to_bytes(self) -> bytes:
        """Return version, kind, seed and name; secret, to be kept wrapped."""
        return bytes([_VERSION, self.key.kind]) + self._seed + self.key.name.encode()

    def sign(self, text: str, now: int) -> Signature:
        """Return this key's line for `text`; `now` (unix seconds) is stated by ML-DSA-44 alone.

        Raises:
            FormatError: an ML-DSA-44 line needs a checkpoint and a time from 1970 on.
        """
        if isinstance(self._private, Ed25519PrivateKey):
            blob = self._private.sign(text.encode())
        else:
            message = _cosigned(self.key.name, now, text)
            blob = _TIME.pack(now) + self._private.sign(message)
        return Signature(self.key.name, self.key.key_id, blob)
