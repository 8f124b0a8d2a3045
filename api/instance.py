"""One instance: everything in its directory, wired together here and nowhere else."""

import json
import secrets
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from api import clock, resources
from api.custody import LOG_KEYS, Custody, open_kek, prepare
from api.errors import UsageError
from api.evidence import sign_evidence
from api.gate import Gate
from api.inforce import InForce
from api.layout import SERVICE, Layout, Settings
from api.ledger import Ledger
from api.log.reader import Reader
from api.log.trust import LogTrust
from api.log.writer import Log
from api.objects import Objects
from api.offline import read_network, shipped_bundle
from api.record import Entry
from api.register import Register
from api.registry import Registry
from api.store.database import Database
from api.store.decisions import get_decision
from api.tokens import Tokens
from api.vault import Vault
from api.world import World
from crypto.keystate import Operation
from crypto.keystore import KeyKind
from crypto.trust import Root, TrustBundle, verify_bundle
from policy.bundle import Bundle
from policy.engines.embedded import EmbeddedEngine
from policy.engines.engine import Engine
from policy.question import Principal
from routing.network import Network
from routing.topology import Topology

if TYPE_CHECKING:
    from policy.canonical import JSON

_TOKEN_KEY = "token"  # noqa: S105 - the name of a key, not a secret
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
        with self.vault.opened(_TOKEN_KEY, Operation.PROCESS) as key:
            return Tokens(self.database, bytes(key))

    def trust(self) -> TrustBundle:
        """Return the trust bundle in force, verified against the root; raises TrustError."""
        root = Root.from_bytes(self.layout.root.read_bytes())
        raw = self.layout.bundle.read_bytes()
        return verify_bundle(raw, root, now=self.now(), at_least=1)


@dataclass(frozen=True)
class Instance(Parts):
    """An instance whose log this process writes."""

    log: Log

    @cached_property
    def ledger(self) -> Ledger:
        """The log as the gate writes it."""
        return Ledger(self.log, self.database)

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
        """Record that a token is useless from now on, and make it so."""
        self.ledger.append_now(Entry("token.revoked", self.now(), {"token": identity}))
        self.tokens.revoke(identity)

    def world(self, engine: Callable[[Bundle], Engine] = EmbeddedEngine) -> World:
        """Return the policy in force on an engine, over the network in force.

        Raises:
            TrustError: the policy in force is not signed by the bundle key.
        """
        self.in_force.check_policy(self.ledger)
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
    with reading(directory, now=now) as parts, _log(parts) as log:
        instance = Instance(parts.layout, parts.settings, parts.database, now, log)
        instance.ledger.catch_up()
        yield instance


@contextmanager
def created(
    directory: Path, network: Network, sites: Sequence[str], *, now: Callable[[], int] = clock.now
) -> Generator[Instance]:
    """Make an instance with a network, the shipped policy and toy custody; yield it.

    `sites` are those for which private files are made.

    Raises:
        UsageError: there is an instance already.
    """
    layout = Layout(directory.resolve())
    if layout.exists:
        raise UsageError(f"{layout.directory}: there is an instance already")
    settings, database = prepare(layout, f"sekisho.invalid/{fresh()}", now=now())
    parts = Parts(layout, settings, database, now)
    parts.vault.keep(_TOKEN_KEY, secrets.token_bytes(_TOKEN_BYTES), KeyKind.OTHER, SERVICE)
    operators = {site.operator for site in network.sites} | {s.operator for s in network.spans}
    custody = Custody(layout, parts.vault, settings.origin, now())
    custody.found(sites, [operator for operator in operators if operator is not None])
    with _log(parts) as log:
        instance = Instance(layout, settings, database, now, log)
        stated = sign_evidence(
            network, lambda operator: parts.vault.signing_key(f"operator:{operator}")
        )
        instance.in_force.activate_policy(shipped_bundle(), instance.ledger, parts.vault)
        instance.in_force.activate_network(stated, instance.ledger)
        seen = LogTrust.load(layout.log_trust).updated(log.checkpoint().note.decode())
        seen.save(layout.log_trust)
        settings.write(layout)
        yield instance
    database.close()


@contextmanager
def _log(parts: Parts) -> Generator[Log]:
    log = Log.open(
        parts.layout.log,
        state=parts.layout.state,
        origin=parts.settings.origin,
        signers=[parts.vault.note_signer(name) for name in LOG_KEYS],
        clock=parts.now,
    )
    try:
        yield log
    finally:
        log.close()


def decision_entry(parts: Parts, identity: str, *, tenant: str | None = None) -> tuple[int, Entry]:
    """Return where a decision stands in the log, and its entry.

    Raises:
        NotFoundError: there is none; another tenant's looks the same as none.
    """
    with parts.database.read() as session:
        row = get_decision(session, identity, tenant=tenant)
    with Reader(parts.layout.log) as reader:
        return row.position, Entry.from_bytes(reader.entry(row.position))


@contextmanager
def ensured(
    directory: Path, note: Callable[[str], None], *, now: Callable[[], int] = clock.now
) -> Generator[Instance]:
    """Yield the instance in `directory`; make one on the example network when there is none."""
    if Layout(directory.resolve()).exists:
        with opened(directory, now=now) as instance:
            yield instance
        return
    note(f"no instance in {directory} yet: making one, in toy custody, on the example network")
    network = read_network(resources.example("network/jpn48.json"))
    with created(directory, network, example_sites(network), now=now) as instance:
        yield instance


def example_sites(network: Network) -> tuple[str, ...]:
    """Return the sites of the example that have a gateway: the clusters and the tenants' own."""
    catalogue = json.loads(resources.example("datasets/catalogue.json").read_bytes())
    sources = {each["source"] for each in catalogue["datasets"]}
    clusters = {site.id for site in network.sites if site.kind == "cluster"}
    return tuple(sorted(sources | clusters))
