"""Asking the service: small JSON requests over hybrid TLS, as a site with a pinned certificate.

One connection per request. Every wait and every body is bounded; whatever is not a clear yes is an
error, so that a caller who asks whether to go on stops.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import quote

import h11

from api.errors import NotAllowedError, UnavailableError
from api.gateway.channel import Channel, Credentials, dial
from crypto.encoding import b64, unb64
from crypto.errors import FormatError
from policy.canonical import JSON, canonical

LONGEST_ANSWER: Final = 1 << 20
SECONDS: Final = 10.0
_YES: Final = range(200, 300)
_NO: Final = range(400, 500)
_BUSY: Final = frozenset({408, 425, 429})

# Given a challenge and its context, the proof that one holds the recipient key.
Prove: TypeAlias = Callable[[bytes, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Control:
    """The service's control address, as one site sees it."""

    address: tuple[str, int]
    service: str
    mine: Credentials
    seconds: float = SECONDS

    def get(self, path: str) -> dict[str, JSON]:
        """Return the JSON object at `path`. Raises: as `ask`."""
        return self.ask("GET", path, b"")

    def post(self, path: str, body: JSON) -> dict[str, JSON]:
        """Send `body` to `path` and return the JSON object that answers. Raises: as `ask`."""
        return self.ask("POST", path, canonical(body))

    def ask(self, method: str, path: str, body: bytes) -> dict[str, JSON]:
        """Return the JSON object that answers one request.

        Raises:
            NotAllowedError: the service says no (4xx).
            UnavailableError: no answer, not a JSON object, too long, or a failure there.
            TLSError: what answers is not the service.
        """
        channel = dial(self.address, self.mine, expect=self.service, timeout=self.seconds)
        try:
            status, raw = _exchange(channel, self.service, method, path, body)
        except h11.ProtocolError as error:
            raise UnavailableError(f"{self.service} does not speak HTTP") from error
        finally:
            channel.close()
        answer = _object(raw)
        if status in _YES and answer is not None:
            return answer
        if status in _NO and status not in _BUSY:
            raise NotAllowedError(f"{self.service} refused: {_said(answer, status)}")
        raise UnavailableError(f"{self.service} cannot answer: {_said(answer, status)}")

    def release(self, permit: bytes, prove: Prove) -> bytes:
        """Return the envelope of a permit's data key, after proof of the recipient key.

        Raises:
            NotAllowedError, UnavailableError, TLSError: as `ask`.
            FormatError: an answer without what it must hold.
        """
        text = permit.decode("utf-8", "strict")
        asked = self.post("/v1/keys:challenge", {"permit": text})
        challenge, context = _bytes(asked, "challenge"), _bytes(asked, "context")
        given: dict[str, JSON] = {
            "permit": text,
            "nonce": asked.get("nonce"),
            "answer": b64(prove(challenge, context)),
        }
        return _bytes(self.post("/v1/keys:release", given), "envelope")

    def still_valid(self, permit_id: str) -> bool:
        """Return whether a passage may still go on, as the service says now. Raises: as `ask`."""
        return self.get(f"/v1/passages/{quote(permit_id, safe='')}/standing").get("valid") is True


def _exchange(
    channel: Channel, host: str, method: str, path: str, body: bytes
) -> tuple[int, bytes]:
    talk = h11.Connection(h11.CLIENT)
    headers = [("host", host), ("accept", "application/json"), ("connection", "close")]
    if body:
        headers += [("content-type", "application/json"), ("content-length", str(len(body)))]
    channel.send(talk.send(h11.Request(method=method, target=path, headers=headers)) or b"")
    if body:
        channel.send(talk.send(h11.Data(data=body)) or b"")
    channel.send(talk.send(h11.EndOfMessage()) or b"")
    return _answer(channel, talk)


def _answer(channel: Channel, talk: h11.Connection) -> tuple[int, bytes]:
    status, taken = 0, bytearray()
    while True:
        event = talk.next_event()
        if event is h11.NEED_DATA:
            talk.receive_data(channel.some())
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            taken += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, bytes(taken)
        if len(taken) > LONGEST_ANSWER:
            raise UnavailableError("the service's answer is too long")


def _object(raw: bytes) -> dict[str, JSON] | None:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _said(answer: dict[str, JSON] | None, status: int) -> str:
    # RFC 9457 §3.1: the detail is about this occurrence, the title about its kind.
    for name in ("detail", "title"):
        text = (answer or {}).get(name)
        if isinstance(text, str) and text.isprintable() and text:
            return text[:200]
    return f"status {status}"


def _bytes(answer: dict[str, JSON], name: str) -> bytes:
    found = answer.get(name)
    if not isinstance(found, str):
        raise FormatError(f"the service's answer has no {name}")
    return unb64(found, name)
