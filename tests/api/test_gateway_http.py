"""uvicorn over pyOpenSSL on loopback, and the control client that asks it."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from OpenSSL import SSL
from typing_extensions import override

from api.errors import NotAllowedError, UnavailableError
from api.gateway.channel import Credentials, Listener, dial
from api.gateway.control import LONGEST_ANSWER, Control
from api.http import tls as serving
from crypto import tls
from crypto.encoding import b64
from crypto.errors import FormatError, TLSError

NOW = 1_800_000_000
SITES = {site: tls.make_certificate(site, 0, 2 * NOW) for site in ("service", "tokyo", "osaka")}
PINS: Mapping[str, str] = {site: tls.fingerprint(pair[1]) for site, pair in SITES.items()}


def credentials(site: str, *known: str, now: int = NOW) -> Credentials:
    pins = {each: PINS[each] for each in known or tuple(SITES)}
    return Credentials(tls.make_context(*SITES[site], pins), pins, lambda: now)


async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Echo what arrived and who sent it; a few paths misbehave on purpose."""
    body = bytearray()
    more = True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    seen = {"path": scope["path"], "scheme": scope["scheme"], "size": len(body)}
    known = {"site": serving.peer_site(scope), **scope["extensions"]["sekisho.tls"]}
    status = int(scope["path"][2:]) if scope["path"].startswith("/s") else 200
    raw = json.dumps({"title": "no\u202e" if status == 499 else "it said no", **seen, **known})
    answer = {"/long": b"x" * (LONGEST_ANSWER + 1), "/list": b"[1]", "/deep": b"[" * 9000}
    await send({"type": "http.response.start", "status": status, "headers": []})
    if scope["path"] == "/big":
        for _ in range(32):
            piece = {"type": "http.response.body", "body": bytes(1 << 20), "more_body": True}
            await send(piece)
    await send({"type": "http.response.body", "body": answer.get(scope["path"], raw.encode())})


@pytest.fixture(scope="module")
def address() -> Generator[tuple[str, int]]:
    server = serving.make_server(app, credentials("service"), host="127.0.0.1", port=0)
    server.config.lifespan = "off"
    bound = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])))
    thread.start()
    yield bound.getsockname()
    server.should_exit = True
    thread.join()


def control(address: tuple[str, int], mine: Credentials) -> Control:
    return Control(address, "service", mine, seconds=5)


def test_a_route_learns_the_site_and_the_group(address: tuple[str, int]) -> None:
    assert control(address, credentials("tokyo")).get("/who") == {
        "title": "it said no",
        "path": "/who",
        "scheme": "https",
        "size": 0,
        "site": "tokyo",
        "group": "X25519MLKEM768",
    }


@pytest.mark.parametrize("scope", [{}, {"extensions": {}}, {"extensions": {"tls": {}}}], ids=str)
def test_a_connection_without_pinned_certificate_is_no_site(scope: Mapping[str, Any]) -> None:
    assert serving.peer_site(scope) is None


def test_a_large_body_crosses_whole(address: tuple[str, int]) -> None:
    answer = control(address, credentials("osaka")).post("/echo", {"text": "x" * 900_000})
    assert answer["size"] == 900_000 + len('{"text":""}')
    assert answer["site"] == "osaka"


def test_requests_reuse_nothing_of_each_other(address: tuple[str, int]) -> None:
    sites = [control(address, credentials(site)).get("/")["site"] for site in ("tokyo", "osaka")]
    assert sites == ["tokyo", "osaka"]


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("/s403", NotAllowedError, "it said no"),
        ("/s409", NotAllowedError, "it said no"),
        ("/s499", NotAllowedError, "status 499"),
        ("/s429", UnavailableError, "it said no"),
        ("/s503", UnavailableError, "it said no"),
        ("/s302", UnavailableError, "it said no"),
        ("/long", UnavailableError, "too long"),
        ("/list", UnavailableError, "status 200"),
        ("/deep", UnavailableError, "status 200"),
    ],
)
def test_anything_but_a_clear_yes_is_an_error(
    address: tuple[str, int], path: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        control(address, credentials("tokyo")).get(path)


def test_a_client_does_not_talk_to_another_site_than_the_service(
    address: tuple[str, int],
) -> None:
    with pytest.raises(TLSError):
        Control(address, "osaka", credentials("tokyo")).get("/")
    with pytest.raises(TLSError):
        control(address, credentials("tokyo", "osaka")).get("/")


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        free = closed.getsockname()
    with pytest.raises(UnavailableError, match="does not answer"):
        control(free, credentials("tokyo")).get("/")


def knock(address: tuple[str, int], context: SSL.Context, word: bytes) -> bytes:
    with socket.create_connection(address, 5) as sock:
        sock.settimeout(None)
        connection = SSL.Connection(context, sock)
        connection.set_connect_state()
        connection.do_handshake()
        connection.sendall(word)
        return connection.recv(1000)


def test_a_client_without_certificate_reaches_no_route(address: tuple[str, int]) -> None:
    with pytest.raises(SSL.Error):
        knock(address, SSL.Context(SSL.TLS_METHOD), b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")


def test_a_classical_client_reaches_no_route(address: tuple[str, int]) -> None:
    context = SSL.Context(SSL.TLS_METHOD)
    library: Any = SSL._lib  # type: ignore[attr-defined]  # noqa: SLF001
    assert library.SSL_CTX_set1_curves_list(context._context, b"X25519") == 1  # noqa: SLF001
    with pytest.raises(SSL.Error):
        knock(address, context, b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")


@pytest.mark.parametrize(
    "hello", [b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", b"\x16\x03\x01\xff\xff", b""]
)
def test_plain_bytes_are_hung_up_on(address: tuple[str, int], hello: bytes) -> None:
    with socket.create_connection(address, 5) as sock:
        sock.sendall(hello)
        sock.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):
            assert b"HTTP" not in sock.recv(1000)


def test_a_long_answer_waits_for_a_slow_reader_and_arrives_whole(address: tuple[str, int]) -> None:
    channel = dial(address, credentials("tokyo"), expect="service", timeout=5)
    channel.send(b"GET /big HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    size = 0
    while got := channel.some():
        size += got.count(0)
    assert size == 32 << 20
    channel.close()


def test_a_connection_cut_midway_harms_nobody_else(address: tuple[str, int]) -> None:
    channel = dial(address, credentials("tokyo"), expect="service", timeout=5)
    channel.send(b"GET /big HTTP/1.1\r\nhost: x\r\n\r\n")
    channel.some()
    channel._socket.close()  # noqa: SLF001
    assert control(address, credentials("tokyo")).get("/")["site"] == "tokyo"


def test_pipelined_requests_are_answered_in_order(address: tuple[str, int]) -> None:
    channel = dial(address, credentials("tokyo"), expect="service", timeout=5)
    channel.send(b"GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\n\r\n")
    seen = b""
    while seen.count(b'"group"') < 2:
        seen += channel.some()
    assert seen.index(b'"/a"') < seen.index(b'"/b"')
    channel.close()


def test_bytes_that_are_not_http_get_a_400_and_the_end(address: tuple[str, int]) -> None:
    channel = dial(address, credentials("tokyo"), expect="service", timeout=5)
    channel.send(b"\x00\x01\r\n\r\n")
    seen = b""
    while got := channel.some():
        seen += got
    assert seen.startswith(b"HTTP/1.1 400")
    channel.close()


def test_an_expired_certificate_is_refused(address: tuple[str, int]) -> None:
    with pytest.raises(TLSError, match="not valid now"):
        control(address, credentials("tokyo", now=3 * NOW)).get("/")


def answering(site: str, reply: Callable[[bytes], bytes]) -> tuple[tuple[str, int], Any]:
    listener = Listener("127.0.0.1", 0)

    def serve() -> None:
        channel = listener.accept(credentials(site), timeout=5, patience=5)
        channel.send(reply(channel.some()))
        channel.close()
        listener.close()

    thread = threading.Thread(target=serve)
    thread.start()
    return listener.address, thread


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not speak HTTP"),
        (b"", "does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}", "does not speak HTTP"),
    ],
)
def test_a_broken_answer_is_unavailable(reply: bytes, said: str) -> None:
    address, thread = answering("service", lambda _: reply)
    with pytest.raises(UnavailableError, match=said):
        control(address, credentials("tokyo")).get("/")
    thread.join()


def http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("body", [b"{}", b'{"challenge":1}', b'{"challenge":"!","context":"AA"}'])
def test_a_challenge_without_its_parts_is_a_typed_error(body: bytes) -> None:
    address, thread = answering("service", lambda _: http(body))
    with pytest.raises(FormatError):
        control(address, credentials("tokyo")).release(b"{}", lambda *_: b"")
    thread.join()


@pytest.mark.parametrize(
    ("body", "valid"), [(b'{"valid":true}', True), (b'{"valid":"yes"}', False), (b"{}", False)]
)
def test_only_true_is_valid(body: bytes, valid: bool) -> None:  # noqa: FBT001
    address, thread = answering("service", lambda _: http(body))
    assert control(address, credentials("tokyo")).still_valid("p-1") is valid
    thread.join()


def test_a_refusal_tells_its_detail_before_its_kind() -> None:
    body = b'{"title":"Forbidden","detail":"the passage is revoked"}'
    refusal = b"HTTP/1.1 403 No\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    address, thread = answering("service", lambda _: refusal)
    with pytest.raises(NotAllowedError, match="the passage is revoked"):
        control(address, credentials("tokyo")).get("/")
    thread.join()


def test_an_early_hint_is_not_the_answer() -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    address, thread = answering("service", lambda _: hint + http(b'{"valid":true}'))
    assert control(address, credentials("tokyo")).still_valid("p-1") is True
    thread.join()


def test_a_release_proves_the_key_on_the_challenge_given() -> None:
    asked: list[tuple[str, bytes]] = []

    class Double(Control):
        """A service that remembers what it was asked."""

        @override
        def ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
            asked.append((path, body))
            if path == "/v1/keys:challenge":
                return {"challenge": b64(b"c"), "context": b64(b"x"), "nonce": "n"}
            return {"envelope": b64(b"sealed")}

    double = Double(("", 0), "service", credentials("tokyo"))
    assert double.release(b'{"p":1}', lambda blob, context: blob + context) == b"sealed"
    assert asked == [
        ("/v1/keys:challenge", b'{"permit":"{\\"p\\":1}"}'),
        (
            "/v1/keys:release",
            b'{"answer":"%s","nonce":"n","permit":"{\\"p\\":1}"}' % b64(b"cx").encode(),
        ),
    ]
