"""Signed bodies: some bytes and the signatures of one or more keys over exactly them.

The one container of manifests, receipts and trust bundles. Every signature in it must verify under
a known key and no key may sign twice: what cannot be checked is refused, not skipped.
"""

from collections.abc import Iterable, Sequence

from crypto.encoding import Buffer, lv
from crypto.errors import FormatError, TrustError
from crypto.signing import SigningKey, VerifyKey

_MAGIC = b"SKBD\x01"
_MOST = 32
_U32 = 4


def signed(domain: str, body: bytes, keys: Sequence[SigningKey]) -> bytes:
    """Return `body` with a signature of each of `keys` in `domain`; at least one key."""
    if not 0 < len(keys) <= _MOST:
        raise FormatError(f"1 to {_MOST} keys must sign")
    ordered = sorted(keys, key=lambda key: key.key_id)
    lines = (part for key in ordered for part in (key.key_id.encode(), key.sign(domain, body)))
    return _MAGIC + lv(domain.encode(), body, *lines)


def body_of(domain: str, raw: Buffer, *, limit: int) -> bytes:
    """Return the body WITHOUT checking any signature, to learn which keys to ask for.

    Raises:
        FormatError: not a signed body of `domain`, or longer than `limit` bytes.
    """
    return _parts(domain, raw, limit)[0]


def verified(
    domain: str, raw: Buffer, keys: Iterable[VerifyKey], *, limit: int
) -> tuple[bytes, tuple[VerifyKey, ...]]:
    """Return the body and the distinct keys that signed it, one at least.

    Raises:
        FormatError: not a signed body of `domain`, or its body is longer than `limit` bytes.
        TrustError: signed by a key that is not among `keys`.
        ForgedError: a signature does not verify.
    """
    body, lines = _parts(domain, raw, limit)
    known = {key.key_id.encode(): key for key in keys}
    signers = lines[0::2]
    if sorted(set(signers)) != signers:
        raise FormatError("signers repeated or out of order")
    if not set(signers) <= set(known):
        raise TrustError("signed by a key that is not trusted for this")
    for signer, signature in zip(signers, lines[1::2], strict=True):
        known[signer].verify(domain, body, signature)
    return body, tuple(known[signer] for signer in signers)


def _parts(domain: str, raw: Buffer, limit: int) -> tuple[bytes, list[bytes]]:
    view = memoryview(raw)
    if bytes(view[: len(_MAGIC)]) != _MAGIC:
        raise FormatError("not a signed body of version 1")
    parts: list[bytes] = []
    place = len(_MAGIC)
    while place < len(view):
        size = int.from_bytes(view[place : place + _U32], "big")
        place += _U32
        if size > limit or place + size > len(view) or len(parts) > 2 * _MOST + 1:
            raise FormatError("a signed body cut short, too long or with too many parts")
        parts.append(bytes(view[place : place + size]))
        place += size
    if len(parts) < 4 or len(parts) % 2 or parts[0] != domain.encode():  # noqa: PLR2004
        raise FormatError("not a signed body of this kind")
    return parts[1], parts[2:]
