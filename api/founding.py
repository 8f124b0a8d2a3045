"""Making an instance, whole or not at all; and the example's, where there is none yet."""

import json
import secrets
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from api import clock, resources
from api.custody import Custody, prepare
from api.durable import sync_folder
from api.errors import UnavailableError, UsageError
from api.evidence import sign_evidence
from api.instance import TOKEN_KEY, Instance, Parts, fresh, opened, reading, writing
from api.layout import SERVICE, Layout, Settings
from api.log.trust import LogTrust
from api.offline import read_network, shipped_bundle
from crypto.keystore import KeyKind
from policy.canonical import digest
from routing.network import Network

_TOKEN_BYTES: Final = 32


@contextmanager
def created(
    directory: Path, network: Network, sites: Sequence[str], *, now: Callable[[], int] = clock.now
) -> Generator[Instance]:
    """Make an instance with a network, the shipped policy and toy custody; yield it, opened.

    `sites` are those for which private files are made.

    Raises:
        UsageError: something lies in the directory already.
        UnavailableError: the disk refuses; nothing is left behind.
    """
    target = directory.resolve()
    if target.exists() and any(target.iterdir()):
        raise UsageError(f"{target}: not empty, and no place for a new instance")
    making = Layout(target.with_name(f".{target.name}.{fresh()}.new"))
    try:
        _Founding(making, now).found(network, sites)
        making.directory.rename(target)
        making.log_trust.replace(Layout(target).log_trust)
        sync_folder(target.parent)
    except OSError as failure:
        raise UnavailableError(f"{target}: {failure.strerror}") from failure
    finally:
        shutil.rmtree(making.directory, ignore_errors=True)
        making.log_trust.unlink(missing_ok=True)
    with opened(target, now=now) as instance:
        yield instance


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


@contextmanager
def present(directory: Path, note: Callable[[str], None]) -> Generator[Parts]:
    """Yield the instance in `directory` to read from, made first when there is none.

    Its log is not taken, so this works beside a process that serves the same instance.
    """
    if not Layout(directory.resolve()).exists:
        with ensured(directory, note):
            pass
    with reading(directory) as parts:
        yield parts


def example_sites(network: Network) -> tuple[str, ...]:
    """Return the sites of the example that have a gateway: the clusters and the tenants' own."""
    catalogue = json.loads(resources.example("datasets/catalogue.json").read_bytes())
    sources = {each["source"] for each in catalogue["datasets"]}
    clusters = {site.id for site in network.sites if site.kind == "cluster"}
    return tuple(sorted(sources | clusters))


@dataclass(frozen=True)
class _Founding:
    layout: Layout
    now: Callable[[], int]

    def found(self, network: Network, sites: Sequence[str]) -> None:
        """Make keys, trust and log, put policy and network in force, settings last."""
        database = prepare(self.layout)
        settings = Settings(f"sekisho.invalid/{fresh()}", self.now(), root="")
        try:
            self._keys(Parts(self.layout, settings, database, self.now), network, sites)
            # From here on no other root is believed, whatever lies under its name.
            pinned = replace(settings, root=digest(self.layout.root.read_bytes()))
            self._record(Parts(self.layout, pinned, database, self.now), network)
        finally:
            database.close()
        pinned.write(self.layout)

    def _keys(self, parts: Parts, network: Network, sites: Sequence[str]) -> None:
        parts.vault.keep(TOKEN_KEY, secrets.token_bytes(_TOKEN_BYTES), KeyKind.OTHER, SERVICE)
        running = {site.operator for site in network.sites} | {s.operator for s in network.spans}
        operators = [operator for operator in running if operator is not None]
        Custody(self.layout, parts.vault, parts.settings.origin, self.now()).found(sites, operators)

    def _record(self, parts: Parts, network: Network) -> None:
        stated = sign_evidence(
            network, lambda operator: parts.vault.signing_key(f"operator:{operator}")
        )
        with writing(parts) as instance:
            instance.in_force.activate_policy(shipped_bundle(), instance.ledger, parts.vault)
            instance.in_force.activate_network(stated, instance.ledger)
            note = instance.log.checkpoint().note.decode()
        # Whoever audits begins here: a log that does not contain this head is another log.
        LogTrust.load(self.layout.log_trust).updated(note).save(self.layout.log_trust)
