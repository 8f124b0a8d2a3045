"""The whole surface on loopback, as users meet it, and a bare application beside it."""

import http.client
import logging
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.founding import created, example_sites
from api.http.access import COOKIE
from api.instance import Instance
from api.offline import read_network
from api.registry import Registration
from api.resources import example
from api.surface import create_surface
from api.tokens import principal_of
from policy.label import Level

NETWORK = "network/jpn48.json"


@dataclass(frozen=True, slots=True)
class Served:
    """A connection kept open to one server, and what every request carries."""

    connection: http.client.HTTPConnection
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """Return the body of an answer; anything but 200 is a fault of the bench."""
        self.connection.request(method, path, body, self.headers)
        answer = self.connection.getresponse()
        raw = answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {raw[:200]!r}")
        return raw


@contextmanager
def surface() -> Generator[tuple[Served, Instance]]:
    """Serve an instance on the example network with one dataset, as an auditor asks it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        network = read_network(example(NETWORK))
        made = created(folder / "instance", network, example_sites(network))
        instance = stack.enter_context(made)
        stated = Registration("midori-hospital", "tokyo", frozenset({"care"}), "patients")
        instance.registry.register(example("datasets/patients.csv"), stated)
        who = principal_of("auditor", name="bench", tenant=None, clearance=Level.L4)
        token = instance.issue_token(who)
        app = create_surface(instance, instance.gate(instance.world()))
        port = stack.enter_context(_serving(app))
        headers = {
            "Authorization": f"Bearer {token}",
            "Cookie": f"{COOKIE}={token}",
            "Content-Type": "application/json",
        }
        yield Served(_connect(stack, port), headers), instance


@contextmanager
def bare(body: bytes, media_type: str) -> Generator[Served]:
    """Serve the same bytes from a Starlette application that does nothing else."""

    async def answer(request: Request) -> Response:
        await request.body()
        return Response(body, media_type=media_type)

    app = Starlette(routes=[Route("/", answer, methods=["GET", "POST"])])
    with ExitStack() as stack:
        port = stack.enter_context(_serving(app))
        yield Served(_connect(stack, port), {})


def _connect(stack: ExitStack, port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    stack.callback(connection.close)
    return connection


@contextmanager
def _serving(app: Any) -> Generator[int]:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
