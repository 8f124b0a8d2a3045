"""The receiving gateway, at the destination of a permitted path.

1. Listen; whoever connects is a pinned site, or is hung up on.
2. Verify permit and manifest offline; this site must be the destination.
3. Store sealed segments, each checked against the manifest, whole and durable or not at all.
4. Ask for the data key, proving the recipient key on a fresh challenge.
5. Open all segments; the content appears under its name whole and verified, or not at all.
6. Sign a receipt.

What is stopped by a refusal or a revocation leaves nothing; what merely breaks off can be resumed.
"""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from api.durable import sync, sync_folder
from api.errors import ConflictError, NotAllowedError, UnavailableError, UsageError
from api.gateway.admission import Admitted, TurnedAwayError, conversation, greet
from api.gateway.channel import Channel, Listener
from api.gateway.frames import Held, Receipts, Segment
from api.gateway.parcel import RECEIPT, Parcel
from api.gateway.receipts import make_receipt
from api.gateway.send import THREADS, Release, obtain_key
from api.gateway.station import Station
from api.gateway.wire import Wire
from crypto.errors import CryptoError, FormatError, TLSError
from crypto.payload import open_stream
from crypto.permit import verify_permit

_PIECE: Final = 1 << 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Received:
    """A passage that arrived whole: its id, its content's digest and this site's signed receipt."""

    passage: str
    content: str
    receipt: bytes


def run_receive(
    station: Station,
    listener: Listener,
    out: Path,
    *,
    release: Release,
    permit: bytes | None = None,
    patience: float | None = None,
) -> Received:
    """Wait for one passage (that of `permit`, if given) and write its content to `out`.

    Raises:
        NotAllowedError: the passage was revoked, or its key refused.
        CryptoError: something that was sent is not what it must be.
        UnavailableError: nobody completed a passage; each wait is `patience` seconds at most.
        ConflictError: `out` exists and is not this content.
        UsageError: this station has no recipient key.
    """
    if station.recipient is None:
        raise UsageError("this gateway has no recipient key")
    only = None
    if permit is not None:
        only = verify_permit(permit, station.trust, station.now).id
    _temporary(out).unlink(missing_ok=True)

    def session(channel: Channel) -> Received:
        return _receive(station, channel, out, release, only)

    return attend(station, listener, session, patience)


def attend(
    station: Station,
    listener: Listener,
    session: Callable[[Channel], T],
    patience: float | None,
) -> T:
    """Return what the first session gives; who is turned away or breaks off is passed over."""
    while True:
        try:
            channel = listener.accept(station.mine, timeout=station.seconds, patience=patience)
        except TLSError as error:
            station.note(f"hung up: {error}")
            continue
        site = channel.peer.site
        try:
            return session(channel)
        except TurnedAwayError as error:
            station.note(f"turned {site} away: {error}")
        except UnavailableError as error:
            station.note(f"{site} broke off: {error}")


def _receive(
    station: Station, channel: Channel, out: Path, release: Release, only: str | None
) -> Received:
    peer, started = channel.peer, station.now
    with conversation(channel) as wire:
        # 2.
        passage = greet(wire, station, peer=peer.site, only=only)
        claims = passage.claims
        if claims.destination != station.site:
            raise TurnedAwayError(f"{station.site} is not the destination")
        station.note(f"{claims.id}: from {peer.site} over {peer.group}")
        parcel = Parcel(station.work, station.site, claims.id)
        receiving = _Receiving(station, passage, parcel, out, release)
        try:
            receipt = receiving.accept(wire, peer.site, started)
        except (NotAllowedError, CryptoError):
            parcel.clear()
            raise
        wire.put(Receipts((receipt,)))
    return Received(claims.id, claims.content, receipt)


@dataclass(frozen=True, slots=True)
class _Receiving:
    station: Station
    passage: Admitted
    parcel: Parcel
    out: Path
    release: Release

    def accept(self, wire: Wire, peer: str, started: int) -> bytes:
        """Return the signed receipt once the content is there, now or since an earlier try."""
        there = self._there()
        receipt = self.parcel.read(RECEIPT)
        if there and receipt is not None:
            return receipt
        # 3.
        self._store(wire)
        if not there:
            self._open()
        # 6.
        station, seen = self.station, range(self.passage.count)
        ends = (peer, station.site)
        _, receipt = make_receipt(station, self.passage, seen=seen, ends=ends, started=started)
        self.parcel.write(RECEIPT, receipt)
        self.parcel.forget_segments()
        return receipt

    def _there(self) -> bool:
        if not self.out.exists():
            return False
        if not _holds(self.out, self.passage.claims.content):
            raise ConflictError(f"{self.out} exists already")
        return True

    def _store(self, wire: Wire) -> None:
        count = self.passage.count
        self.parcel.begin(self.passage.hello.manifest)
        held = Held.of((index for index in self.parcel.held() if index < count), count)
        wire.put(held)
        # One segment is written while the next arrives; never more than one.
        with ThreadPoolExecutor(1) as pool:
            writing: Future[None] | None = None
            for index in held.lacking(count):
                segment = wire.take(Segment)
                # Each in its turn: a repeated or reordered one stands where another is due.
                if segment.index != index:
                    raise FormatError(f"segment {segment.index} came where {index} was due")
                self.passage.manifest.check(index, segment.sealed)
                if writing is not None:
                    writing.result()
                writing = pool.submit(self._keep, segment)
            if writing is not None:
                writing.result()

    def _keep(self, segment: Segment) -> None:
        self.parcel.put(segment.index, segment.sealed)
        self.station.note(f"stored segment {segment.index + 1} of {self.passage.count}")

    def _open(self) -> None:
        # 4.
        passage = self.passage
        dek = obtain_key(self.station, passage.claims, passage.hello.permit, self.release)
        # 5.
        try:
            open_to(self.out, passage, dek, self.parcel)
        finally:
            dek[:] = bytes(len(dek))


def open_to(out: Path, passage: Admitted, dek: bytearray, parcel: Parcel) -> None:
    """Write the opened content to `out`: whole, verified and durable, or nothing at all.

    Raises:
        ForgedError: a segment or the content is not the one of the manifest.
        UnavailableError: the disk refuses.
    """
    temporary = _temporary(out)
    try:
        mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(temporary, mode, 0o600), "wb") as file:
            for plain in open_stream(passage.manifest, dek, parcel.get, threads=THREADS):
                file.write(plain)
            file.flush()
            sync(file.fileno())
        temporary.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        raise UnavailableError(f"{out}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(out: Path) -> Path:
    return out.with_name(f".{out.name}.part")


def _holds(path: Path, content: str) -> bool:
    if not path.is_file():
        return False
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            seen.update(piece)
    return f"sha256:{seen.hexdigest()}" == content
