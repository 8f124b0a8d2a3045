"""Who states what of the network, and whether the signatures on it hold."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from crypto.encoding import b64, unb64
from crypto.errors import TrustError
from crypto.signed import signed, verified
from crypto.signing import SigningKey
from crypto.trust import TrustBundle
from policy.canonical import JSON
from routing.evidence import Evidence, statement
from routing.network import Network
from routing.sites import Site
from routing.spans import Span

_DOMAIN = "sekisho/evidence/v1"
_LIMIT = 1 << 14
S = TypeVar("S", Site, Span)


def sign_evidence(network: Network, key_of: Callable[[str], SigningKey]) -> Network:
    """Return the network with every statement signed by the operator that makes it."""

    def sign(subject: Site | Span, stated: Evidence) -> Evidence:
        body = _body(subject, stated)
        return replace(stated, signature=b64(signed(_DOMAIN, body, [key_of(stated.by)])))

    return replace(
        network,
        sites=tuple(_with(site, sign) for site in network.sites),
        spans=tuple(_with(span, sign) for span in network.spans),
    )


def verify_evidence(network: Network, trust: TrustBundle) -> Mapping[str, JSON]:
    """Check every signature; return how many statements are signed and how many are not.

    Raises:
        TrustError: a statement by somebody who does not run the place, or by an unknown key.
        ForgedError: a signature does not verify.
    """
    counts = {"signed": 0, "unsigned": 0}
    subjects: tuple[Site | Span, ...] = (*network.sites, *network.spans)
    for subject in subjects:
        for stated in subject.evidence:
            counts["unsigned" if stated.signature is None else "signed"] += 1
            if stated.signature is not None:
                _verify(subject, stated, trust)
    return counts


def _verify(subject: Site | Span, stated: Evidence, trust: TrustBundle) -> None:
    if stated.by != subject.operator:
        raise TrustError(f"{subject.id}: {stated.by} states {stated.attribute} of another's")
    keys = trust.verify_keys(f"operator:{stated.by}").values()
    raw = unb64(stated.signature or "", "evidence")
    body, _ = verified(_DOMAIN, raw, keys, limit=_LIMIT)
    if body != _body(subject, stated):
        raise TrustError(f"{subject.id}: what was signed of {stated.attribute} is something else")


def _body(subject: Site | Span, stated: Evidence) -> bytes:
    value = subject.attributes.get(stated.attribute)
    return statement(subject.id, stated.attribute, value, stated)


def _with(subject: S, sign: Callable[[S, Evidence], Evidence]) -> S:
    return replace(subject, evidence=tuple(sign(subject, stated) for stated in subject.evidence))
