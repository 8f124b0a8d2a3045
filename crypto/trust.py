"""The trust bundle: which key may do what, signed by a threshold of an offline root.

Each party pins the root and the highest version it has seen. A bundle expires, only goes forward,
and gives every key exactly one role. Does not fetch, store or remember anything.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.encoding import Buffer, Fields, b64, document, unb64
from crypto.errors import FormatError, TrustError
from crypto.recipient import RecipientPublic
from crypto.signed import signed, verified
from crypto.signing import SigningKey, VerifyKey
from policy.canonical import JSON, canonical, digest

SKEW: Final = 60  # seconds that two clocks may differ
_DOMAIN = "sekisho/trust/v1"
_LIMIT = 8 << 20
_MOST_ROOTS = 32
# The log's and its witnesses' keys are lines of C2SP signed notes, read by other people's tools.
_NOTE_ROLES = frozenset({"log", "witness"})
_ROLE = re.compile(r"(?:permit|bundle|service|log|witness|(?:operator|site|approver):\S{1,200})")
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Root:
    """Whom everything rests on: `threshold` of `keys` must sign a bundle.

    `toy` says that one machine made and holds all keys: good for a trial, no custody at all.
    """

    keys: tuple[VerifyKey, ...]
    threshold: int
    toy: bool = False

    def __post_init__(self) -> None:
        """Raise FormatError for a repeated key or an impossible threshold."""
        if len({key.key_id for key in self.keys}) != len(self.keys):
            raise FormatError("root: a key stands twice")
        if not 1 <= self.threshold <= len(self.keys) <= _MOST_ROOTS:
            raise FormatError("root: the threshold is not from 1 to the number of keys")

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of the root; public."""
        keys = [b64(key.to_bytes()) for key in self.keys]
        return canonical({"v": 1, "keys": keys, "threshold": self.threshold, "toy": self.toy})

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "Root":
        """Return the root; raises FormatError or SuiteError."""
        fields = Fields(
            document(raw, "root", limit=_LIMIT), ("v", "keys", "threshold", "toy"), "root"
        )
        if fields.number("v") != 1:
            raise FormatError("root: another version")
        keys = tuple(VerifyKey.from_bytes(each) for each in _raws(fields.values("keys"), "root"))
        return cls(keys, fields.number("threshold"), fields.flag("toy"))


@dataclass(frozen=True, slots=True)
class SiteTrust:
    """What is known of a site: its recipient key and the SHA-256 of its TLS certificate (DER)."""

    recipient: bytes
    tls: str

    @property
    def public(self) -> RecipientPublic:
        """Return the recipient key; raises FormatError or SuiteError."""
        return RecipientPublic.from_bytes(self.recipient)


@dataclass(frozen=True, slots=True)
class TrustBundle:
    """One version of the trust: `issued` and `expires` in unix seconds.

    Roles: permit, bundle, service, log, witness, operator:<id>, site:<id>, approver:<id>.
    """

    version: int
    issued: int
    expires: int
    keys: Mapping[str, tuple[bytes, ...]]
    sites: Mapping[str, SiteTrust]

    def __post_init__(self) -> None:
        """Raise FormatError or SuiteError for what must never be signed."""
        held = [key for keys in self.keys.values() for key in keys]
        if len(set(held)) != len(held):
            raise FormatError("trust bundle: a key stands twice; each has one role")
        if not self.issued < self.expires:
            raise FormatError("trust bundle: it expires before it is issued")
        for role, keys in self.keys.items():
            _check_role(role, keys)
        for what in ("recipient", "tls"):
            # One certificate for two sites would let each pass for the other.
            if len({getattr(site, what) for site in self.sites.values()}) != len(self.sites):
                raise FormatError("trust bundle: two sites share a key; each has its own")
        for site in self.sites.values():
            if _FINGERPRINT.fullmatch(site.tls) is None:
                raise FormatError("trust bundle: a TLS fingerprint is not sha256:<hex>")
            RecipientPublic.from_bytes(site.recipient)

    def verify_keys(self, role: str) -> dict[str, VerifyKey]:
        """Return the keys of a role by key id; empty if nobody has it: nobody is trusted."""
        if role in _NOTE_ROLES:
            raise FormatError("keys of the log are note lines, not verify keys")
        found = [VerifyKey.from_bytes(raw) for raw in self.keys.get(role, ())]
        return {key.key_id: key for key in found}

    def site(self, name: str) -> SiteTrust:
        """Return the trust in a site; raises TrustError if it has none."""
        found = self.sites.get(name)
        if found is None:
            raise TrustError("the trust bundle does not know this site")
        return found

    def check(self, now: int) -> None:
        """Raise TrustError unless the bundle is in force at `now` (unix seconds)."""
        if now + SKEW < self.issued:
            raise TrustError("the trust bundle is from the future")
        if now >= self.expires:
            raise TrustError("the trust bundle has expired")

    @property
    def digest(self) -> str:
        """Return `sha256:<hex>` of the bundle's canonical bytes."""
        return digest(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that the root signs."""
        return canonical(
            {
                "v": 1,
                "version": self.version,
                "issued": self.issued,
                "expires": self.expires,
                "keys": {role: [b64(key) for key in keys] for role, keys in self.keys.items()},
                "sites": {
                    name: {"recipient": b64(site.recipient), "tls": site.tls}
                    for name, site in self.sites.items()
                },
            }
        )

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "TrustBundle":
        """Return an UNSIGNED bundle, for whoever issues one; raises FormatError or SuiteError."""
        names = ("v", "version", "issued", "expires", "keys", "sites")
        fields = Fields(document(raw, "trust bundle", limit=_LIMIT), names, "trust bundle")
        if fields.number("v") != 1:
            raise FormatError("trust bundle: another version")
        return cls(
            version=fields.number("version"),
            issued=fields.number("issued"),
            expires=fields.number("expires"),
            keys={
                role: _raws(keys, "trust bundle") for role, keys in fields.members("keys").items()
            },
            sites={name: _site(value) for name, value in fields.members("sites").items()},
        )


def sign_bundle(bundle: TrustBundle, signers: Sequence[SigningKey]) -> bytes:
    """Return the bundle with the root signatures of `signers`.

    Raises:
        FormatError: it would not be read back, or nobody signs.
    """
    body = bundle.to_bytes()
    TrustBundle.from_bytes(body)
    return signed(_DOMAIN, body, signers)


def verify_bundle(raw: Buffer, root: Root, *, now: int, at_least: int) -> TrustBundle:
    """Return the bundle if it is signed, in force and not older than what was seen.

    `at_least` is the highest version accepted before (0 at first).

    Raises:
        TrustError: too few or unknown signers, expired, older, or a root key given a role.
        ForgedError, FormatError, SuiteError: altered or malformed.
    """
    body, signers = verified(_DOMAIN, raw, root.keys, limit=_LIMIT)
    if len(signers) < root.threshold:
        raise TrustError(f"{len(signers)} root signatures where {root.threshold} are needed")
    bundle = TrustBundle.from_bytes(body)
    if bundle.version < at_least:
        raise TrustError("the trust bundle is older than one already accepted")
    bundle.check(now)
    roots = {key.to_bytes() for key in root.keys}
    if any(roots & set(keys) for keys in bundle.keys.values()):
        raise TrustError("a root key has another role")
    return bundle


def _check_role(role: str, keys: Sequence[bytes]) -> None:
    if _ROLE.fullmatch(role) is None or not keys:
        raise FormatError("trust bundle: an unknown or empty role")
    if role in _NOTE_ROLES:
        return
    for key in keys:
        VerifyKey.from_bytes(key)


def _raws(values: JSON, what: str) -> tuple[bytes, ...]:
    if not isinstance(values, (list, tuple)):
        raise FormatError(f"{what}: keys are not a list")
    if not all(isinstance(each, str) for each in values):
        raise FormatError(f"{what}: a key is not base64url")
    return tuple(unb64(str(each), what) for each in values)


def _site(value: JSON) -> SiteTrust:
    fields = Fields(value, ("recipient", "tls"), "site")
    return SiteTrust(fields.raw("recipient"), fields.text("tls"))
