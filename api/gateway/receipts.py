"""Receipts: what each gateway signs, and how they are compared with the permitted path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.gateway.admission import Admitted
from api.gateway.station import Station
from crypto.manifest import sealed_length, segments_root
from crypto.permit import PermitClaims
from crypto.receipt import Receipt, sign_receipt
from crypto.trust import SKEW


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One way in which the receipts of a passage are not what its permit says."""

    code: str
    site: str


def make_receipt(
    station: Station,
    passage: Admitted,
    *,
    seen: Iterable[int],
    ends: tuple[str, str],
    started: int,
) -> tuple[Receipt, bytes]:
    """Return this gateway's receipt for the segments `seen`, plain and signed.

    `ends` are the neighbours it received from and sent to, its own id at an end of the passage.
    """
    manifest, claims = passage.manifest, passage.claims
    indices = sorted(seen)
    digests = [manifest.digests[index] for index in indices]
    receipt = Receipt(
        passage=claims.id,
        permit=claims.digest,
        site=station.site,
        source=ends[0],
        destination=ends[1],
        spans=spans_between(claims, station.site, ends[1]),
        segments=len(digests),
        octets=sum(sealed_length(manifest.plain_length(index)) for index in indices),
        root=segments_root(digests),
        started=started,
        ended=max(started, station.now),
    )
    return receipt, sign_receipt(receipt, station.signing)


def spans_between(claims: PermitClaims, site: str, after: str) -> tuple[str, ...]:
    """Return the permitted spans from one site of the path to a later one, else none."""
    if site not in claims.sites or after not in claims.sites:
        return ()
    return claims.spans[claims.sites.index(site) : claims.sites.index(after)]


def compare(
    receipts: Sequence[Receipt], claims: PermitClaims, *, root: str
) -> tuple[Discrepancy, ...]:
    """Return in what the receipts differ from the permitted path; empty if in nothing.

    `root` is the manifest's. One that is named as a neighbour must have given a receipt as well.

    Codes: `passage.other`, `site.off_path`, `site.repeated`, `site.missing` (source, destination or
    a named neighbour), `hop.broken`, `spans.other`, `content.other`, `time.outside`.
    """
    found = [Discrepancy(code, each.site) for each in receipts for code in _own(each, claims)]
    found += [Discrepancy("content.other", each.site) for each in receipts if each.root != root]
    by_site = {each.site: each for each in receipts}
    if len(by_site) != len(receipts):
        found += [Discrepancy("site.repeated", site) for site in by_site if _twice(site, receipts)]
    named = {claims.source, claims.destination}
    named |= {end for each in receipts for end in (each.source, each.destination)}
    found += [Discrepancy("site.missing", site) for site in sorted(named - set(by_site))]
    for each in receipts:
        after = by_site.get(each.destination)
        if after is not None and after is not each and after.source != each.site:
            found.append(Discrepancy("hop.broken", each.site))
    return tuple(found)


def _own(receipt: Receipt, claims: PermitClaims) -> Iterable[str]:
    if (receipt.passage, receipt.permit) != (claims.id, claims.digest):
        yield "passage.other"
    if receipt.site not in claims.sites:
        yield "site.off_path"
    elif receipt.spans != spans_between(claims, receipt.site, receipt.destination):
        yield "spans.other"
    early = receipt.started < claims.not_before - SKEW
    if early or receipt.started >= claims.expires + SKEW:
        yield "time.outside"


def _twice(site: str, receipts: Sequence[Receipt]) -> bool:
    return sum(each.site == site for each in receipts) > 1
