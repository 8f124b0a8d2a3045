"""A site: a cluster, exchange, landing station or point of presence. Unrecorded is None."""

from dataclasses import dataclass
from typing import Final

from policy.canonical import JSON
from routing.evidence import Evidence, read_evidence, write_evidence
from routing.fields import Record

KINDS: Final = ("cluster", "exchange", "landing", "pop")
_JUDGED: Final = (
    "kind", "lat", "lon", "jurisdiction", "operator", "owner_jurisdiction",
    "accreditations", "zones", "hazards", "carbon_g_per_kwh",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """One node of the network; degrees for `lat` and `lon`. Lists are sorted sets."""

    id: str
    name: str | None = None
    kind: str | None = None
    lat: float | None = None
    lon: float | None = None
    jurisdiction: str | None = None
    operator: str | None = None
    owner_jurisdiction: str | None = None
    accreditations: tuple[str, ...] | None = None
    zones: tuple[str, ...] | None = None
    hazards: tuple[str, ...] | None = None
    carbon_g_per_kwh: float | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def attributes(self) -> dict[str, JSON]:
        """What rules may read: recorded attributes alone, without names and free text."""
        return recorded(self, _JUDGED)

    def to_json(self) -> dict[str, JSON]:
        """Return the node of the canonical document."""
        document = {"id": self.id, **recorded(self, ("name", *_JUDGED))}
        stated = write_evidence(self.evidence)
        return document if stated is None else {**document, "evidence": stated}


def recorded(holder: object, names: tuple[str, ...]) -> dict[str, JSON]:
    """Return those of the attributes `names` of `holder` that are not None; tuples as lists."""
    found = {name: getattr(holder, name) for name in names}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value is not None
    }


def read_site(value: object, pointer: str, warnings: list[str]) -> Site:
    """Read one node of the canonical document.

    Raises:
        NetworkError: with the JSON pointer of the place.
    """
    record = Record(value, pointer, warnings)
    site = Site(
        id=record.required("id"),
        name=record.text("name"),
        kind=record.choice("kind", KINDS),
        lat=record.number("lat", -90, 90),
        lon=record.number("lon", -180, 180),
        jurisdiction=record.country("jurisdiction"),
        operator=record.term("operator"),
        owner_jurisdiction=record.country("owner_jurisdiction"),
        accreditations=record.terms("accreditations"),
        zones=record.terms("zones"),
        hazards=record.terms("hazards"),
        carbon_g_per_kwh=record.number("carbon_g_per_kwh", 0, 1e6),
        evidence=read_evidence(record),
    )
    record.finish()
    return site
