"""Key records: one wrapped key each, with its state, its periods and an HMAC over all of it.

Root key -> tenant key -> data keys and private seeds. Pure: the caller stores the bytes and
remembers the highest epoch of each, against rollback. Destroying is crypto-shredding: the record
stays as evidence and the wrapped bytes go; copies kept elsewhere this cannot reach.
"""

import hmac
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from crypto.encoding import Buffer, Fields, b64, document, lv
from crypto.errors import ForgedError, FormatError, KeyStateError, TrustError
from crypto.kek import Kek
from crypto.keystate import KeyState, Operation, allow, step
from policy.canonical import canonical

_RECORD = b"sekisho/key-record/v1"
_LIMIT = 32 << 10


class KeyKind(StrEnum):
    """What a record holds."""

    TENANT = "tenant"
    DATA = "data"
    SIGNING = "signing"
    RECIPIENT = "recipient"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A wrapped key; times in unix seconds.

    `version` counts rewraps, `epoch` every change. `protect_until` ends the originator's use,
    `process_until` the recipient's (None: open). `wrapped` is None once destroyed.
    """

    id: str
    kind: KeyKind
    owner: str
    suite: str
    state: KeyState
    version: int
    epoch: int
    parent: str
    created: int
    changed: int
    protect_until: int | None
    process_until: int | None
    wrapped: bytes | None

    def __post_init__(self) -> None:
        """Raise FormatError unless exactly the destroyed record is empty."""
        if (self.wrapped is None) != (self.state is KeyState.DESTROYED):
            raise FormatError("key record: exactly a destroyed key has no wrapped bytes")

    def body(self) -> bytes:
        """Return the canonical JSON that the HMAC covers."""
        wrapped = None if self.wrapped is None else b64(self.wrapped)
        return canonical({"v": 1, **asdict(self), "wrapped": wrapped})

    def to_bytes(self, kek: Kek) -> bytes:
        """Return the record with its HMAC under `kek`, the key that wraps it."""
        body = self.body()
        return canonical({"record": b64(body), "hmac": b64(kek.mac(lv(_RECORD, body)))})

    @classmethod
    def from_bytes(cls, raw: Buffer, kek: Kek, *, at_least: int = 0) -> "KeyRecord":
        """Return the record; `at_least` is the highest epoch of it ever seen.

        Raises:
            ForgedError: altered, or written under another key.
            TrustError: older than one already seen.
            FormatError: not a key record.
        """
        outer = Fields(document(raw, "key record", limit=_LIMIT), ("record", "hmac"), "key record")
        body = outer.raw("record")
        if not hmac.compare_digest(kek.mac(lv(_RECORD, body)), outer.raw("hmac")):
            raise ForgedError("a key record is altered or of another key")
        found = cls._parse(body)
        if found.epoch < at_least:
            raise TrustError("a key record is older than one already seen")
        return found

    @classmethod
    def _parse(cls, body: bytes) -> "KeyRecord":
        fields = Fields(
            document(body, "key record", limit=_LIMIT), ("v", *cls.__slots__), "key record"
        )
        if fields.number("v") != 1:
            raise FormatError("key record: another version")
        try:
            kind, state = KeyKind(fields.text("kind")), KeyState(fields.text("state"))
        except ValueError:
            raise FormatError("key record: unknown kind or state") from None
        return cls(
            id=fields.text("id"),
            kind=kind,
            owner=fields.text("owner"),
            suite=fields.text("suite"),
            state=state,
            version=fields.number("version"),
            epoch=fields.number("epoch"),
            parent=fields.text("parent"),
            created=fields.number("created"),
            changed=fields.number("changed"),
            protect_until=fields.number_or_none("protect_until"),
            process_until=fields.number_or_none("process_until"),
            wrapped=None if fields.value("wrapped") is None else fields.raw("wrapped"),
        )

    def allow(self, operation: Operation, now: int) -> None:
        """Raise KeyStateError unless state and usage periods allow `operation` at `now`."""
        allow(self.state, operation)
        ends = {Operation.PROTECT: self.protect_until, Operation.PROCESS: self.process_until}
        end = ends.get(operation)
        if end is not None and now >= end:
            raise KeyStateError(f"the key's period to {operation} is over")

    def unwrap(self, kek: Kek, operation: Operation, now: int) -> bytearray:
        """Return the key for `operation`; the caller wipes it.

        Raises:
            KeyStateError: state or period does not allow it.
            ForgedError: `kek` is not the key that wrapped it.
        """
        self.allow(operation, now)
        if operation is Operation.AUDIT or self.wrapped is None:
            raise KeyStateError("an audit reads the record, not the key")
        return kek.unwrap(self.wrapped)

    def become(self, state: KeyState, now: int) -> "KeyRecord":
        """Return the record in another state; raises KeyStateError if there is no such step.

        DESTROYED drops the wrapped bytes: once no other copy is left, the key is gone.
        """
        wrapped = None if state is KeyState.DESTROYED else self.wrapped
        following = step(self.state, state)
        return replace(self, state=following, wrapped=wrapped, epoch=self.epoch + 1, changed=now)

    def rewrap(self, old: Kek, new: Kek, *, parent: str, now: int) -> "KeyRecord":
        """Return the record with its key wrapped by `new`, whose id is `parent`."""
        secret = self.unwrap(old, Operation.REWRAP, now)
        wrapped = new.wrap(secret)
        secret[:] = bytes(len(secret))
        return replace(
            self,
            wrapped=wrapped,
            parent=parent,
            version=self.version + 1,
            epoch=self.epoch + 1,
            changed=now,
        )


def new_record(
    secret: Buffer,
    kek: Kek,
    *,
    id: str,  # noqa: A002 - the field's name
    kind: KeyKind,
    owner: str,
    suite: str,
    parent: str,
    now: int,
    state: KeyState = KeyState.ACTIVE,
    protect_until: int | None = None,
    process_until: int | None = None,
) -> KeyRecord:
    """Return the first record of a key, wrapped by `kek`, whose id is `parent`."""
    return KeyRecord(
        id=id,
        kind=kind,
        owner=owner,
        suite=suite,
        state=state,
        version=1,
        epoch=1,
        parent=parent,
        created=now,
        changed=now,
        protect_until=protect_until,
        process_until=process_until,
        wrapped=kek.wrap(secret),
    )
