"""The engines that run: the embedded one, and an OPA server started on loopback."""

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from api.errors import UnavailableError
from policy.bundle import Bundle
from policy.engines.embedded import EmbeddedEngine
from policy.engines.engine import Engine
from policy.engines.opa import OPAEngine

HOST: Final = "127.0.0.1"
STARTUP_SECONDS: Final = 10.0


@asynccontextmanager
async def running(bundle: Bundle, which: str) -> AsyncGenerator[Sequence[Engine]]:
    """Yield the engines named `embedded`, `opa` or `both`, holding this bundle.

    Raises:
        UnavailableError: there is no OPA, or it does not start.
        EngineError: OPA does not take the bundle.
    """
    async with AsyncExitStack() as stack:
        engines: list[Engine] = []
        if which != "opa":
            engines.append(EmbeddedEngine(bundle))
        if which != "embedded":
            port = await stack.enter_async_context(_opa_server())
            engines.append(await stack.enter_async_context(_opa(bundle, port)))
        yield engines


def opa_binary() -> Path:
    """Return where OPA is: $SEKISHO_OPA, PATH or ~/go/bin.

    Raises:
        UnavailableError: nowhere.
    """
    named = os.environ.get("SEKISHO_OPA")
    for place in (named, shutil.which("opa"), Path.home() / "go" / "bin" / "opa"):
        if place is not None and Path(place).is_file():
            return Path(place)
    raise UnavailableError(
        "no OPA in $SEKISHO_OPA, PATH or ~/go/bin; "
        "`go install github.com/open-policy-agent/opa@v1.22.2` brings it"
    )


@asynccontextmanager
async def _opa(bundle: Bundle, port: int) -> AsyncGenerator[OPAEngine]:
    # A test run asks thousands of questions of a server that shares the machine with it.
    async with OPAEngine(bundle, HOST, port, deadline=STARTUP_SECONDS) as engine:
        await engine.activate()
        yield engine


@asynccontextmanager
async def _opa_server() -> AsyncGenerator[int]:
    port = _free_port()
    process = await asyncio.create_subprocess_exec(
        opa_binary(), "run", "--server", "--addr", f"{HOST}:{port}", "--log-level", "error",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _listening(port, process)
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(STARTUP_SECONDS):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                return
    except TimeoutError as late:
        raise UnavailableError("OPA did not start to listen") from late
    raise UnavailableError("OPA ended while starting")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port
