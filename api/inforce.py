"""What is in force: putting a policy or a network in force, and reading back which one is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.evidence import verify_evidence
from api.ledger import Ledger
from api.objects import Objects
from api.record import Entry
from api.store.database import Database
from api.store.epochs import in_force
from api.vault import Vault
from crypto.encoding import b64, unb64
from crypto.errors import TrustError
from crypto.signed import signed, verified
from crypto.trust import TrustBundle
from policy.bundle import Bundle
from policy.canonical import JSON
from routing.network import Network, parse_network

BUNDLE_KEY = "bundle"
_DOMAIN = "sekisho/policy-in-force/v1"
_LIMIT = 1 << 14


@dataclass(frozen=True)
class InForce:
    """Activates and reads; every activation is recorded before it holds."""

    objects: Objects
    database: Database
    trust: Callable[[], TrustBundle]
    clock: Callable[[], int]

    def activate_policy(self, bundle: Bundle, ledger: Ledger, vault: Vault) -> int:
        """Put a policy in force, signed by the bundle key; return the entry's index."""
        revision = self.objects.put(bundle.to_bytes())
        signature = signed(_DOMAIN, revision.encode(), [vault.signing_key(BUNDLE_KEY)])
        facts = {"digest": revision, "signature": b64(signature)}
        return ledger.append_now(Entry("policy.activated", self.clock(), facts))

    def activate_network(self, network: Network, ledger: Ledger) -> int:
        """Put a network in force; return the entry's index.

        Raises:
            TrustError: a signature of its evidence does not verify under its operator's key.
        """
        stated = verify_evidence(network, self.trust())
        facts = {
            "digest": self.objects.put(network.to_bytes()),
            "name": network.name,
            "epoch": network.epoch,
            "evidence": stated,
        }
        return ledger.append_now(Entry("network.activated", self.clock(), facts))

    def network(self) -> Network:
        """Return the network in force."""
        return parse_network(self.objects.get(self._digest("network")))

    def policy(self) -> Bundle:
        """Return the policy in force, its bytes checked against the revision in the index."""
        return Bundle.from_bytes(self.objects.get(self._digest("policy")))

    def check(self, ledger: Ledger) -> None:
        """Check that the log names what is in force, and that the bundle key signed the policy.

        Raises:
            TrustError: it does not; nothing may be decided by it.
            UnavailableError: the log names a newer one.
        """
        self._recorded("network", ledger)
        digest, facts = self._recorded("policy", ledger)
        keys = self.trust().verify_keys("bundle").values()
        body, _ = verified(_DOMAIN, unb64(str(facts["signature"]), "policy"), keys, limit=_LIMIT)
        if body.decode() != digest:
            raise TrustError("the policy in force is not the one that was signed")

    def _recorded(self, what: str, ledger: Ledger) -> tuple[str, Mapping[str, JSON]]:
        with self.database.read() as session:
            row = in_force(session, what)
        # The newest activation, too: a row that was taken away would bring an older one back.
        ledger.recall.check_in_force(what, row.position, row.digest)
        entry = ledger.entry(row.position)
        # The index is only an index: whoever can write it must not be able to change what decides.
        if (entry.kind, entry.facts.get("digest")) != (f"{what}.activated", row.digest):
            raise TrustError(f"the {what} in force is not the one that was recorded")
        return row.digest, entry.facts

    def _digest(self, what: str) -> str:
        with self.database.read() as session:
            return in_force(session, what).digest
