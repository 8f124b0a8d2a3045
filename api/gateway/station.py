"""A station: one gateway's site, keys, trust and folders, read once from a configuration file.

The file is one JSON object; its paths are relative to it:

    {"site", "trust", "root", "trust_version"?, "tls_key", "tls_certificate", "signing_key",
     "recipient_key"?, "work", "listen"?: "host:port", "seconds"?,
     "service"?: {"address": "host:port", "site", "fingerprint": "sha256:..."}}
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api.errors import UsageError
from api.gateway.channel import Credentials
from api.gateway.control import Control
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from crypto.tls import make_context
from crypto.trust import Root, TrustBundle, verify_bundle


def address(text: str) -> tuple[str, int]:
    """Return host and port of `host:port`, brackets around IPv6. Raises: ValueError."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) >= 1 << 16:
        raise ValueError(f"{text!r} is not host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _addressable(text: str) -> str:
    address(text)
    return text


HostPort = Annotated[str, AfterValidator(_addressable)]


class Service(BaseModel):
    """Where the service answers, and the pinned certificate it must show."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    address: HostPort
    site: str = Field(min_length=1)
    fingerprint: str = Field(pattern="^sha256:[0-9a-f]{64}$")


class Config(BaseModel):
    """What the configuration file says; `seconds` bounds how long a peer may stall."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    site: str = Field(min_length=1)
    trust: Path
    root: Path
    tls_key: Path
    tls_certificate: Path
    signing_key: Path
    work: Path
    recipient_key: Path | None = None
    trust_version: int = Field(default=0, ge=0)
    listen: HostPort | None = None
    seconds: float = Field(default=60, gt=0, le=3600)
    service: Service | None = None

    @classmethod
    def read(cls, path: Path) -> "Config":
        """Return the configuration in a file, its paths made relative to the file.

        Raises:
            UsageError: unreadable, or not exactly these members; says which.
        """
        try:
            found = cls.model_validate_json(_read(path))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = "/".join(str(part) for part in first["loc"])
            raise UsageError(f"{path}: /{place}: {first['msg']}") from error
        moved = {name: path.parent / value for name, value in found if isinstance(value, Path)}
        return found.model_copy(update=moved)


@dataclass(frozen=True, slots=True)
class Station:
    """A gateway ready to work. `note` takes its log lines; none of them holds a key."""

    site: str
    mine: Credentials
    trust: TrustBundle
    signing: SigningKey = field(repr=False)
    recipient: RecipientKey | None = field(repr=False)
    control: Control | None
    work: Path
    seconds: float = 60.0
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)

    @property
    def now(self) -> int:
        """Return the time in unix seconds, by the station's clock."""
        return self.mine.now()


def open_station(config: Config, clock: Callable[[], int], note: Callable[[str], None]) -> Station:
    """Return the station that a configuration describes.

    Raises:
        UsageError: a file cannot be read, or a private one is open to others.
        CryptoError: a key is malformed, or the trust bundle does not hold now.
    """
    root = Root.from_bytes(_read(config.root))
    raw = _read(config.trust)
    trust = verify_bundle(raw, root, now=clock(), at_least=config.trust_version)
    pins = {site: known.tls for site, known in trust.sites.items()}
    if config.service is not None:
        pins[config.service.site] = config.service.fingerprint
    context = make_context(_secret(config.tls_key), _read(config.tls_certificate), pins)
    mine = Credentials(context, pins, clock)
    return Station(
        site=config.site,
        mine=mine,
        trust=trust,
        signing=SigningKey.from_bytes(_secret(config.signing_key)),
        recipient=_recipient(config.recipient_key),
        control=_control(config.service, mine),
        work=config.work,
        seconds=config.seconds,
        note=note,
    )


def _control(service: Service | None, mine: Credentials) -> Control | None:
    if service is None:
        return None
    return Control(address(service.address), service.site, mine)


def _recipient(path: Path | None) -> RecipientKey | None:
    return None if path is None else RecipientKey.from_bytes(_secret(path))


def _secret(path: Path) -> bytes:
    raw = _read(path)
    if path.stat().st_mode & 0o077:
        raise UsageError(f"{path}: a private key that others may read; chmod 600 it")
    return raw


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
