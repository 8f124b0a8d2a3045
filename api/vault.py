"""The keys of one instance: wrapped records in the database, opened for one use and wiped.

Root key -> tenant keys -> data keys; root key -> the instance's own signing keys. What each may
still do is asked of its record, so a suspended or destroyed key stops at once.
"""

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from api.errors import NotFoundError
from api.gateway.admission import release_context
from api.store.database import Database
from api.store.keys import add_key, get_key, save_key
from crypto.envelope import Envelope, seal_key
from crypto.errors import ForgedError
from crypto.kek import KEY, Kek
from crypto.keystate import KeyState, Operation
from crypto.keystore import KeyKind, KeyRecord, new_record
from crypto.permit import PermitClaims, sign_permit, verify_permit
from crypto.signing import SigningKey
from crypto.suites import SUITES
from crypto.tlog.keys import NoteSigner
from crypto.trust import TrustBundle

PERMIT_KEY = "permit"
STRONGEST = max(SUITES.values(), key=lambda each: each.floor).id
_ROOT = "root"


@dataclass(frozen=True)
class Vault:
    """Opens and keeps keys; `clock` gives Unix seconds. Implements the gate's `Vault` port."""

    database: Database
    kek: Kek
    trust: Callable[[], TrustBundle]
    clock: Callable[[], int]

    def keep(self, identity: str, secret: bytes | bytearray, kind: KeyKind, owner: str) -> None:
        """Keep a secret of the instance itself, wrapped by the root key."""
        self._save(
            self._record(identity, secret, kind=kind, owner=owner, kek=self.kek, parent=_ROOT),
            self.kek,
        )

    @contextmanager
    def opened(self, identity: str, operation: Operation) -> Generator[bytearray]:
        """Yield a secret of the instance for one operation; wiped at the end of the block.

        Raises:
            NotFoundError: there is no such key.
            KeyStateError: its state or period does not allow the operation.
        """
        secret = self._load(identity, self.kek).unwrap(self.kek, operation, self.clock())
        try:
            yield secret
        finally:
            secret[:] = bytes(len(secret))

    def signing_key(self, identity: str) -> SigningKey:
        """Return a signing key of the instance, if its state allows signing."""
        with self.opened(identity, Operation.PROTECT) as secret:
            return SigningKey.from_bytes(secret)

    def note_signer(self, identity: str) -> NoteSigner:
        """Return a signer of the log, if its state allows signing."""
        with self.opened(identity, Operation.PROTECT) as secret:
            return NoteSigner.from_bytes(bytes(secret))

    def sign_permit(self, claims: PermitClaims) -> bytes:
        """Return the permit with both signatures of the permit key."""
        return sign_permit(claims, self.signing_key(PERMIT_KEY))

    def verify_permit(self, permit: bytes, *, now: int) -> PermitClaims:
        """Return the claims of a permit that stands now; raises TrustError or ForgedError."""
        return verify_permit(permit, self.trust(), now)

    def make_data_key(self, passage: str, *, tenant: str) -> None:
        """Make the data key of a passage and keep it under the tenant's key."""
        with self._tenant(tenant) as kek:
            dek = bytearray(secrets.token_bytes(KEY))
            record = self._record(
                _dek(passage), dek, kind=KeyKind.DATA, owner=tenant, kek=kek, parent=_kek(tenant)
            )
            dek[:] = bytes(KEY)
            self._save(record, kek)

    @contextmanager
    def data_key(self, passage: str, tenant: str, operation: Operation) -> Generator[bytearray]:
        """Yield a passage's data key for one operation; wiped at the end of the block."""
        with self._tenant(tenant) as kek:
            dek = self._load(_dek(passage), kek).unwrap(kek, operation, self.clock())
        try:
            yield dek
        finally:
            dek[:] = bytes(KEY)

    def wrap_data_key(self, claims: PermitClaims, *, tenant: str, site: str) -> Envelope:
        """Wrap the passage's data key for the recipient key that the trust binds to `site`."""
        recipient = self.trust().site(site).public
        with self.data_key(claims.id, tenant, Operation.PROCESS) as dek:
            return seal_key(dek, recipient, release_context(claims, site, recipient))

    def shred(self, passage: str, tenant: str) -> None:
        """Destroy a passage's data key: its record stays as evidence, the wrapped bytes go.

        Raises:
            UnavailableError: the key is destroyed, but old bytes may lie on; do it again.
        """
        with self._tenant(tenant) as kek:
            record = self._load(_dek(passage), kek)
            if record.state is not KeyState.DESTROYED:
                self._save(record.become(KeyState.DESTROYED, self.clock()), kek)
        self.database.scrub()

    @contextmanager
    def _tenant(self, tenant: str) -> Generator[Kek]:
        try:
            record = self._load(_kek(tenant), self.kek)
        except NotFoundError:
            record = self._first(tenant)
        raw = record.unwrap(self.kek, Operation.PROCESS, self.clock())
        kek = Kek(raw)
        raw[:] = bytes(len(raw))
        try:
            yield kek
        finally:
            kek.wipe()

    def _first(self, tenant: str) -> KeyRecord:
        """Return the tenant's key, made now unless another caller was faster."""
        name, secret = _kek(tenant), secrets.token_bytes(KEY)
        made = self._record(
            name, secret, kind=KeyKind.TENANT, owner=tenant, kek=self.kek, parent=_ROOT
        )
        with self.database.begin() as session:
            add_key(session, name, made.to_bytes(self.kek))
        return self._load(name, self.kek)

    def _record(
        self,
        identity: str,
        secret: bytes | bytearray,
        *,
        kind: KeyKind,
        owner: str,
        kek: Kek,
        parent: str,
    ) -> KeyRecord:
        return new_record(
            secret,
            kek,
            id=identity,
            kind=kind,
            owner=owner,
            suite=STRONGEST,
            parent=parent,
            now=self.clock(),
        )

    def _save(self, record: KeyRecord, kek: Kek) -> None:
        with self.database.begin() as session:
            save_key(session, record.id, record.to_bytes(kek))

    def _load(self, identity: str, kek: Kek) -> KeyRecord:
        with self.database.read() as session:
            found = KeyRecord.from_bytes(get_key(session, identity), kek)
        if found.id != identity:
            # Whoever writes the database could else swap two keys, each of them genuine.
            raise ForgedError(f"the record of key {identity!r} is another key's")
        return found


def _kek(tenant: str) -> str:
    return f"tenant/{tenant}"


def _dek(passage: str) -> str:
    return f"data/{passage}"
