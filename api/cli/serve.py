"""`sekisho serve`: the API, the console and the gateways' control service, in one process."""

import asyncio
import ipaddress
import signal
import socket
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from api.cli.options import data_option, lang_option, progress
from api.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from api.gate import Gate
    from api.instance import Instance

DRAIN_SECONDS: Final = 10
STEWARD_OF: Final = "midori-hospital"
USERS: Final = (
    ("tenant", "steward", STEWARD_OF, "L4"),
    ("operator", "operator", None, "L0"),
    ("auditor", "auditor", None, "L0"),
)


@click.command()
@click.option("--demo", is_flag=True, help="With the example datasets, and a token for each user.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback only.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@data_option
@lang_option
def command(*, demo: bool, host: str, port: int, data: Path, lang: str) -> None:
    """Serve the API, the console and the log over HTTP, and gateways over mutual TLS.

    \b
    sekisho serve --demo
    sekisho serve --data /srv/sekisho --port 8080
    """  # noqa: D301
    from api.control_service import control_service  # noqa: PLC0415 - imports lazily
    from api.wording.sentences import word  # noqa: PLC0415

    with _listening(host, port) as listener, _house(data, demo=demo) as (instance, gate):
        _probe(gate)
        with control_service(instance, gate) as control:
            bound = listener.getsockname()
            name = f"[{bound[0]}]" if ":" in host else bound[0]
            click.echo(word("serve.address", lang, address=f"http://{name}:{bound[1]}/"))
            click.echo(word("serve.control", lang, address=f"{control.host}:{control.port}"))
            if demo:
                _issue(instance, lang)
            sys.stdout.flush()
            _serve(instance, gate, listener)
    progress(word("serve.stopped", lang))


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    """Yield the bound socket.

    Raises:
        UsageError: not a loopback address.
        UnavailableError: the port is taken.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as failure:
        raise UsageError(f"--host {host}: give a loopback address such as 127.0.0.1") from failure
    if not address.is_loopback:
        raise UsageError(
            f"--host {host}: tokens would cross the network without hybrid TLS; "
            "listen on loopback, behind a proxy that has it"
        )
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((str(address), port))
            # From here on who connects waits; nobody who reads the address is turned away.
            listener.listen()
        except OSError as failure:
            raise UnavailableError(
                f"cannot listen on {host}:{port}: {failure.strerror}"
            ) from failure
        yield listener


@contextmanager
def _house(data: Path, *, demo: bool) -> Generator[tuple["Instance", "Gate"]]:
    if not demo:
        from api.founding import ensured  # noqa: PLC0415 - imports lazily, for start-up

        with ensured(data, progress) as instance:
            yield instance, instance.gate(instance.world())
        return
    from api.demo.stage import set_stage  # noqa: PLC0415
    from api.demo.tell import Teller  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="sekisho-serve-") as work,
        set_stage(data, Path(work), Teller(())) as stage,
    ):
        yield stage.instance, stage.gate


def _probe(gate: "Gate") -> None:
    from policy.engines.probe import probe  # noqa: PLC0415 - imports lazily, for start-up

    asyncio.run(probe(gate.world.engine, gate.world.bundle))


def _issue(instance: "Instance", lang: str) -> None:
    from api.tokens import principal_of  # noqa: PLC0415 - imports lazily, for start-up
    from api.wording.sentences import word  # noqa: PLC0415
    from policy.label import Level  # noqa: PLC0415

    click.echo(word("serve.sign_in", lang))
    for role, name, tenant, clearance in USERS:
        who = principal_of(role, name=name, tenant=tenant, clearance=Level.parse(clearance))
        click.echo(f"\n  {word(f'serve.{role}', lang, tenant=tenant, clearance=clearance)}")
        click.echo(f"  {instance.issue_token(who)}")
    click.echo()


def _serve(instance: "Instance", gate: "Gate", listener: socket.socket) -> None:
    import uvicorn  # noqa: PLC0415 - imports lazily, for start-up

    from api.surface import create_surface  # noqa: PLC0415

    config = uvicorn.Config(
        create_surface(instance, gate),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    # uvicorn raises the signal that stopped it once more; by then the log must still be closed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    uvicorn.Server(config).run(sockets=[listener])
