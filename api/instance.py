"""One instance: everything in its directory, wired together here and nowhere else."""

import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from typing_extensions import override

from api import clock
from api.custody import LOG_KEYS, open_kek
from api.errors import UnavailableError
from api.gate import Gate
from api.inforce import InForce
from api.layout import Layout, Settings
from api.ledger import Ledger
from api.log.reader import Reader
from api.log.writer import Log
from api.objects import Objects
from api.record import Entry
from api.register import Register
from api.registry import Registry
from api.store.database import Database
from api.store.decisions import get_decision
from api.store.epochs import see_trust, trust_seen
from api.tokens import Tokens
from api.vault import Vault
from api.world import World
from crypto.errors import TrustError
from crypto.keystate import Operation
from crypto.trust import Root, TrustBundle, verify_bundle
from policy.bundle import Bundle
from policy.canonical import digest
from policy.engines.embedded import EmbeddedEngine
from policy.engines.engine import Engine
from policy.question import Principal
from routing.topology import Topology

if TYPE_CHECKING:
    from policy.canonical import JSON

TOKEN_KEY = "token"  # noqa: S105 - the name of a key, not a secret
_TOKEN_BYTES = 32


@dataclass(frozen=True)
class Parts:
    """What an instance needs whether or not it may write its log."""

    layout: Layout
    settings: Settings
    database: Database
    now: Callable[[], int]

    @cached_property
    def objects(self) -> Objects:
        """The bytes kept under their digests."""
        return Objects(self.layout.objects)

    @cached_property
    def register(self) -> Register:
        """The datasets and passages."""
        return Register(self.database, self.now)

    @cached_property
    def vault(self) -> Vault:
        """The keys."""
        return Vault(self.database, open_kek(self.layout), self.trust, self.now)

    @cached_property
    def in_force(self) -> InForce:
        """The policy and the network in force."""
        return InForce(self.objects, self.database, self.trust, self.now)

    @cached_property
    def tokens(self) -> Tokens:
        """The access tokens."""
        with self.vault.opened(TOKEN_KEY, Operation.PROCESS) as key:
            return Tokens(self.database, bytes(key))

    def trust(self) -> TrustBundle:
        """Return the trust bundle in force; raises TrustError unless the pinned root signed it.

        It only goes forward: once a version was seen, no older one is accepted.
        """
        root = self.layout.root.read_bytes()
        if digest(root) != self.settings.root:
            raise TrustError("the root of trust is not the one that this instance was made with")
        with self.database.read() as session:
            seen = trust_seen(session)
        raw = self.layout.bundle.read_bytes()
        found = verify_bundle(raw, Root.from_bytes(root), now=self.now(), at_least=max(1, seen))
        if found.version > seen:
            with self.database.begin() as session:
                see_trust(session, found.version)
        return found


@dataclass(frozen=True)
class Instance(Parts):
    """An instance whose log this process writes."""

    log: Log

    @cached_property
    def ledger(self) -> Ledger:
        """The log as the gate writes it."""
        return Ledger(self.log, self.database)

    @cached_property
    @override
    def register(self) -> Register:
        """The datasets and passages, each held against the log."""
        return Register(self.database, self.now, self.ledger.recall)

    @cached_property
    @override
    def tokens(self) -> Tokens:
        """The access tokens, revoked as the log says."""
        with self.vault.opened(TOKEN_KEY, Operation.PROCESS) as key:
            return Tokens(self.database, bytes(key), self.ledger.recall.revoked)

    @cached_property
    def registry(self) -> Registry:
        """Where datasets are registered."""
        return Registry(self.ledger, self.objects, self.database, self.now, fresh)

    def issue_token(self, principal: Principal) -> str:
        """Issue a token and record that it was; it is shown now or never."""
        identity, now = fresh(), self.now()
        facts: dict[str, JSON] = {"token": identity, "principal": principal.to_json()}
        self.ledger.append_now(Entry("token.issued", now, facts))
        secret = secrets.token_urlsafe(_TOKEN_BYTES)
        return self.tokens.issue(principal, identity=identity, secret=secret, now=now)

    def revoke_token(self, identity: str) -> None:
        """Record that a token is useless from now on, which makes it so.

        Raises:
            NotFoundError: there is no such token.
        """
        self.tokens.known(identity)
        self.ledger.append_now(Entry("token.revoked", self.now(), {"token": identity}))

    def world(self, engine: Callable[[Bundle], Engine] = EmbeddedEngine) -> World:
        """Return the policy in force on an engine, over the network in force.

        Raises:
            TrustError: what is in force is not what was recorded and signed.
        """
        self.in_force.check(self.ledger)
        bundle = self.in_force.policy()
        return World(bundle, engine(bundle), Topology(self.in_force.network()))

    def gate(self, world: World) -> Gate:
        """Return the gate over a world."""
        return Gate(world, self.ledger, self.objects, self.register, self.vault, self.now, fresh)


def fresh() -> str:
    """Return 16 random hexadecimal digits: a new id."""
    return secrets.token_hex(8)


@contextmanager
def reading(directory: Path, *, now: Callable[[], int] = clock.now) -> Generator[Parts]:
    """Yield an instance to read from, without taking its log.

    Raises:
        UsageError: there is no instance.
    """
    layout = Layout(directory.resolve())
    settings = Settings.read(layout)
    database = Database(layout.database)
    try:
        yield Parts(layout, settings, database, now)
    finally:
        database.close()


@contextmanager
def opened(directory: Path, *, now: Callable[[], int] = clock.now) -> Generator[Instance]:
    """Yield an instance whose log this process writes.

    Raises:
        UsageError: there is no instance.
        UnavailableError: another process has it, or what is stored is not what was signed.
    """
    with reading(directory, now=now) as parts, writing(parts) as instance:
        instance.ledger.catch_up()
        yield instance


@contextmanager
def writing(parts: Parts) -> Generator[Instance]:
    """Yield the instance with its log, taken for this process until the block ends."""
    log = Log.open(
        parts.layout.log,
        state=parts.layout.state,
        origin=parts.settings.origin,
        signers=[parts.vault.note_signer(name) for name in LOG_KEYS],
        clock=parts.now,
    )
    try:
        yield Instance(parts.layout, parts.settings, parts.database, parts.now, log)
    finally:
        log.close()


def decision_entry(parts: Parts, identity: str, *, tenant: str | None = None) -> tuple[int, Entry]:
    """Return where a decision stands in the log, and its entry.

    Raises:
        NotFoundError: there is none; another tenant's looks the same as none.
        UnavailableError: the index points to another one.
    """
    with parts.database.read() as session:
        row = get_decision(session, identity, tenant=tenant)
    with Reader(parts.layout.log) as reader:
        entry = Entry.from_bytes(reader.entry(row.position))
    if (entry.facts.get("id"), entry.facts.get("tenant")) != (identity, row.tenant):
        raise UnavailableError(f"decision {identity!r} is not where the index has it")
    return row.position, entry
