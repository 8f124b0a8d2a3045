"""Two gateways, each its own process, carry a passage over loopback."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from typing_extensions import override

from api.control_service import Address
from api.durable import write_durably
from api.errors import UnavailableError
from api.gateway.parcel import Parcel
from api.layout import SERVICE, Layout
from api.passage import Passage
from policy.canonical import JSON, canonical

SECONDS: Final = 60
_LISTENING: Final = "listening on "


@dataclass(frozen=True, slots=True)
class Carried:
    """How both gateways ended: exit codes, what they said, and how many segments had arrived."""

    sent: int
    received: int
    answer: dict[str, Any]
    said: str
    segments: int
    out: Path

    @property
    def delivered(self) -> bool:
        """Whether both gateways say that the content arrived."""
        return self.sent == 0 and self.received == 0


def carry(
    layout: Layout,
    service: Address,
    passage: Passage,
    content: Path,
    work: Path,
    *,
    midway: Callable[[], None] | None = None,
) -> Carried:
    """Carry a passage; `midway` is called once when the first segments have arrived.

    Raises:
        UnavailableError: the receiving gateway did not start to listen.
    """
    permit = work / f"{passage.id}.permit"
    write_durably(permit, passage.permit)
    out = work / f"{passage.id}.out"
    with _gateway(layout, service, passage.destination, permit, "receive", "-o", out) as receiving:
        try:
            place = _listening(receiving)
            heard = _Listener(receiving.stderr)
            sending = _gateway(
                layout, service, passage.source, permit, "send", "--to", passage.destination,
                "--at", place, "--segment", "1", str(content),
            )  # fmt: skip
            segments = _watch(layout, passage, sending, midway)
            answer, said = sending.communicate(timeout=SECONDS)
            received = receiving.wait(timeout=SECONDS)
            heard.join()
        finally:
            receiving.kill()
    return Carried(
        sent=sending.returncode,
        received=received,
        answer=json.loads(answer) if answer else {},
        said=said + heard.text,
        segments=segments,
        out=out,
    )


class _Listener(threading.Thread):
    """Reads a process's words, so that it never waits for somebody to."""

    def __init__(self, stream: IO[str] | None) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.text = ""
        self.start()

    @override
    def run(self) -> None:
        if self._stream is not None:
            self.text = self._stream.read()


def _gateway(
    layout: Layout, service: Address, site: str, permit: Path, verb: str, *more: str | Path
) -> subprocess.Popen[str]:
    config = config_of(layout, service, site)
    wait = ("--listen", "127.0.0.1:0", "--wait", str(SECONDS)) if verb == "receive" else ()
    command = [
        sys.executable, "-m", "api.cli", "gateway", verb, "--config", str(config),
        "--permit", str(permit), *wait, *more, "--output", "json",
    ]  # fmt: skip
    return subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def config_of(layout: Layout, service: Address, site: str) -> Path:
    """Write the settings of a site's gateway and return where they are."""
    path = layout.site(site) / "gateway.json"
    document: dict[str, JSON] = {
        "site": site,
        "trust": str(layout.bundle),
        "root": str(layout.root),
        "tls_key": "tls.key",
        "tls_certificate": "tls.crt",
        "signing_key": "signing.key",
        "recipient_key": "recipient.key",
        "work": "work",
        "seconds": SECONDS,
        "service": {
            "address": f"{service.host}:{service.port}",
            "site": SERVICE,
            "fingerprint": service.fingerprint,
        },
    }
    write_durably(path, canonical(document))
    return path


def _listening(process: subprocess.Popen[str]) -> str:
    lines: list[str] = []
    while process.stderr is not None and (line := process.stderr.readline()):
        if line.startswith(_LISTENING):
            return line.removeprefix(_LISTENING).strip()
        lines.append(line.strip())
    raise UnavailableError(f"the receiving gateway did not start: {' '.join(lines)}")


def _watch(
    layout: Layout,
    passage: Passage,
    sending: subprocess.Popen[str],
    midway: Callable[[], None] | None,
) -> int:
    """Return how many segments had arrived when `midway` was called, or at the end."""
    parcel = Parcel(layout.site(passage.destination) / "work", passage.destination, passage.id)
    pause = threading.Event()
    while midway is not None and sending.poll() is None:
        arrived = len(parcel.held())
        if arrived > 1:
            midway()
            return arrived
        pause.wait(0.002)
    return 0
