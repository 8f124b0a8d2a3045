"""The sending gateway, at the source of a permitted path.

1. Verify the permit offline; this site must be its source.
2. Ask for the data key, seal the content into a parcel; refuse content that is not the permitted.
3. Forget the key; offer permit and manifest to the next hop.
4. Before each segment that the receiver lacks, ask whether the passage still stands, or stop.
5. Collect the receipts and compare them with the path.

A sending gateway that is stopped goes on with the same sealed segments under the same passage.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.errors import NotAllowedError, SekishoError, UnavailableError, UsageError
from api.gateway.admission import Admitted, admit, check_place, conversation, release_context
from api.gateway.channel import dial
from api.gateway.control import Prove
from api.gateway.frames import Held, Hello, Reason, Receipts, Segment, StoppedError
from api.gateway.parcel import MANIFEST, Parcel
from api.gateway.receipts import Discrepancy, compare, make_receipt
from api.gateway.station import Station
from api.gateway.wire import Wire
from crypto.envelope import Envelope, open_key
from crypto.errors import CryptoError, TrustError
from crypto.manifest import Header, sign_manifest
from crypto.payload import Sealing
from crypto.permit import PermitClaims, verify_permit
from crypto.receipt import Receipt, verify_receipt
from crypto.recipient import answer

THREADS: Final = 2
# Measured: a quarter less processor time than 64 MiB at both ends (allocations that the C library
# reuses), and a revocation takes effect within 16 MiB.
SEGMENT: Final = 16 << 20

# Whether the passage with this id still stands; anything but True, or any error, stops it.
StillValid = Callable[[str], bool]
# Given a permit and a way to prove the recipient key, the bytes of an envelope.
Release = Callable[[bytes, Prove], bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivered passage; receipts in the order of the path, this site's first."""

    passage: str
    receipts: tuple[Receipt, ...]
    signed: tuple[bytes, ...]
    discrepancies: tuple[Discrepancy, ...]


def run_send(
    station: Station,
    permit: bytes,
    content: Path,
    *,
    to: str,
    at: tuple[str, int],
    release: Release,
    still_valid: StillValid,
    segment_size: int = SEGMENT,
) -> Sent:
    """Carry a file's content to the next hop `to` at address `at`.

    Raises:
        NotAllowedError: refused or revoked.
        CryptoError: permit, content or a receipt is not what it must be.
        UnavailableError: something needed did not answer; sending again resumes.
        UsageError: the file cannot be read, or this station has no recipient key.
    """
    # 1.
    claims = verify_permit(permit, station.trust, station.now)
    check_place(claims, station.site, before=None)
    check_place(claims, to, before=station.site)
    # 2. and 3.
    parcel = Parcel(station.work, station.site, claims.id)
    if parcel.read(MANIFEST) is None:
        dek = obtain_key(station, claims, permit, release)
        try:
            seal(station, claims, content, dek, parcel=parcel, segment_size=segment_size)
        finally:
            dek[:] = bytes(len(dek))
    passage = admit(Hello(permit, parcel.read(MANIFEST) or b""), station, peer=None)
    # 4. and 5.
    sent = _Sending(station, passage, parcel, still_valid).carry(to, at)
    parcel.clear()
    return sent


def obtain_key(
    station: Station, claims: PermitClaims, permit: bytes, release: Release
) -> bytearray:
    """Return the passage's data key, released to this site; the caller wipes it.

    Raises:
        NotAllowedError: the release is refused.
        CryptoError: the envelope is not for this site, passage and content.
        UsageError: this station has no recipient key.
    """
    key = station.recipient
    if key is None:
        raise UsageError("this gateway has no recipient key")
    if key.public != station.trust.site(station.site).public:
        raise TrustError("this gateway's recipient key is not the one in the trust bundle")
    raw = release(permit, lambda challenge, context: answer(key, challenge, context))
    context = release_context(claims, station.site, key.public)
    return open_key(Envelope.from_bytes(raw), key, context, now=station.now)


def seal(
    station: Station,
    claims: PermitClaims,
    content: Path,
    dek: bytearray,
    *,
    parcel: Parcel,
    segment_size: int = SEGMENT,
) -> None:
    """Seal a file into an empty parcel, manifest last.

    Raises:
        ForgedError: the content is not the one that the permit names; nothing is kept.
        UsageError: the file cannot be read.
    """
    parcel.start()
    header = Header(claims.id, claims.dataset, claims.label, claims.suite, segment_size)
    try:
        with content.open("rb") as file:
            sealing = Sealing(header, dek, file, threads=THREADS)
            for segment in sealing:
                parcel.put(segment.index, segment.sealed)
        manifest = sealing.manifest()
        manifest.expect(dataset=claims.dataset, content=claims.content, label=claims.label)
        parcel.write(MANIFEST, sign_manifest(manifest, station.signing))
    except BaseException as error:
        parcel.clear()
        if isinstance(error, OSError):
            raise UsageError(f"{content}: {error.strerror}") from error
        raise


@dataclass(frozen=True, slots=True)
class _Sending:
    station: Station
    passage: Admitted
    parcel: Parcel
    still_valid: StillValid

    def carry(self, to: str, at: tuple[str, int]) -> Sent:
        station, claims, started = self.station, self.passage.claims, self.station.now
        self._ask()
        channel = dial(at, station.mine, expect=to, timeout=station.seconds)
        station.note(f"{claims.id}: to {to} over {channel.peer.group}")
        with conversation(channel) as wire:
            raw = tuple(reversed(self._stream(wire)))
            theirs = [verify_receipt(each, station.trust, station.now) for each in raw]
        mine, signed = make_receipt(
            station,
            self.passage,
            seen=range(self.passage.count),
            ends=(station.site, to),
            started=started,
        )
        found = compare((mine, *theirs), claims, root=self.passage.manifest.root)
        return Sent(claims.id, (mine, *theirs), (signed, *raw), found)

    def _stream(self, wire: Wire) -> Sequence[bytes]:
        wire.put(self.passage.hello)
        reply = wire.take_reply()
        if isinstance(reply, Held):
            lacking = reply.lacking(self.passage.count)
            self.station.note(f"{len(lacking)} of {self.passage.count} segments to send")
            for index in lacking:
                wire.heed()
                self._ask()
                wire.put(Segment(index, self.parcel.get(index)))
            reply = wire.take(Receipts)
        return reply.receipts

    def _ask(self) -> None:
        claims = self.passage.claims
        if self.station.now >= claims.expires:
            raise TrustError("the permit has expired")
        try:
            stands = self.still_valid(claims.id) is True
        except NotAllowedError as error:
            raise StoppedError(Reason.REVOKED) from error
        except (SekishoError, CryptoError, OSError) as error:
            raise UnavailableError("nobody can say whether the passage stands") from error
        if not stands:
            raise StoppedError(Reason.REVOKED)
