"""Serving an ASGI application over TLS that the standard library cannot require.

uvicorn's own HTTP protocol runs unmodified on a transport whose bytes pass through a pyOpenSSL
memory BIO. It is built only after the handshake is finished, the group is hybrid and the peer is a
pinned site; routes find both in `scope["extensions"]["sekisho.tls"]`.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

import uvicorn
from OpenSSL import SSL
from typing_extensions import override
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from api.gateway.channel import RECORD, Credentials
from crypto import tls
from crypto.errors import TLSError

EXTENSION: Final = "sekisho.tls"
HANDSHAKE_SECONDS: Final = 10
_CHUNK: Final = 1 << 18


def peer_site(scope: Mapping[str, Any]) -> str | None:
    """Return the site whose pinned certificate opened this connection, None without one."""
    found = scope.get("extensions", {}).get(EXTENSION)
    return found["site"] if isinstance(found, dict) else None


def make_server(app: Any, mine: Credentials, *, host: str, port: int) -> uvicorn.Server:
    """Return a uvicorn server that speaks with pinned sites alone; run it with `serve`.

    Raises:
        TLSError: the self-test fails, so nothing may be served.
    """
    tls.self_test()
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=cast("type[asyncio.Protocol]", partial(TLSProtocol, mine=mine)),
        ws="none",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config)


class TLSProtocol(asyncio.Protocol):
    """One connection: handshake, then uvicorn's HTTP protocol on the decrypted bytes."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        mine: Credentials,
    ) -> None:
        self._mine = mine
        self._loop = _loop or asyncio.get_running_loop()
        self._connection = SSL.Connection(mine.context, None)
        self._connection.set_accept_state()
        self._build = partial(H11Protocol, config, server_state, app_state, self._loop)
        self._inner: H11Protocol | None = None
        self._raw: asyncio.Transport
        self._plain: TLSTransport
        self._deadline: asyncio.TimerHandle

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._raw = cast("asyncio.Transport", transport)
        self._plain = TLSTransport(self._raw, self._connection, self._mine.context, self._read)
        self._deadline = self._loop.call_later(HANDSHAKE_SECONDS, self._raw.abort)

    @override
    def data_received(self, data: bytes) -> None:
        self._connection.bio_write(data)
        try:
            if self._inner is None:
                self._shake_hands()
            self._read()
        except SSL.WantReadError:
            self._plain.flush()
        except (SSL.Error, TLSError):
            # The alert tells the peer; nothing of the application has been reached.
            self._plain.flush()
            self._raw.close()

    @override
    def eof_received(self) -> bool | None:
        return None

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        if self._inner is not None:
            self._inner.connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    @override
    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def _shake_hands(self) -> None:
        self._connection.do_handshake()
        peer = tls.established(self._connection, self._mine.pins, now=self._mine.now())
        self._plain.flush()
        self._deadline.cancel()
        self._inner = self._build()
        self._inner.app = _introduced(self._inner.app, peer)
        self._inner.connection_made(self._plain)

    def _read(self) -> None:
        """Hand over what is decrypted, as long as the application takes it."""
        while self._inner is not None and not self._plain.paused and not self._plain.is_closing():
            try:
                taken = self._connection.recv(RECORD)
            except SSL.WantReadError:
                break
            except SSL.Error:
                self._plain.close()
                break
            self._inner.data_received(taken)
        self._plain.flush()


class TLSTransport(asyncio.Transport):
    """What uvicorn writes to: encrypts into the memory BIO and passes it to the real transport."""

    def __init__(
        self,
        raw: asyncio.Transport,
        connection: SSL.Connection,
        context: SSL.Context,
        read: Any,
    ) -> None:
        super().__init__()
        self._raw = raw
        self._connection = connection
        self._context = context
        self._resumed = read
        self.paused = False

    def flush(self) -> None:
        """Pass on all ciphertext that waits in the memory BIO."""
        with suppress(SSL.WantReadError):
            while True:
                self._raw.write(self._connection.bio_read(_CHUNK))

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._context if name == "sslcontext" else self._raw.get_extra_info(name, default)

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self.is_closing():
            self._connection.sendall(data)
            self.flush()

    @override
    def is_closing(self) -> bool:
        return self._raw.is_closing()

    @override
    def close(self) -> None:
        if not self.is_closing():
            with suppress(SSL.Error):
                self._connection.shutdown()
            self.flush()
            self._raw.close()

    @override
    def abort(self) -> None:
        self._raw.abort()

    @override
    def pause_reading(self) -> None:
        self.paused = True
        self._raw.pause_reading()

    @override
    def resume_reading(self) -> None:
        if self.paused:
            self.paused = False
            self._raw.resume_reading()
            # What is already decrypted would otherwise wait for the peer's next byte.
            asyncio.get_running_loop().call_soon(self._resumed)


def _introduced(app: Any, peer: tls.Peer) -> Any:
    async def introduced(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        known = {EXTENSION: {"site": peer.site, "group": peer.group}}
        await app({**scope, "extensions": {**scope.get("extensions", {}), **known}}, receive, send)

    return introduced
