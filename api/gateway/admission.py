"""What a gateway checks by itself, offline, before it carries anything.

1. The permit holds now, by the station's own copy of the trust.
2. This site is on the permitted path, and the peer stands before it.
3. The manifest is signed by the path's source and is of the dataset, content and label permitted.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from api.errors import NotAllowedError, SekishoError, UnavailableError
from api.gateway.channel import Channel
from api.gateway.frames import Abort, Hello, Reason, StoppedError
from api.gateway.station import Station
from api.gateway.wire import Wire
from crypto.envelope import Context
from crypto.errors import CryptoError, SuiteError, TLSError, TrustError
from crypto.manifest import Manifest, sealed_length, verify_manifest
from crypto.permit import PermitClaims, verify_permit
from crypto.recipient import RecipientPublic
from crypto.suites import require


class TurnedAwayError(TrustError):
    """What a peer offers is not admitted here; what the next one offers may be."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A passage that this gateway may carry: its claims, its manifest and the bytes of both."""

    claims: PermitClaims
    manifest: Manifest
    hello: Hello

    @property
    def count(self) -> int:
        """Return the number of segments."""
        return len(self.manifest.digests)

    @property
    def segment_bound(self) -> int:
        """Return the bytes of the longest sealed segment."""
        return sealed_length(min(self.manifest.length, self.manifest.header.segment_size))


def admit(hello: Hello, station: Station, *, peer: str | None) -> Admitted:
    """Return the passage that `peer` (None: this site begins it) wants carried.

    Raises:
        TrustError: the permit does not hold now, or this site or the peer is not where it must be.
        CryptoError: permit or manifest is altered, malformed, or of something else.
    """
    claims = verify_permit(hello.permit, station.trust, station.now)
    check_place(claims, station.site, before=peer)
    keys = station.trust.verify_keys(f"site:{claims.source}").values()
    manifest = verify_manifest(hello.manifest, keys)
    manifest.expect(dataset=claims.dataset, content=claims.content, label=claims.label)
    require(manifest.header.suite, at_least=claims.suite)
    if manifest.header.object != claims.id:
        raise TrustError("the manifest is of another passage")
    return Admitted(claims, manifest, hello)


def greet(wire: Wire, station: Station, *, peer: str, only: str | None = None) -> Admitted:
    """Return the passage that the peer offers, the one with id `only` if that is given.

    Raises:
        TurnedAwayError: it is not admitted.
        UnavailableError: the connection broke.
    """
    try:
        passage = admit(wire.take(Hello), station, peer=peer)
    except (CryptoError, NotAllowedError) as error:
        raise TurnedAwayError(str(error)) from error
    if only not in {None, passage.claims.id}:
        raise TurnedAwayError("another passage than the one that is waited for")
    wire.segment_bound = passage.segment_bound
    return passage


def check_place(claims: PermitClaims, site: str, *, before: str | None) -> None:
    """Raise TrustError unless `site` is on the path, after `before` or as its source."""
    if site not in claims.sites:
        raise TrustError(f"{site} is not on the permitted path")
    if before is None and site != claims.source:
        raise TrustError(f"{site} is not the source of the permit")
    if before is not None and before not in claims.sites[: claims.sites.index(site)]:
        raise TrustError(f"{before} does not stand before {site} on the permitted path")


def release_context(claims: PermitClaims, site: str, recipient: RecipientPublic) -> Context:
    """Return the context in which a passage's data key is wrapped for `site`.

    Raises:
        SuiteError: the recipient's suite is weaker than the permit demands.
    """
    require(recipient.suite, at_least=claims.suite)
    return Context(
        dataset=claims.dataset,
        content=claims.content,
        label=claims.label,
        permit=claims.digest,
        source=claims.source,
        destination=site,
        suite=recipient.suite,
        recipient=recipient.key_id,
        epoch=0,
        not_after=claims.expires,
    )


@contextmanager
def conversation(channel: Channel) -> Generator[Wire]:
    """Give the wire of a channel; a failure is told to the peer in one word, then it is closed."""
    wire = Wire(channel)
    try:
        yield wire
    except (SekishoError, CryptoError) as error:
        with suppress(SekishoError):
            wire.put(Abort(_reason(error)))
            channel.linger()
        raise
    finally:
        channel.close()


def _reason(error: Exception) -> Reason:
    if isinstance(error, StoppedError):
        return error.reason
    if isinstance(error, NotAllowedError | TrustError | SuiteError | TLSError):
        return Reason.REFUSED
    return Reason.UNAVAILABLE if isinstance(error, UnavailableError) else Reason.DAMAGED
