"""What a tenant adds to the policy: denials, requirements and maxima. They can only narrow.

The document is `--rules FILE`. `deny.jurisdictions` and `deny.operators` hold for every span and
every site; other keys name span attributes. An empty denial denies and asks nothing; an empty
requirement is met by nothing. Maxima are inclusive.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeAlias

from policy.canonical import JSON, canonical
from policy.demands import DEMANDS, NO_DEMANDS, Demands, demands_from
from policy.errors import ConstraintError
from policy.pointed import (
    Scalar,
    below,
    jurisdictions,
    number,
    object_,
    scalars,
    strings,
    term_,
    whole,
)

Terms: TypeAlias = Mapping[str, frozenset[Scalar]]

LARGEST_DOCUMENT: Final = 1 << 18
_WHOLE: Final = ("max_operators", "max_hops", "max_decryption_points")
_REAL: Final = ("max_km", "max_ms")


def _nothing() -> Terms:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limits:
    """Inclusive maxima of a whole path: km, milliseconds and counts; None is no limit."""

    operators: int | None = None
    km: float | None = None
    ms: float | None = None
    hops: int | None = None
    decryption_points: int | None = None

    @classmethod
    def tightest(cls, *limits: "Limits") -> "Limits":
        """Return the smallest of each maximum; no limits at all for no arguments."""
        return cls(
            operators=min((x.operators for x in limits if x.operators is not None), default=None),
            km=min((x.km for x in limits if x.km is not None), default=None),
            ms=min((x.ms for x in limits if x.ms is not None), default=None),
            hops=min((x.hops for x in limits if x.hops is not None), default=None),
            decryption_points=min(
                (x.decryption_points for x in limits if x.decryption_points is not None),
                default=None,
            ),
        )

    def to_json(self) -> dict[str, JSON]:
        """Return only the maxima that are set."""
        maxima: dict[str, JSON] = {
            "operators": self.operators,
            "km": self.km,
            "ms": self.ms,
            "hops": self.hops,
            "decryption_points": self.decryption_points,
        }
        return {name: most for name, most in maxima.items() if most is not None}


@dataclass(frozen=True)
class Constraints:
    """One tenant's constraints; the empty value narrows nothing."""

    deny_jurisdictions: frozenset[str] = frozenset()
    deny_operators: frozenset[str] = frozenset()
    deny: Terms = field(default_factory=_nothing)
    require: Terms = field(default_factory=_nothing)
    max_operators: int | None = None
    max_km: float | None = None
    max_ms: float | None = None
    max_hops: int | None = None
    max_decryption_points: int | None = None
    demands: Demands = NO_DEMANDS

    @property
    def limits(self) -> Limits:
        """The maxima, in the vocabulary that the search reads."""
        return Limits(
            operators=self.max_operators,
            km=self.max_km,
            ms=self.max_ms,
            hops=self.max_hops,
            decryption_points=self.max_decryption_points,
        )

    def to_json(self) -> dict[str, JSON]:
        """Return the document that parses to this value; empty parts are left out."""
        deny: dict[str, JSON] = {name: _listed(terms) for name, terms in self.deny.items()}
        if self.deny_jurisdictions:
            deny["jurisdictions"] = sorted(self.deny_jurisdictions)
        if self.deny_operators:
            deny["operators"] = sorted(self.deny_operators)
        document: dict[str, JSON] = {"deny": deny} if deny else {}
        if self.require:
            document["require"] = {name: _listed(terms) for name, terms in self.require.items()}
        maxima = {"max_" + name: most for name, most in self.limits.to_json().items()}
        return document | maxima | self.demands.to_json()

    def meet(self, other: "Constraints") -> "Constraints":
        """Return what narrows as much as both together."""
        tightest = Limits.tightest(self.limits, other.limits)
        return Constraints(
            deny_jurisdictions=self.deny_jurisdictions | other.deny_jurisdictions,
            deny_operators=self.deny_operators | other.deny_operators,
            deny=_both(self.deny, other.deny, frozenset.union),
            require=_both(self.require, other.require, frozenset.intersection),
            **{"max_" + name: most for name, most in asdict(tightest).items()},
            demands=self.demands.meet(other.demands),
        )

    @cached_property
    def text(self) -> str:
        """The canonical text of `to_json`."""
        return canonical(self.to_json()).decode()


EMPTY: Final = Constraints()


def parse_constraints(raw: bytes) -> Constraints:
    """Read a constraint document from its bytes.

    Raises:
        ConstraintError: not JSON, too large, or not well formed; names the JSON pointer.
    """
    if len(raw) > LARGEST_DOCUMENT:
        raise ConstraintError(f"/: more than {LARGEST_DOCUMENT} bytes")
    try:
        document: JSON = json.loads(
            raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        reason = str(error) or "nested too deeply"
        raise ConstraintError(f"/: not a JSON document: {reason}") from error
    return constraints_from(document)


def constraints_from(document: JSON) -> Constraints:
    """Read a constraint document that is already JSON.

    Raises:
        ConstraintError: not well formed; names the JSON pointer.
    """
    parts = object_(document, "")
    for name in sorted(parts.keys() - {"deny", "require", *_WHOLE, *_REAL, *DEMANDS}):
        raise ConstraintError(f"{below('', name)}: no such constraint")
    deny = {name: terms for name, terms in _terms(parts, "deny").items() if terms}
    counts = {name: whole(parts[name], "/" + name) for name in _WHOLE if name in parts}
    lengths = {name: number(parts[name], "/" + name) for name in _REAL if name in parts}
    return Constraints(
        deny_jurisdictions=jurisdictions(
            deny.pop("jurisdictions", frozenset()), "/deny/jurisdictions"
        ),
        deny_operators=strings(deny.pop("operators", frozenset()), "/deny/operators"),
        deny=MappingProxyType(deny),
        require=MappingProxyType(_terms(parts, "require")),
        max_operators=counts.get("max_operators"),
        max_hops=counts.get("max_hops"),
        max_decryption_points=counts.get("max_decryption_points"),
        max_km=lengths.get("max_km"),
        max_ms=lengths.get("max_ms"),
        demands=demands_from(parts),
    )


def _terms(parts: Mapping[str, JSON], part: str) -> dict[str, frozenset[Scalar]]:
    here = "/" + part
    named = object_(parts.get(part, {}), here)
    return {term_(name, here): scalars(named[name], below(here, name)) for name in named}


def _listed(terms: frozenset[Scalar]) -> list[JSON]:
    return [item for _, item in sorted((json.dumps(item), item) for item in terms)]


def _once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    together = dict(pairs)
    if len(together) != len(pairs):
        raise ValueError("a key is repeated")
    return together


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not JSON")


def _both(
    one: Terms,
    other: Terms,
    join: Callable[[frozenset[Scalar], frozenset[Scalar]], frozenset[Scalar]],
) -> Terms:
    shared = {name: join(one[name], other[name]) for name in one.keys() & other.keys()}
    return MappingProxyType({**one, **other, **shared})
