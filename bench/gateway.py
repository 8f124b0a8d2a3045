"""A whole passage over loopback, file to file, against a bare TCP copy of the same file."""

import hashlib
import secrets
import shutil
import socket
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api import clock
from api.gateway.admission import release_context
from api.gateway.channel import Credentials, Listener
from api.gateway.control import Prove
from api.gateway.receive import run_receive
from api.gateway.send import run_send
from api.gateway.station import Station
from bench.measure import Row, throughput
from crypto import tls
from crypto.envelope import seal_key
from crypto.permit import PermitClaims, sign_permit
from crypto.recipient import RecipientKey, challenge, check_answer
from crypto.signing import SigningKey
from crypto.trust import SiteTrust, TrustBundle

SITES = SOURCE, TARGET = "tokyo", "osaka"
SEGMENT = 8 << 20
SIZE = 4 * SEGMENT
DAY = 86_400


class _Passage:
    """Two stations that trust one another, and a service that releases one data key."""

    def __init__(self, folder: Path) -> None:
        now = clock.now()
        content = secrets.token_bytes(SIZE)
        self.folder = folder
        self.content = folder / "content"
        self.content.write_bytes(content)
        self._dek = secrets.token_bytes(32)
        self._permits = SigningKey.generate("std")
        self._signing = {site: SigningKey.generate("std") for site in SITES}
        self._recipient = {site: RecipientKey.generate("std") for site in SITES}
        self._tls = {site: tls.make_certificate(site, now - DAY, now + DAY) for site in SITES}
        self._trust = self._bundle(now)
        self._claims = PermitClaims(
            id="bench", dataset="bench", content="sha256:" + hashlib.sha256(content).hexdigest(),
            label="sha256:" + "0" * 64, revision="r", epoch="e", sites=SITES, spans=("s",),
            source=SOURCE, destination=TARGET, suite="std", obligations=(),
            not_before=now - DAY, expires=now + DAY, nonce="n", log_index=0,
        )  # fmt: skip
        self._permit = sign_permit(self._claims, self._permits)
        self._stations = {site: self._station(site) for site in SITES}

    def _bundle(self, now: int) -> TrustBundle:
        keys = {f"site:{site}": (self._signing[site].public.to_bytes(),) for site in SITES}
        return TrustBundle(
            version=1,
            issued=now - DAY,
            expires=now + DAY,
            keys={"permit": (self._permits.public.to_bytes(),), **keys},
            sites={
                site: SiteTrust(
                    self._recipient[site].public.to_bytes(), tls.fingerprint(self._tls[site][1])
                )
                for site in SITES
            },
        )

    def _station(self, site: str) -> Station:
        pins = {name: known.tls for name, known in self._trust.sites.items()}
        mine = Credentials(tls.make_context(*self._tls[site], pins), pins, clock.now)
        work = self.folder / f"work-{site}"
        return Station(
            site, mine, self._trust, self._signing[site], self._recipient[site], None, work, 30.0
        )

    def _release_to(self, site: str) -> Callable[[bytes, Prove], bytes]:
        def release(_permit: bytes, prove: Prove) -> bytes:
            public = self._trust.site(site).public
            blob, expected = challenge(public, b"bench")
            check_answer(expected, prove(blob, b"bench"))
            context = release_context(self._claims, site, public)
            return seal_key(self._dek, public, context).to_bytes()

        return release

    def carry(self) -> None:
        """Carry the file once: checked, sealed, sent, received, opened, receipts signed."""
        out = self.folder / "out"
        out.unlink(missing_ok=True)
        for site in SITES:
            shutil.rmtree(self.folder / f"work-{site}", ignore_errors=True)
        listener = Listener("127.0.0.1", 0)
        try:
            with ThreadPoolExecutor(1) as pool:
                received = pool.submit(
                    run_receive,
                    self._stations[TARGET],
                    listener,
                    out,
                    release=self._release_to(TARGET),
                    patience=30,
                )
                run_send(
                    self._stations[SOURCE],
                    self._permit,
                    self.content,
                    to=TARGET,
                    at=listener.address,
                    release=self._release_to(SOURCE),
                    still_valid=lambda _passage: True,
                    segment_size=SEGMENT,
                )
                received.result()
        finally:
            listener.close()

    def copy(self) -> None:
        """Copy the file once over a bare connection: nothing checked, nothing encrypted."""
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
            taken = pool.submit(_take, server, self.folder / "copy")
            with (
                socket.create_connection(server.getsockname()) as connection,
                self.content.open("rb") as file,
            ):
                connection.sendfile(file)
            taken.result()


def _take(server: socket.socket, target: Path) -> None:
    connection, _ = server.accept()
    with connection, target.open("wb") as file:
        while piece := connection.recv(1 << 20):
            file.write(piece)


def passage_against_bare_copy() -> Row:
    """Digest, seal, TLS with a hybrid group, open, two receipts against `sendfile`."""
    with tempfile.TemporaryDirectory() as folder:
        passage = _Passage(Path(folder))
        return throughput(
            "gateway: one passage of 34 MB, file to file",
            passage.carry,
            "bare TCP copy, nothing encrypted or checked",
            passage.copy,
            amount=SIZE / 1e6,
            unit="MB",
            clock="wall",
        )


BENCHES = (passage_against_bare_copy,)
