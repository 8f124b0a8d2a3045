"""What a tenant adds to the policy: denials, requirements and maxima. They can only narrow.

The document is `--rules FILE`. `deny.jurisdictions` and `deny.operators` hold for every span and
every site; other keys name span attributes. An empty denial denies and asks nothing; an empty
requirement is met by nothing. Maxima are inclusive.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final, TypeAlias

from policy.canonical import JSON, canonical
from policy.errors import ConstraintError, TermError
from policy.terms import term

Scalar: TypeAlias = str | bool | int
Terms: TypeAlias = Mapping[str, frozenset[Scalar]]

LARGEST_DOCUMENT: Final = 1 << 18
LARGEST_NUMBER: Final = 10**12
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
        return document | {"max_" + name: most for name, most in self.limits.to_json().items()}

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
    parts = _object(document, "")
    for name in sorted(parts.keys() - {"deny", "require", *_WHOLE, *_REAL}):
        raise ConstraintError(f"{_below('', name)}: no such constraint")
    deny = {name: terms for name, terms in _terms(parts, "deny").items() if terms}
    whole = {name: _whole(parts[name], "/" + name) for name in _WHOLE if name in parts}
    real = {name: _number(parts[name], "/" + name) for name in _REAL if name in parts}
    return Constraints(
        deny_jurisdictions=_jurisdictions(deny.pop("jurisdictions", frozenset())),
        deny_operators=_strings(deny.pop("operators", frozenset()), "/deny/operators"),
        deny=MappingProxyType(deny),
        require=MappingProxyType(_terms(parts, "require")),
        max_operators=whole.get("max_operators"),
        max_hops=whole.get("max_hops"),
        max_decryption_points=whole.get("max_decryption_points"),
        max_km=real.get("max_km"),
        max_ms=real.get("max_ms"),
    )


def _terms(parts: Mapping[str, JSON], part: str) -> dict[str, frozenset[Scalar]]:
    here = "/" + part
    named = _object(parts.get(part, {}), here)
    return {_term(name, here): _scalars(named[name], _below(here, name)) for name in named}


def _scalars(value: JSON, pointer: str) -> frozenset[Scalar]:
    if not isinstance(value, list):
        raise ConstraintError(f"{pointer}: a list is needed")
    scalars = [_scalar(item, f"{pointer}/{place}") for place, item in enumerate(value)]
    # Python holds that true is 1, JSON does not: such a pair would lose one of its members.
    if len(set(scalars)) != len({(type(item), item) for item in scalars}):
        raise ConstraintError(f"{pointer}: mixes true or false with 1 or 0")
    return frozenset(scalars)


def _scalar(item: JSON, pointer: str) -> Scalar:
    if isinstance(item, str):
        return _term(item, pointer)
    if isinstance(item, bool):
        return item
    if isinstance(item, int | float) and abs(item) <= LARGEST_NUMBER and item == int(item):
        return int(item)
    raise ConstraintError(f"{pointer}: a string, a whole number, true or false is needed")


def _jurisdictions(scalars: frozenset[Scalar]) -> frozenset[str]:
    codes = _strings(scalars, "/deny/jurisdictions")
    for code in sorted(codes):
        # A code in lower case would deny nothing, silently.
        if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):  # noqa: PLR2004
            raise ConstraintError(f"/deny/jurisdictions: {code} is not two letters A-Z")
    return codes


def _strings(scalars: frozenset[Scalar], pointer: str) -> frozenset[str]:
    strings = frozenset(item for item in scalars if isinstance(item, str))
    if len(strings) != len(scalars):
        raise ConstraintError(f"{pointer}: only strings belong here")
    return strings


def _whole(value: JSON, pointer: str) -> int:
    number = _number(value, pointer)
    if number != int(number):
        raise ConstraintError(f"{pointer}: a whole number is needed")
    return int(number)


def _number(value: JSON, pointer: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConstraintError(f"{pointer}: a number is needed")
    if not 0 <= value <= LARGEST_NUMBER:
        raise ConstraintError(f"{pointer}: a number from 0 to {LARGEST_NUMBER} is needed")
    return value


def _object(value: JSON, pointer: str) -> Mapping[str, JSON]:
    if not isinstance(value, dict):
        raise ConstraintError(f"{pointer or '/'}: an object is needed")
    return value


def _term(text: str, pointer: str) -> str:
    try:
        return term(text)
    except TermError as error:
        raise ConstraintError(f"{pointer}: {error}") from error


def _below(pointer: str, name: str) -> str:
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1")


def _listed(terms: frozenset[Scalar]) -> list[JSON]:
    return [item for _, item in sorted((json.dumps(item), item) for item in terms)]


def _once(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    together = dict(pairs)
    if len(together) != len(pairs):
        raise ValueError("a key is repeated")
    return together


def _no_constant(name: str) -> JSON:
    raise ValueError(f"{name} is not JSON")
