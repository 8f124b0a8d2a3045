"""One TLS connection between two gateways, over a blocking socket.

Who is at the other end and the group are settled before the first byte. Every operation is bounded
by the socket's own timeouts; whatever breaks the connection is an `UnavailableError`.
"""

import contextlib
import select
import socket
import struct
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Final

from OpenSSL import SSL

from api.errors import UnavailableError
from crypto import tls
from crypto.errors import TLSError

# SSL_read never returns more than one record, and pyOpenSSL allocates what it is asked for.
RECORD: Final = 1 << 14
# How much of what the peer still sends is read after an ABORT, so that it is not lost to a reset.
LINGER: Final = 8192
HANDSHAKE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """A site's TLS context, the pins it knows and the clock (unix seconds) that judges them."""

    context: SSL.Context
    pins: Mapping[str, str]
    now: Callable[[], int]


class Channel:
    """An established connection; build it with `dial` or `Listener.accept`."""

    def __init__(self, sock: socket.socket, connection: SSL.Connection, peer: tls.Peer) -> None:
        self._socket = sock
        self._connection = connection
        self.peer = peer

    def send(self, *parts: bytes | bytearray | memoryview) -> None:
        """Send the parts in order. Raises: UnavailableError."""
        with _broken(self.peer.site):
            for part in parts:
                self._connection.sendall(part)

    def receive(self, size: int) -> bytearray:
        """Return exactly `size` bytes. Raises: UnavailableError."""
        taken = bytearray(size)
        view, done = memoryview(taken), 0
        with _broken(self.peer.site):
            while done < size:
                wanted = min(RECORD, size - done)
                done += self._connection.recv_into(view[done:], wanted)
        return taken

    def some(self) -> bytes:
        """Return what comes next, at most one record, or nothing at the peer's orderly end.

        Raises:
            UnavailableError: the connection broke.
        """
        with _broken(self.peer.site):
            try:
                return self._connection.recv(RECORD)
            except SSL.ZeroReturnError:
                return b""

    def ready(self) -> bool:
        """Whether the peer has said something that was not asked for yet."""
        return bool(self._connection.pending() or select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """End the connection, telling the peer so if it still listens."""
        with contextlib.suppress(SSL.Error):
            self._connection.shutdown()
        self._socket.close()

    def linger(self) -> None:
        """Read on, within bounds, so that a last frame reaches a peer that is still sending."""
        with contextlib.suppress(SSL.Error, OSError):
            self._connection.shutdown()
            for _ in range(LINGER):
                self._connection.recv(RECORD)


class Listener:
    """A listening socket of a gateway; `address` tells the port that was bound."""

    def __init__(self, host: str, port: int) -> None:
        try:
            self._socket = socket.create_server((host, port))
        except OSError as error:
            raise UnavailableError(f"cannot listen on {host}:{port}: {error.strerror}") from error
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def accept(
        self, mine: Credentials, *, timeout: float, patience: float | None = None
    ) -> Channel:
        """Return the next connection of a pinned site.

        Args:
            mine: own context, pins and clock.
            timeout: seconds that one later read or write may stall.
            patience: seconds to wait for a peer; None waits for ever.

        Raises:
            UnavailableError: nobody came in time, or the listener was closed.
            TLSError: whoever came is not a pinned site with a hybrid handshake.
        """
        try:
            self._socket.settimeout(patience)
            sock, _ = self._socket.accept()
        except OSError as error:
            raise UnavailableError("no gateway connected") from error
        try:
            return _establish(sock, mine, None, timeout)
        except UnavailableError as error:
            raise TLSError("a handshake was not finished") from error

    def close(self) -> None:
        """Stop listening; whoever waits in `accept` is told."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def dial(address: tuple[str, int], mine: Credentials, *, expect: str, timeout: float) -> Channel:
    """Return a connection to the site `expect` at `address`.

    Raises:
        UnavailableError: nobody answers there within `timeout` seconds.
        TLSError: whoever answers is not `expect` with a hybrid handshake.
    """
    try:
        sock = socket.create_connection(address, timeout)
    except OSError as error:
        raise UnavailableError(f"{expect} does not answer at {address[0]}:{address[1]}") from error
    return _establish(sock, mine, expect, timeout)


def _establish(
    sock: socket.socket, mine: Credentials, expect: str | None, timeout: float
) -> Channel:
    try:
        connection = SSL.Connection(mine.context, sock)
        _bound(sock, min(timeout, HANDSHAKE_SECONDS))
        (connection.set_accept_state if expect is None else connection.set_connect_state)()
        with _broken(expect or "a peer", TLSError):
            connection.do_handshake()
        peer = tls.established(connection, mine.pins, now=mine.now(), expect=expect)
        _bound(sock, timeout)
    except BaseException:
        sock.close()
        raise
    return Channel(sock, connection, peer)


def _bound(sock: socket.socket, timeout: float) -> None:
    # Kernel timeouts keep the descriptor blocking, as OpenSSL needs it; Python's would not.
    sock.settimeout(None)
    period = struct.pack("@ll", int(timeout), int(timeout % 1 * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        sock.setsockopt(socket.SOL_SOCKET, option, period)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@contextlib.contextmanager
def _broken(site: str, refused: type[Exception] = UnavailableError) -> Generator[None]:
    try:
        yield
    except (SSL.WantReadError, SSL.WantWriteError) as error:
        raise UnavailableError(f"{site} does not go on") from error
    except (SSL.SysCallError, SSL.ZeroReturnError, OSError) as error:
        raise UnavailableError(f"the connection to {site} ended") from error
    except SSL.Error as error:
        raise refused(f"the connection to {site} was refused") from error
