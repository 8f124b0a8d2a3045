"""Envelopes: a data key for one recipient, opened only in the context it was made for.

1. HPKE carries a fresh secret S to the recipient; the whole context is its `info`.
2. HKDF-SHA384 combines S with the factors (a QKD key, a shared key); safe while one of them holds.
3. AES-256-KWP wraps the data key under the result.

A factor is always an addition: S is never absent. Does not know who may have the key.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from crypto.encoding import Buffer, Fields, b64, document, lv
from crypto.errors import ForgedError, FormatError, SuiteError, TrustError
from crypto.recipient import RecipientKey, RecipientPublic
from crypto.suites import suite
from policy.canonical import JSON, canonical

KEY = 32
_INFO = b"sekisho/envelope/v1"
_KEK = b"sekisho/kek/v1"
_LIMIT = 16 << 10
_KINDS = ("qkd", "psk")
_NAMES = ("v", "suite", "recipient", "factors", "sealed", "wrapped")


@dataclass(frozen=True, slots=True)
class Context:
    """What an envelope is for; the opener must state the very same.

    Digests are `sha256:<hex>`, `recipient` is a key id, `epoch` the epoch of that key, `not_after`
    unix seconds (None: for keeping, not for moving).
    """

    dataset: str
    content: str
    label: str
    permit: str
    source: str
    destination: str
    suite: str
    recipient: str
    epoch: int
    not_after: int | None

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that `info` binds."""
        return canonical({"v": 1, **asdict(self)})

    @classmethod
    def from_json(cls, value: JSON) -> "Context":
        """Return the context that `to_bytes` wrote, or raise FormatError."""
        fields = Fields(value, ("v", *cls.__slots__), "context")
        if fields.number("v") != 1:
            raise FormatError("context: another version")
        return cls(
            dataset=fields.text("dataset"),
            content=fields.text("content"),
            label=fields.text("label"),
            permit=fields.text("permit"),
            source=fields.text("source"),
            destination=fields.text("destination"),
            suite=fields.text("suite"),
            recipient=fields.text("recipient"),
            epoch=fields.number("epoch"),
            not_after=fields.number_or_none("not_after"),
        )


@dataclass(frozen=True, slots=True)
class Factor:
    """A further secret that both ends hold: `kind` is qkd or psk, `id` its public name."""

    kind: str
    id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise FormatError for another kind, no id, or under 32 bytes."""
        if self.kind not in _KINDS or not self.id or len(self.secret) < KEY:
            raise FormatError("a factor has kind qkd or psk, an id and at least 32 bytes")


@dataclass(frozen=True, slots=True)
class Envelope:
    """One wrapped data key. Holds no secret; `factors` are (kind, id) in the order combined."""

    suite: str
    recipient: str
    factors: tuple[tuple[str, str], ...]
    sealed: bytes
    wrapped: bytes

    @property
    def header(self) -> dict[str, JSON]:
        """Return what is bound beside the context."""
        factors = [list(each) for each in self.factors]
        return {"v": 1, "suite": self.suite, "recipient": self.recipient, "factors": factors}

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of the envelope."""
        return canonical({**self.header, "sealed": b64(self.sealed), "wrapped": b64(self.wrapped)})

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "Envelope":
        """Return the envelope.

        Raises:
            FormatError: not exactly the bytes of an envelope.
            SuiteError: of an unknown or retired suite.
        """
        fields = Fields(document(raw, "envelope", limit=_LIMIT), _NAMES, "envelope")
        if fields.number("v") != 1:
            raise FormatError("envelope: another version")
        return cls(
            suite=suite(fields.text("suite")).id,
            recipient=fields.text("recipient"),
            factors=_ordered([_named(each) for each in fields.values("factors")]),
            sealed=fields.raw("sealed"),
            wrapped=fields.raw("wrapped"),
        )


def _named(value: JSON) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - kind and id
        raise FormatError("envelope: a malformed factor")
    fields = Fields({"kind": value[0], "id": value[1]}, ("kind", "id"), "envelope factor")
    return fields.text("kind"), fields.text("id")


def _ordered(factors: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the factors if each kind stands once and in the fixed order, else FormatError."""
    kinds = [kind for kind, _ in factors]
    if kinds != [kind for kind in _KINDS if kind in kinds]:
        raise FormatError("envelope: factors repeated, unknown or out of order")
    return tuple(factors)


def seal_key(
    dek: Buffer, recipient: RecipientPublic, context: Context, factors: Sequence[Factor] = ()
) -> Envelope:
    """Return an envelope with the 32-byte data key for `recipient`.

    Raises:
        SuiteError: the context names another suite than the recipient's key has.
        TrustError: the context names another recipient.
        FormatError: not 32 bytes, or one kind of factor twice.
    """
    if len(dek) != KEY:
        raise FormatError("a data key has 32 bytes")
    _match(context, recipient.suite, recipient.key_id)
    given = sorted(factors, key=lambda each: _KINDS.index(each.kind))
    names = _ordered([(each.kind, each.id) for each in given])
    blank = Envelope(recipient.suite, recipient.key_id, names, b"", b"")
    secret = bytearray(secrets.token_bytes(KEY))
    sealed = recipient.seal(secret, _bound(blank, context))
    kek = _combine(blank, context, secret, given)
    wrapped = aes_key_wrap_with_padding(kek, dek)
    _wipe(secret, kek)
    return Envelope(blank.suite, blank.recipient, names, sealed, wrapped)


def open_key(
    envelope: Envelope,
    key: RecipientKey,
    context: Context,
    factors: Sequence[Factor] = (),
    *,
    now: int,
) -> bytearray:
    """Return the data key; the caller wipes it after use. `now` is in unix seconds.

    Raises:
        ForgedError: altered, or made for another context.
        TrustError: for another recipient, past `not_after`, or with other factors than given.
        SuiteError: the suites of envelope, context and key differ.
    """
    _match(context, envelope.suite, envelope.recipient)
    _match(context, key.suite, key.key_id)
    if context.not_after is not None and now >= context.not_after:
        raise TrustError("the envelope is past its time")
    given = {(each.kind, each.id): each for each in factors}
    if set(given) != set(envelope.factors) or len(given) != len(factors):
        raise TrustError("the envelope needs exactly the factors that it names")
    secret = bytearray(key.open(envelope.sealed, _bound(envelope, context)))
    if len(secret) != KEY:
        raise ForgedError("the envelope carries no secret of 32 bytes")
    kek = _combine(envelope, context, secret, [given[each] for each in envelope.factors])
    try:
        dek = bytearray(aes_key_unwrap_with_padding(kek, envelope.wrapped))
    except InvalidUnwrap:
        raise ForgedError("the wrapped key is altered or its factors are wrong") from None
    finally:
        _wipe(secret, kek)
    if len(dek) != KEY:
        raise ForgedError("the envelope carries no key of 32 bytes")
    return dek


def _match(context: Context, suite_id: str, recipient: str) -> None:
    if context.suite != suite_id:
        raise SuiteError("the envelope, its context and the recipient key differ in suite")
    if context.recipient != recipient:
        raise TrustError("the envelope is for another recipient key")


def _bound(envelope: Envelope, context: Context) -> bytes:
    return lv(_INFO, canonical(envelope.header), context.to_bytes())


def _combine(
    envelope: Envelope, context: Context, secret: bytearray, factors: Sequence[Factor]
) -> bytearray:
    """Return the KEK (CatKDF of ETSI TS 103 744: length-prefixed secrets, then one HKDF)."""
    material = bytearray(lv(secret, *(each.secret for each in factors)))
    names = lv(*(part.encode() for each in envelope.factors for part in each))
    salt = hashlib.sha384(_bound(envelope, context)).digest()
    kek = bytearray(KEY)
    info = lv(_KEK, envelope.suite.encode(), names)
    HKDF(hashes.SHA384(), KEY, salt=salt, info=info).derive_into(material, kek)
    _wipe(material)
    return kek


def _wipe(*secrets_held: bytearray) -> None:
    """Overwrite our copies; what the library returned as bytes CPython cannot wipe."""
    for each in secrets_held:
        each[:] = bytes(len(each))
