"""An independent reader of C2SP chunked encryption (SHA-512, AES-256-GCM), from its specification.

Knows HMAC and AES-GCM only; none of the product's code and not the library's own reader.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK, TAG, SALT, COMMITMENT = 16_384, 16, 24, 32
LABEL = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"


class RefusedError(Exception):
    """The message is not whole or not authentic."""


def expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand of RFC 5869 §2.3 with SHA-512."""
    out, block, counter = b"", b"", 1
    while len(out) < length:
        block = hmac.new(key, block + info + bytes((counter,)), hashlib.sha512).digest()
        out, counter = out + block, counter + 1
    return out[:length]


def derive(key: bytes, salt: bytes, context: bytes) -> tuple[bytes, int, bytes]:
    """The message key, the base nonce and the commitment."""
    wide = expand(key, LABEL + salt + context, 32 + 12 + COMMITMENT)
    return wide[:32], int.from_bytes(wide[32:44]), wide[44:]


def read(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """The plaintext of a whole message, or RefusedError."""
    salt, commitment = sealed[:SALT], sealed[SALT : SALT + COMMITMENT]
    inner, nonce, expected = derive(key, salt, context)
    if commitment != expected:
        raise RefusedError
    aead, plain, count = AESGCM(inner), b"", 0
    body = sealed[SALT + COMMITMENT :]
    while True:
        piece, body = body[: CHUNK + TAG], body[CHUNK + TAG :]
        if len(piece) < TAG:
            raise RefusedError
        plain += aead.decrypt((nonce ^ count).to_bytes(12), piece, None)
        count += 1
        if len(piece) < CHUNK + TAG:
            if body:
                raise RefusedError
            return plain


def write(key: bytes, context: bytes, plain: bytes, salt: bytes) -> bytes:
    """A message with a chosen salt, as the library never makes one."""
    inner, nonce, commitment = derive(key, salt, context)
    aead = AESGCM(inner)
    pieces = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)]
    if not pieces or len(pieces[-1]) == CHUNK:
        pieces.append(b"")
    return (
        salt
        + commitment
        + b"".join(
            aead.encrypt((nonce ^ n).to_bytes(12), piece, None) for n, piece in enumerate(pieces)
        )
    )
