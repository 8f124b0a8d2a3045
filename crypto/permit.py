"""Permits: what may pass, signed twice, checked offline by whoever carries it.

RFC 7515 general JSON with two signatures by one key, both required: ML-DSA (RFC 9964) and the
classical one. The bytes are canonical, so there is one spelling. Does not decide anything.
"""

from dataclasses import dataclass
from typing import Final

from crypto.encoding import Buffer, Fields, b64, document
from crypto.errors import FormatError, TrustError
from crypto.signing import SigningKey, VerifyKey
from crypto.suites import require, suite
from crypto.trust import SKEW, TrustBundle
from policy.canonical import JSON, canonical, digest

TYP: Final = "sekisho-permit+jwt"
ROLE: Final = "permit"
_LIMIT = 1 << 20
_ALGORITHMS: Final = {"std": ("ML-DSA-65", "EdDSA"), "gov": ("ML-DSA-87", "ES384")}
_NAMES = (
    "jti", "dataset", "content", "label", "revision", "epoch", "path", "source", "destination",
    "suite", "obligations", "nbf", "exp", "nonce", "log_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PermitClaims:
    """One passage: one dataset over one path to one destination, for a while.

    Digests are `sha256:<hex>`; times are unix seconds, `expires` excluded; `log_index` is where
    the decision stands in the log.
    """

    id: str
    dataset: str
    content: str
    label: str
    revision: str
    epoch: str
    sites: tuple[str, ...]
    spans: tuple[str, ...]
    source: str
    destination: str
    suite: str
    obligations: tuple[JSON, ...]
    not_before: int
    expires: int
    nonce: str
    log_index: int

    def __post_init__(self) -> None:
        """Raise FormatError for a path that does not lead from source to destination."""
        ends = (self.sites[0], self.sites[-1]) if self.sites else ()
        if ends != (self.source, self.destination) or len(self.spans) != len(self.sites) - 1:
            raise FormatError("permit: the path does not lead from source to destination")
        if not self.not_before < self.expires:
            raise FormatError("permit: it expires before it begins")

    def to_bytes(self) -> bytes:
        """Return the canonical JWT claims set."""
        return canonical(
            {
                "jti": self.id,
                "dataset": self.dataset,
                "content": self.content,
                "label": self.label,
                "revision": self.revision,
                "epoch": self.epoch,
                "path": {"sites": list(self.sites), "spans": list(self.spans)},
                "source": self.source,
                "destination": self.destination,
                "suite": self.suite,
                "obligations": list(self.obligations),
                "nbf": self.not_before,
                "exp": self.expires,
                "nonce": self.nonce,
                "log_index": self.log_index,
            }
        )

    @property
    def digest(self) -> str:
        """Return `sha256:<hex>` of the claims: the permit's name in envelopes and records."""
        return digest(self.to_bytes())

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "PermitClaims":
        """Return the claims WITHOUT any trust in them; raises FormatError."""
        fields = Fields(document(raw, "permit", limit=_LIMIT), _NAMES, "permit")
        path = Fields(fields.value("path"), ("sites", "spans"), "permit: path")
        return cls(
            id=fields.text("jti"),
            dataset=fields.text("dataset"),
            content=fields.text("content"),
            label=fields.text("label"),
            revision=fields.text("revision"),
            epoch=fields.text("epoch"),
            sites=path.texts("sites"),
            spans=path.texts("spans"),
            source=fields.text("source"),
            destination=fields.text("destination"),
            suite=fields.text("suite"),
            obligations=fields.values("obligations"),
            not_before=fields.number("nbf"),
            expires=fields.number("exp"),
            nonce=fields.text("nonce"),
            log_index=fields.number("log_index"),
        )


def sign_permit(claims: PermitClaims, key: SigningKey) -> bytes:
    """Return the permit with both signatures of `key`.

    Raises:
        SuiteError: the key's suite is weaker than the one the permit grants.
        FormatError: the claims would not be read back (a float among the obligations, say).
    """
    require(key.suite, at_least=claims.suite)
    body = claims.to_bytes()
    PermitClaims.from_bytes(body)
    payload = b64(body)
    lines: list[JSON] = []
    for half, algorithm in enumerate(_ALGORITHMS[key.suite]):
        head = _protected(algorithm, key.key_id)
        signature = key.sign_half(half, f"{head}.{payload}".encode())
        lines.append({"protected": head, "signature": b64(signature)})
    return canonical({"payload": payload, "signatures": lines})


def verify_permit(raw: Buffer, trust: TrustBundle, now: int) -> PermitClaims:
    """Return the claims of a permit that holds at `now` (unix seconds).

    Raises:
        TrustError: the trust bundle is not in force, its keys did not sign, or not valid at `now`.
        ForgedError, FormatError: altered or malformed.
        SuiteError: signed with a suite weaker than it grants, or the suite is past its end.
    """
    # 1. The trust itself must be in force.
    trust.check(now)
    # 2. One spelling, two signatures, one trusted key.
    outer = Fields(document(raw, "permit", limit=_LIMIT), ("payload", "signatures"), "permit")
    payload = outer.raw("payload")
    lines = [
        Fields(line, ("protected", "signature"), "permit") for line in outer.values("signatures")
    ]
    key = _signer(lines, trust)
    # 3. Both signatures hold, each over its own protected header (RFC 7515 §5.2).
    for half, line in enumerate(lines):
        signed = f"{line.text('protected')}.{b64(payload)}".encode()
        key.verify_half(half, signed, line.raw("signature"))
    # 4. The claims are in time and not above the suite of the key.
    claims = PermitClaims.from_bytes(payload)
    require(key.suite, at_least=claims.suite)
    suite(claims.suite, now=now)
    if now + SKEW < claims.not_before:
        raise TrustError("the permit is not yet valid")
    if now >= claims.expires + SKEW:
        raise TrustError("the permit has expired")
    return claims


def _signer(lines: list[Fields], trust: TrustBundle) -> VerifyKey:
    heads = [line.text("protected") for line in lines]
    for key in trust.verify_keys(ROLE).values():
        if heads == [_protected(alg, key.key_id) for alg in _ALGORITHMS[key.suite]]:
            return key
    raise TrustError("the permit is not signed twice by one key that is trusted for permits")


def _protected(algorithm: str, key_id: str) -> str:
    return b64(canonical({"alg": algorithm, "kid": key_id, "typ": TYP}))
