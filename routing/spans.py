"""A span: a fibre or wavelength segment between two sites, and how it is encrypted."""

from dataclasses import dataclass
from typing import Final

from policy.canonical import JSON
from routing.errors import NetworkError
from routing.evidence import Evidence, read_evidence, write_evidence
from routing.fields import Record
from routing.sites import recorded

MS_PER_KM: Final = 0.0049  # light in glass, where no latency is given (DESIGN §6)
LONGEST_KM: Final = 1e6
CONDUITS: Final = ("buried", "aerial", "submarine")
LAYERS: Final = ("otnsec", "macsec", "ipsec", "none")
KEY_EXCHANGES: Final = ("classical", "pqc", "hybrid", "qkd")
SCOPES: Final = ("span", "end-to-end")
SECRECY: Final = (
    "layer", "cipher", "authenticated", "key_exchange",
    "scope", "segment", "key_holder", "key_holder_jurisdiction",
)  # fmt: skip
_JUDGED: Final = (
    "km", "operator", "owner", "owner_jurisdiction", "duct_owner", "jurisdictions", "conduit",
    "risk_groups", "capacity_gbps", "latency_ms", "directed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Encryption:
    """How the signal is sealed on one span; every member may be unrecorded."""

    layer: str | None = None
    cipher: str | None = None
    authenticated: bool | None = None
    key_exchange: str | None = None
    scope: str | None = None
    segment: str | None = None
    key_holder: str | None = None
    key_holder_jurisdiction: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the recorded members."""
        return recorded(self, SECRECY)


@dataclass(frozen=True, slots=True)
class Span:
    """One edge of the network; `km` is route length. Unrecorded is None."""

    id: str
    source: str
    target: str
    km: float
    operator: str | None = None
    owner: str | None = None
    owner_jurisdiction: str | None = None
    duct_owner: str | None = None
    jurisdictions: tuple[str, ...] | None = None
    conduit: str | None = None
    risk_groups: tuple[str, ...] | None = None
    capacity_gbps: float | None = None
    latency_ms: float | None = None
    directed: bool = False
    encryption: Encryption | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def attributes(self) -> dict[str, JSON]:
        """What rules may read, flat and dotted: recorded attributes alone."""
        sealed = {} if self.encryption is None else self.encryption.to_json()
        dotted = {f"encryption.{name}": value for name, value in sealed.items()}
        return {**recorded(self, _JUDGED), **dotted}

    @property
    def ms(self) -> float:
        """One-way latency in ms, by length where none is recorded."""
        return self.km * MS_PER_KM if self.latency_ms is None else self.latency_ms

    def to_json(self) -> dict[str, JSON]:
        """Return the link of the canonical document."""
        document = recorded(self, ("id", "source", "target", *_JUDGED))
        if self.encryption is not None:
            document["encryption"] = self.encryption.to_json()
        stated = write_evidence(self.evidence)
        return document if stated is None else {**document, "evidence": stated}


def read_span(value: object, pointer: str, warnings: list[str], *, directed: bool) -> Span:
    """Read one link; `directed` is the document's default for links that do not say.

    Raises:
        NetworkError: with the JSON pointer of the place.
    """
    record = Record(value, pointer, warnings)
    record.ignore("key")  # how node-link writers tell parallel links apart
    km = record.number("km", 0, LONGEST_KM)
    if km is None:
        raise NetworkError(record.at("km"), "is required")
    span = Span(
        id=record.required("id"),
        source=record.required("source"),
        target=record.required("target"),
        km=km,
        operator=record.term("operator"),
        owner=record.term("owner"),
        owner_jurisdiction=record.country("owner_jurisdiction"),
        duct_owner=record.term("duct_owner"),
        jurisdictions=record.countries("jurisdictions"),
        conduit=record.choice("conduit", CONDUITS),
        risk_groups=record.terms("risk_groups"),
        capacity_gbps=record.number("capacity_gbps", 0, 1e9),
        latency_ms=record.number("latency_ms", 0, 1e6),
        directed=_one_way(record, default=directed),
        encryption=_read_encryption(record),
        evidence=read_evidence(record),
    )
    record.finish()
    return span


def _one_way(record: Record, *, default: bool) -> bool:
    stated = record.flag("directed")
    return default if stated is None else stated


def _read_encryption(span: Record) -> Encryption | None:
    value = span.raw("encryption")
    if value is None:
        return None
    record = Record(value, span.at("encryption"), span.warnings)
    found = Encryption(
        layer=record.choice("layer", LAYERS),
        cipher=record.term("cipher"),
        authenticated=record.flag("authenticated"),
        key_exchange=record.choice("key_exchange", KEY_EXCHANGES),
        scope=record.choice("scope", SCOPES),
        segment=record.term("segment"),
        key_holder=record.term("key_holder"),
        key_holder_jurisdiction=record.country("key_holder_jurisdiction"),
    )
    record.finish()
    if found.scope == "end-to-end" and found.segment is None:
        raise NetworkError(record.at("segment"), "is required where scope is end-to-end")
    return found
