"""What holds for every test: no network but this machine's own, no clock in the verdict."""

import ipaddress
import sys
from typing import Any

from hypothesis import settings

# A slow machine is not a wrong program.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")


class NetworkForbiddenError(RuntimeError):
    """A test reached for a host other than this one."""


def _local(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    # An audit hook sees every socket of this process, whatever library opened it, and cannot be
    # patched away by a test.
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _local(address[0]):
            raise NetworkForbiddenError(f"a test connects to {address[0]}")
    elif event == "socket.getaddrinfo" and not _local(arguments[0]):
        raise NetworkForbiddenError(f"a test resolves {arguments[0]}")


sys.addaudithook(_guard)
