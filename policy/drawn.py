"""Questions drawn from a seed, for comparing engines: every rule, every gap, awkward names."""

from typing import Final

from policy.canonical import JSON
from policy.constraints import Constraints, constraints_from
from policy.label import Bound, Label, Level, Territory
from policy.question import DatasetFacts, Kind, PathFacts, Principal, Question
from policy.subjects import Attributes
from policy.vectors import Case, Draw

_CODES: Final = ("JP", "US", "SG", "XX")
_OPERATORS: Final = ("op-1", "op-2", "東京電信", "operateur-é", "a b.c/d:e")
_TENANTS: Final = ("hospital", "city")
_PURPOSES: Final = ("care", "research")
_ACCREDITATIONS: Final = ("ismap", "ismap-liu", "fisc")
_SPAN: Final[dict[str, tuple[JSON, ...]]] = {
    "operator": _OPERATORS,
    "owner_jurisdiction": _CODES,
    "duct_owner": _OPERATORS,
    "duct_owner_jurisdiction": _CODES,
    "conduit": ("buried", "aerial", "submarine", "microduct"),
    "capacity_gbps": (100, 400, 400.5),
    "encryption.layer": ("otnsec", "macsec", "ipsec", "none"),
    "encryption.cipher": ("AES-256-GCM", "AES-128-GCM", "AES-256-CTR"),
    "encryption.authenticated": (True, True, False),
    "encryption.key_exchange": ("classical", "pqc", "hybrid", "qkd"),
    "encryption.key_holder_jurisdiction": _CODES,
}
_SITE: Final[dict[str, tuple[JSON, ...]]] = {
    "jurisdiction": _CODES,
    "operator": _OPERATORS,
    "owner_jurisdiction": _CODES,
}
_LEVELS: Final = (Level.L3, Level.L4, Level.L2, Level.L1, Level.L0, Level.L5)
_CLEARANCES: Final = (Level.L4, *Level)
_DEEPEST: Final = 3
_LENGTHS: Final = (900, 0, 1, 899.9999999999999, 900.0000000000001, 1e-7, 12345.678)


def case(seed: int, number: int) -> Case:
    """Return the case with this number of the series that `seed` starts."""
    draw = Draw(seed, number)
    spans = {f"s{place}": _span(draw) for place in range(1, 1 + draw.below(4))}
    sites = {f"n{place}": _site(draw) for place in range(len(spans) + 1)}
    end = f"n{len(spans)}"
    question = Question(
        kind=draw.one(tuple(Kind)),
        now=1_700_000_000 + 977 * number,
        label=_label(draw),
        principal=None if draw.chance(8) else _principal(draw, end, 0),
        dataset=None if draw.chance(5) else _dataset(draw),
        purpose=None if draw.chance(8) else draw.one((*_PURPOSES, "marketing")),
        source="n0",
        destination=end,
        constraints=constraints(draw),
        path=None if draw.chance(4) else _path(draw, tuple(sites), tuple(spans)),
    )
    return Case(f"{seed}/{number}", question, spans, sites, {end: sites[end]})


def _label(draw: Draw) -> Label:
    return Label(
        level=draw.one(_LEVELS),
        suite=draw.one((1, 0)),
        obligations=frozenset(
            draw.some(("encrypt-at-rest",)) + (["dance"] if draw.chance(12) else [])
        ),
        placement=territory(draw),
        transit=territory(draw),
        operators=territory(draw),
        key_holders=territory(draw),
        accreditations=frozenset(
            frozenset({*draw.some(_ACCREDITATIONS), draw.one(_ACCREDITATIONS)})
            for _ in range(draw.below(3))
        ),
    )


def territory(draw: Draw) -> Territory:
    """Return the territory that up to two regimes leave."""
    return Territory(
        frozenset(
            Bound(
                f"regime-{place}",
                None if draw.chance(2) else frozenset({"JP", *draw.some(_CODES)}),
                frozenset(draw.some(("XX", "US"))),
            )
            for place in range(draw.below(3))
        )
    )


def _principal(draw: Draw, destination: str, depth: int) -> Principal:
    kind = draw.one(("person", "person", "agent", "service", "site"))
    acting = kind == "agent" or draw.chance(12)
    above = _principal(draw, destination, depth + 1) if acting and depth < _DEEPEST else None
    return Principal(
        id=destination if kind == "site" and draw.chance(2) else draw.one((f"p{depth}", "p0")),
        kind=kind,
        tenant=None if kind == "site" else draw.one((*_TENANTS, "hospital", "hospital")),
        clearance=draw.one(_CLEARANCES),
        on_behalf_of=None if draw.chance(4) else above,
    )


def _dataset(draw: Draw) -> DatasetFacts:
    purposes = frozenset({*draw.some(_PURPOSES), *draw.one((_PURPOSES, ()))})
    return DatasetFacts(
        "d-1",
        draw.one((*_TENANTS, "hospital")),
        None,
        purposes,
        draw.chance(3),
        secrecy_years=draw.one((None, 0, 9, 10, 30, 99)),
        records=draw.one((999, 1_000, 1_001, None)),
        labelled_by=draw.one(("p9", "p0", "p1", None)),
    )


def constraints(draw: Draw) -> Constraints:
    """Return constraints of a tenant, demands among them."""
    deny: dict[str, JSON] = {}
    require: dict[str, JSON] = {}
    for name, values in (("jurisdictions", _CODES), ("operators", _OPERATORS)):
        if draw.chance(4):
            deny[name] = draw.some(values)
    for part in (deny, require):
        if draw.chance(3):
            name = draw.one(tuple(_SPAN))
            part[name] = [value for value in draw.some(_SPAN[name]) if not isinstance(value, float)]
    document: dict[str, JSON] = {"deny": deny, "require": require}
    for name in ("max_km", "max_ms"):
        if draw.chance(4):
            document[name] = draw.one(_LENGTHS)
    for name in ("max_operators", "max_hops", "max_decryption_points"):
        if draw.chance(4):
            document[name] = draw.below(4)
    return constraints_from(document | _demands(draw))


def _demands(draw: Draw) -> dict[str, JSON]:
    start = draw.below(5_000)
    every: dict[str, JSON] = {
        "duct_jurisdictions": _choice(draw, _CODES),
        "duct_owners": _choice(draw, _OPERATORS),
        "openers": ["op-1", *draw.some(_OPERATORS[1:])],
        "windows": [{"from": start, "to": start + 5_000}, {"from": 0, "to": 1_000}],
        "max_records": 1_000,
        "secrecy": True,
        "within_borders": True,
        "separate_duties": True,
    }
    return {name: demand for name, demand in every.items() if draw.chance(6)}


def _choice(draw: Draw, names: tuple[str, ...]) -> JSON:
    allowed = None if draw.chance(2) else [names[0], *draw.some(names[1:])]
    return {"allowed": allowed, "denied": draw.some(names[1:])}


def _path(draw: Draw, sites: tuple[str, ...], spans: tuple[str, ...]) -> PathFacts:
    return PathFacts(
        sites=sites,
        spans=spans,
        km=draw.one(_LENGTHS),
        ms=draw.one(_LENGTHS),
        operators=None if draw.chance(4) else tuple(draw.some(_OPERATORS)),
        decryption_points=None if draw.chance(4) else draw.below(4),
    )


def _span(draw: Draw) -> Attributes:
    facts = _facts(draw, _SPAN)
    if not draw.chance(8):
        facts["jurisdictions"] = draw.one((["JP"], ["JP", *draw.some(_CODES)], []))
    if facts.get("encryption.layer") == "none" and draw.chance(2):
        return {name: fact for name, fact in facts.items() if not _of_a_key(name)}
    return facts


def _site(draw: Draw) -> Attributes:
    facts = _facts(draw, _SITE)
    if not draw.chance(6):
        facts["accreditations"] = [*draw.some(_ACCREDITATIONS)]
    return facts


def _facts(draw: Draw, vocabulary: dict[str, tuple[JSON, ...]]) -> dict[str, JSON]:
    # The first value of each is the one that most rules like, so that some questions pass.
    return {
        name: values[0] if draw.chance(2) else draw.one(values)
        for name, values in vocabulary.items()
        if not draw.chance(16)
    }


def _of_a_key(name: str) -> bool:
    return name.startswith("encryption.") and name != "encryption.layer"
