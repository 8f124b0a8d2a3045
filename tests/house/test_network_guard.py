"""Tests talk to this machine alone."""

import socket

import pytest


def test_a_foreign_address_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match=r"connects to 192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 443))


def test_a_foreign_name_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"resolves example\.invalid"):
        socket.getaddrinfo("example.invalid", 443)


def test_a_datagram_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(RuntimeError, match=r"connects to 198\.51\.100\.1"),
    ):
        sock.sendto(b"hello", ("198.51.100.1", 53))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("localhost", port), timeout=5) as client:
            assert client.getpeername()[1] == port


def test_a_name_of_this_machine_resolves() -> None:
    assert socket.getaddrinfo("localhost", 80)
