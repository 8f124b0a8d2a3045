"""What a tenant may ask beyond attributes and maxima: each named demand brings rules of its own.

`windows` are half-open stretches of the week in minutes from Monday 00:00 UTC. A demand that is
not made is absent; every demand narrows, and `meet` narrows as much as both together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from policy.canonical import JSON
from policy.errors import ConstraintError
from policy.pointed import below, jurisdictions, object_, scalars, strings, truth, whole

WEEK: Final = 7 * 24 * 60
_THURSDAY: Final = 3 * 24 * 60  # the first day of unix time
DEMANDS: Final = (
    "duct_jurisdictions",
    "duct_owners",
    "openers",
    "windows",
    "max_records",
    "secrecy",
    "within_borders",
    "separate_duties",
)
_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which names are left: all that are allowed (None: any) and not denied."""

    allowed: frozenset[str] | None
    denied: frozenset[str]

    def meet(self, other: "Choice") -> "Choice":
        """Return what both leave."""
        return Choice(
            _both(self.allowed, other.allowed, frozenset.intersection), self.denied | other.denied
        )

    def to_json(self) -> dict[str, JSON]:
        """Return both lists, sorted; `allowed` null for any."""
        allowed = None if self.allowed is None else sorted(self.allowed)
        return {"allowed": allowed, "denied": sorted(self.denied)}


@dataclass(frozen=True, slots=True)
class Demands:
    """Demands by name; None or False is not made."""

    duct_jurisdictions: Choice | None = None
    duct_owners: Choice | None = None
    openers: frozenset[str] | None = None
    windows: tuple[tuple[int, int], ...] | None = None
    max_records: int | None = None
    secrecy: bool = False
    within_borders: bool = False
    separate_duties: bool = False

    def meet(self, other: "Demands") -> "Demands":
        """Return the demands of both."""
        return Demands(
            _both(self.duct_jurisdictions, other.duct_jurisdictions, Choice.meet),
            _both(self.duct_owners, other.duct_owners, Choice.meet),
            _both(self.openers, other.openers, frozenset.intersection),
            _both(self.windows, other.windows, _overlap),
            _both(self.max_records, other.max_records, min),
            self.secrecy or other.secrecy,
            self.within_borders or other.within_borders,
            self.separate_duties or other.separate_duties,
        )

    def moment(self, now: int) -> int | None:
        """Return the minute of the week of `now` (unix seconds), None when no hours are set."""
        return None if self.windows is None else (now // 60 + _THURSDAY) % WEEK

    def closes(self, now: int) -> int | None:
        """Return in how many seconds the hours end that `now` is in; None: no hours are set."""
        if (moment := self.moment(now)) is None:
            return None
        ends = [end for start, end in self.windows or () if start <= moment < end]
        return (max(ends) - moment) * 60 - now % 60 if ends else 0

    def to_json(self) -> dict[str, JSON]:
        """Return only the demands that are made, by the names of `DEMANDS`."""
        made: dict[str, JSON] = {}
        if self.duct_jurisdictions is not None:
            made["duct_jurisdictions"] = self.duct_jurisdictions.to_json()
        if self.duct_owners is not None:
            made["duct_owners"] = self.duct_owners.to_json()
        if self.openers is not None:
            made["openers"] = sorted(self.openers)
        if self.windows is not None:
            made["windows"] = [{"from": start, "to": end} for start, end in self.windows]
        if self.max_records is not None:
            made["max_records"] = self.max_records
        flags = ("secrecy", "within_borders", "separate_duties")
        return made | {name: True for name in flags if getattr(self, name)}


NO_DEMANDS: Final = Demands()


def demands_from(parts: Mapping[str, JSON]) -> Demands:
    """Read the demands among the members of a constraint document.

    Raises:
        ConstraintError: one that is not well formed; begins with the JSON pointer.
    """

    def read(name: str, reader: Callable[[JSON, str], _Part]) -> _Part | None:
        return reader(parts[name], "/" + name) if name in parts else None

    return Demands(
        duct_jurisdictions=read("duct_jurisdictions", _codes),
        duct_owners=read("duct_owners", _names),
        openers=read("openers", _strings),
        windows=read("windows", _windows),
        max_records=read("max_records", whole),
        secrecy=read("secrecy", truth) is not None,
        within_borders=read("within_borders", truth) is not None,
        separate_duties=read("separate_duties", truth) is not None,
    )


def choice_from(value: JSON, pointer: str, read: Callable[[JSON, str], frozenset[str]]) -> Choice:
    """Read `{"allowed": [...] or null, "denied": [...]}`; raises ConstraintError."""
    parts = object_(value, pointer)
    for name in sorted(parts.keys() - {"allowed", "denied"}):
        raise ConstraintError(f"{below(pointer, name)}: only allowed and denied belong here")
    allowed = parts.get("allowed")
    return Choice(
        None if allowed is None else read(allowed, pointer + "/allowed"),
        read(parts.get("denied", []), pointer + "/denied"),
    )


def codes(value: JSON, pointer: str) -> frozenset[str]:
    """Read a list of jurisdictions; raises ConstraintError."""
    return jurisdictions(scalars(value, pointer), pointer)


def _codes(value: JSON, pointer: str) -> Choice:
    return choice_from(value, pointer, codes)


def _names(value: JSON, pointer: str) -> Choice:
    return choice_from(value, pointer, _strings)


def _strings(value: JSON, pointer: str) -> frozenset[str]:
    return strings(scalars(value, pointer), pointer)


def _windows(value: JSON, pointer: str) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list):
        raise ConstraintError(f"{pointer}: a list is needed")
    return tuple(sorted({_window(item, f"{pointer}/{at}") for at, item in enumerate(value)}))


def _window(value: JSON, pointer: str) -> tuple[int, int]:
    parts = object_(value, pointer)
    if set(parts) != {"from", "to"}:
        raise ConstraintError(f"{pointer}: exactly from and to are needed")
    start, end = (whole(parts[name], below(pointer, name)) for name in ("from", "to"))
    if not start < end <= WEEK:
        raise ConstraintError(f"{pointer}: minutes of the week, from before to, at most {WEEK}")
    return start, end


def _overlap(
    one: tuple[tuple[int, int], ...], other: tuple[tuple[int, int], ...]
) -> tuple[tuple[int, int], ...]:
    found = {(max(a, c), min(b, d)) for a, b in one for c, d in other}
    return tuple(sorted((start, end) for start, end in found if start < end))


def _both(
    one: _Part | None, other: _Part | None, join: Callable[[_Part, _Part], _Part]
) -> _Part | None:
    if one is None or other is None:
        return one if other is None else other
    return join(one, other)
