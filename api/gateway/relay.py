"""A relay gateway on a permitted path: passes sealed segments on and signs what it carried.

It holds no key and asks for none. Each segment is checked against the signed manifest before it is
passed on, so damage is found where it happened.
"""

from contextlib import suppress
from dataclasses import dataclass, field

from api.errors import NotAllowedError
from api.gateway.admission import Admitted, TurnedAwayError, check_place, conversation, greet
from api.gateway.channel import Channel, Listener, dial
from api.gateway.frames import Receipts, Segment
from api.gateway.receipts import make_receipt
from api.gateway.receive import attend
from api.gateway.station import Station
from api.gateway.wire import Wire
from crypto.errors import CryptoError, FormatError, TrustError


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay to the next hop `to` at address `at`; remembers what it carried while it runs."""

    station: Station
    to: str
    at: tuple[str, int]
    carried: dict[str, set[int]] = field(default_factory=dict)

    def run(self, listener: Listener, *, patience: float | None = None, once: bool = False) -> None:
        """Relay passages until nobody comes for `patience` seconds, or `once`.

        Raises:
            UnavailableError: nobody came, or the listener was closed.
            NotAllowedError, CryptoError: with `once`, why the passage was stopped.
        """
        while True:
            with suppress(*(() if once else (NotAllowedError, CryptoError))):
                attend(self.station, listener, self.relay, patience)
            if once:
                return

    def relay(self, channel: Channel) -> bytes:
        """Carry one passage and return the signed receipt.

        Raises:
            TurnedAwayError: the passage is not admitted, or does not lead to the next hop.
            NotAllowedError: an end of the path stopped it.
            CryptoError: something that was sent is not what it must be.
            UnavailableError: a connection broke.
        """
        station, before, started = self.station, channel.peer.site, self.station.now
        with conversation(channel) as up:
            passage = greet(up, station, peer=before)
            try:
                check_place(passage.claims, self.to, before=station.site)
            except TrustError as error:
                raise TurnedAwayError(str(error)) from error
            onward = dial(self.at, station.mine, expect=self.to, timeout=station.seconds)
            with conversation(onward) as down:
                theirs = self._pass_on(passage, up, down)
            seen = self.carried.pop(passage.claims.id, set())
            ends = (before, self.to)
            _, receipt = make_receipt(station, passage, seen=seen, ends=ends, started=started)
            up.put(Receipts((*theirs.receipts, receipt)))
        station.note(f"{passage.claims.id}: relayed {len(seen)} segments to {self.to}")
        return receipt

    def _pass_on(self, passage: Admitted, up: Wire, down: Wire) -> Receipts:
        carried = self.carried.setdefault(passage.claims.id, set())
        down.put(passage.hello)
        reply = down.take_reply()
        if isinstance(reply, Receipts):
            return reply
        lacking = reply.lacking(passage.count)
        up.put(reply)
        for index in lacking:
            segment = up.take(Segment)
            if segment.index != index:
                raise FormatError(f"segment {segment.index} came where {index} was due")
            passage.manifest.check(index, segment.sealed)
            down.heed()
            down.put(segment)
            carried.add(index)
        return down.take(Receipts)
