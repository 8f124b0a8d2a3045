"""`sekisho gateway`: the gateways of a cluster, each its own process.

Exit codes: 0 carried, 1 refused, revoked or not what it must be, 2 bad usage, 3 unavailable (run it
again: what was carried so far is kept).
"""

import signal
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import FILE, OUT, emit, output_option, progress
from api.errors import UsageError

if TYPE_CHECKING:
    from api.gateway.channel import Listener
    from api.gateway.control import Control
    from api.gateway.station import Config, Station

_config = click.option("--config", type=FILE, required=True, help="This gateway's settings.")
_to = click.option("--to", "site", required=True, help="The site of the next gateway.")
_at = click.option("--at", "place", required=True, help="Its address, HOST:PORT.")
_listen = click.option("--listen", help="HOST:PORT to listen on; port 0 takes a free one.")
_wait = click.option("--wait", type=click.FloatRange(min=0), help="Seconds to wait for a peer.")


@click.group()
def command() -> None:
    """Carry permitted passages: hybrid TLS, sealed segments, signed receipts."""


@command.command()
@_config
@click.option("--permit", type=FILE, required=True, help="The signed passage permit.")
@_to
@_at
@click.option("--segment", type=click.IntRange(1, 1024), default=16, help="MiB in a segment.")
@click.argument("content", type=FILE)
@output_option
def send(
    *, config: Path, permit: Path, site: str, place: str, segment: int, content: Path, output: str
) -> None:
    """Seal CONTENT and carry it to the next gateway, asking before each segment."""
    from api.gateway.send import run_send  # noqa: PLC0415 - imports lazily, for start-up

    station, _ = _open(config)
    control = _service(station)
    sent = run_send(
        station,
        permit.read_bytes(),
        content,
        to=site,
        at=_address(place),
        release=control.release,
        still_valid=control.still_valid,
        segment_size=segment << 20,
    )
    found = [{"code": each.code, "site": each.site} for each in sent.discrepancies]
    receipts = [{"site": each.site, "digest": each.digest} for each in sent.receipts]
    answer = {"passage": sent.passage, "receipts": receipts, "discrepancies": found}
    _answer(output, {**answer, "signed": _texts(sent.signed)}, f"{sent.passage}: delivered")
    if found:
        raise click.exceptions.Exit(1)


@command.command()
@_config
@click.option("--permit", type=FILE, help="Take this passage alone.")
@_listen
@_wait
@click.option("-o", "--out", type=OUT, required=True, help="Where the content goes.")
@output_option
def receive(
    *,
    config: Path,
    permit: Path | None,
    listen: str | None,
    wait: float | None,
    out: Path,
    output: str,
) -> None:
    """Wait for one passage, ask for its key and write its content."""
    from api.gateway.receive import run_receive  # noqa: PLC0415 - imports lazily, for start-up

    station, settings = _open(config)
    control = _service(station)
    expected = None if permit is None else permit.read_bytes()
    with closing(_listener(listen or settings.listen)) as listener:
        received = run_receive(
            station,
            listener,
            out,
            release=control.release,
            permit=expected,
            patience=wait,
        )
    answer = {"passage": received.passage, "content": received.content}
    signed = _texts((received.receipt,))
    _answer(output, {**answer, "signed": signed}, f"{received.passage}: {out}")


@command.command()
@_config
@_to
@_at
@_listen
@_wait
@click.option("--once", is_flag=True, help="End after one passage.")
def relay(
    *, config: Path, site: str, place: str, listen: str | None, wait: float | None, once: bool
) -> None:
    """Pass sealed segments on to the next gateway; no key is held or asked for."""
    from api.gateway.relay import Relay  # noqa: PLC0415 - imports lazily, for start-up

    station, settings = _open(config)
    relaying = Relay(station, site, _address(place))
    with closing(_listener(listen or settings.listen)) as listener:
        relaying.run(listener, patience=wait, once=once)


def _open(path: Path) -> "tuple[Station, Config]":
    from api.clock import now  # noqa: PLC0415 - imports lazily, for start-up
    from api.gateway.station import Config, open_station  # noqa: PLC0415 - imports lazily
    from crypto.tls import self_test  # noqa: PLC0415 - imports lazily, for start-up

    # A gateway that is told to end leaves no half-written content behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    self_test()
    settings = Config.read(path)
    return open_station(settings, now, progress), settings


def _service(station: "Station") -> "Control":
    if station.control is None:
        raise UsageError("this gateway's settings name no service to ask")
    return station.control


def _listener(place: str | None) -> "Listener":
    from api.gateway.channel import Listener  # noqa: PLC0415 - imports lazily, for start-up

    if place is None:
        raise UsageError("nowhere to listen: --listen HOST:PORT")
    listener = Listener(*_address(place))
    host, port = listener.address
    progress(f"listening on {host}:{port}")
    return listener


def _address(place: str) -> tuple[str, int]:
    from api.gateway.station import address  # noqa: PLC0415 - imports lazily, for start-up

    try:
        return address(place)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _texts(raws: tuple[bytes, ...]) -> list[str]:
    from crypto.encoding import b64  # noqa: PLC0415 - imports lazily, for start-up

    return [b64(raw) for raw in raws]


def _answer(output: str, document: dict[str, Any], line: str) -> None:
    if output == "json":
        emit(document)
    else:
        click.echo(line)
