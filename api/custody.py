"""Making an instance: its keys, its root of trust, and what it starts with.

TOY CUSTODY, and the root says so: one machine makes and holds all root keys and the sites' private
files too. In earnest the root's holders sign offline and each site makes its own.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.durable import write_durably
from api.errors import UsageError
from api.inforce import BUNDLE_KEY
from api.layout import SERVICE, Layout
from api.log.trust import LogTrust
from api.store.database import Database
from api.vault import PERMIT_KEY, STRONGEST, Vault
from crypto.kek import KEY, Kek
from crypto.keystore import KeyKind
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from crypto.tlog.keys import KeyKind as NoteKind, NoteSigner
from crypto.tls import fingerprint, make_certificate
from crypto.trust import Root, SiteTrust, TrustBundle, sign_bundle

YEAR: Final = 365 * 24 * 3600
HOLDERS: Final = 3
THRESHOLD: Final = 2
LOG_KEYS: Final = {"log/ed25519": NoteKind.ED25519, "log/mldsa44": NoteKind.MLDSA44}


@dataclass(frozen=True)
class Custody:
    """Makes the keys of a new instance in `layout` at `now`; `origin` names its log."""

    layout: Layout
    vault: Vault
    origin: str
    now: int

    def found(self, sites: Sequence[str], operators: Iterable[str]) -> None:
        """Make every key, and the first trust bundle, signed by the root."""
        roots = [self._sign_key(f"root/{place}") for place in range(1, HOLDERS + 1)]
        root = Root(tuple(key.public for key in roots), THRESHOLD, toy=True)
        trusted = {site: self.equip(site) for site in (SERVICE, *sites)}
        keys: dict[str, tuple[bytes, ...]] = {
            "permit": (self._sign_key(PERMIT_KEY).public.to_bytes(),),
            "bundle": (self._sign_key(BUNDLE_KEY).public.to_bytes(),),
            "log": self._log_keys(),
        }
        for site, (_, signer) in trusted.items():
            keys[f"site:{site}"] = (signer,)
        for operator in sorted(set(operators)):
            name = f"operator:{operator}"
            keys[name] = (self._sign_key(name).public.to_bytes(),)
        bundle = TrustBundle(
            version=1,
            issued=self.now,
            expires=self.now + YEAR,
            keys=keys,
            sites={site: trust for site, (trust, _) in trusted.items()},
        )
        write_durably(self.layout.root, root.to_bytes(), mode=0o644)
        signed = sign_bundle(bundle, roots[:THRESHOLD])
        write_durably(self.layout.bundle, signed, mode=0o644)

    def equip(self, site: str) -> tuple[SiteTrust, bytes]:
        """Make the private files of a site; return what the trust bundle says of it."""
        folder = self.layout.site(site)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        recipient, signer = RecipientKey.generate(STRONGEST), SigningKey.generate(STRONGEST)
        key, certificate = make_certificate(site, self.now - 60, self.now + YEAR)
        files: Mapping[str, bytes] = {
            "recipient.key": recipient.to_bytes(),
            "signing.key": signer.to_bytes(),
            "tls.key": key,
            "tls.crt": certificate,
        }
        for name, raw in files.items():
            write_durably(folder / name, raw)
        trust = SiteTrust(recipient.public.to_bytes(), fingerprint(certificate))
        return trust, signer.public.to_bytes()

    def _sign_key(self, identity: str) -> SigningKey:
        key = SigningKey.generate(STRONGEST)
        self.vault.keep(identity, key.to_bytes(), KeyKind.SIGNING, SERVICE)
        return key

    def _log_keys(self) -> tuple[bytes, ...]:
        signers = {name: NoteSigner.generate(self.origin, kind) for name, kind in LOG_KEYS.items()}
        for name, signer in signers.items():
            self.vault.keep(name, signer.to_bytes(), KeyKind.SIGNING, SERVICE)
        trust = LogTrust.of(self.origin, [signer.key for signer in signers.values()])
        write_durably(self.layout.log_trust, trust.to_bytes(), mode=0o644)
        return tuple(signer.key.vkey.encode() for signer in signers.values())


def make_root_key(layout: Layout) -> None:
    """Make the root key-encryption key of a new instance."""
    layout.root_key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_durably(layout.root_key, secrets.token_bytes(KEY))


def open_kek(layout: Layout) -> Kek:
    """Return the root key-encryption key.

    Raises:
        UsageError: others than its owner may read it.
    """
    if layout.root_key.stat().st_mode & 0o077:
        raise UsageError(f"{layout.root_key}: a key that others may read; chmod 600 it")
    return Kek(layout.root_key.read_bytes())


def prepare(layout: Layout) -> Database:
    """Make the folders, the root key and the database of a new instance."""
    for folder in (layout.directory, layout.state, layout.objects, layout.root.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_root_key(layout)
    return Database(layout.database)
