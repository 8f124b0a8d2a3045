"""The control service: gateways ask it, over pinned hybrid TLS, in a thread of its own."""

import asyncio
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from api.desk import ReleaseDesk
from api.errors import UnavailableError
from api.gate import Gate
from api.gateway.channel import Credentials
from api.http.control import control_app
from api.http.tls import make_server
from api.instance import Instance, fresh
from api.layout import SERVICE
from crypto.tls import make_context

HOST = "127.0.0.1"
STARTUP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service listens, and the certificate it shows."""

    host: str
    port: int
    fingerprint: str


@contextmanager
def control_service(instance: Instance, gate: Gate, *, port: int = 0) -> Generator[Address]:
    """Serve gateways on loopback until the block ends; `port` 0 takes a free one.

    Raises:
        UnavailableError: the port is taken.
    """
    trust = instance.trust()
    pins = {site: known.tls for site, known in trust.sites.items()}
    folder = instance.layout.site(SERVICE)
    key, certificate = (folder / name for name in ("tls.key", "tls.crt"))
    context = make_context(key.read_bytes(), certificate.read_bytes(), pins)
    app = control_app(ReleaseDesk(gate, fresh))
    server = make_server(app, Credentials(context, pins, instance.now), host=HOST, port=port)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(),), daemon=True)
    thread.start()
    waited = threading.Event()
    for _ in range(int(STARTUP_SECONDS / 0.02)):
        if server.started or not thread.is_alive():
            break
        waited.wait(0.02)
    if not server.started:
        raise UnavailableError(f"the control service cannot listen on {HOST}:{port}")
    try:
        bound = server.servers[0].sockets[0].getsockname()
        yield Address(HOST, int(bound[1]), trust.site(SERVICE).tls)
    finally:
        server.should_exit = True
        thread.join(STARTUP_SECONDS)
