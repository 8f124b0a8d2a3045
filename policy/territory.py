"""Where something may be: bounds set by regimes, and what is left when all of them hold.

A territory is the set of its bounds, so meeting two territories is a union of sets, nothing is
lost, and an empty remainder can name the regimes that left nothing. Codes are two letters A-Z.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Final

from policy.canonical import JSON

_CODE: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def is_code(text: str) -> bool:
    """Say whether `text` has the form of a jurisdiction: two letters A-Z, assigned or not."""
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Bound:
    """What one source (a regime's id) demands; `allowed` None is anywhere, empty is nowhere."""

    source: str
    allowed: frozenset[str] | None = None
    denied: frozenset[str] = frozenset()

    def permits(self, code: str) -> bool:
        """Say whether this bound alone leaves room for the jurisdiction `code`."""
        return code not in self.denied and (self.allowed is None or code in self.allowed)

    def to_json(self) -> dict[str, JSON]:
        """Return the bound with sorted lists."""
        allowed = None if self.allowed is None else sorted(self.allowed)
        return {"source": self.source, "allowed": allowed, "denied": sorted(self.denied)}

    @property
    def sort_key(self) -> tuple[str, bool, list[str], list[str]]:
        """A total order over bounds, the same on every machine."""
        return self.source, self.allowed is None, sorted(self.allowed or ()), sorted(self.denied)


@dataclass(frozen=True)
class Territory:
    """All the bounds that hold at once; no bounds is anywhere."""

    bounds: frozenset[Bound] = frozenset()

    @cached_property
    def allowed(self) -> frozenset[str] | None:
        """The codes that every bound allows; None when no bound lists any."""
        listed = [bound.allowed for bound in self.bounds if bound.allowed is not None]
        return frozenset.intersection(*listed) if listed else None

    @cached_property
    def denied(self) -> frozenset[str]:
        """The codes that some bound denies."""
        return frozenset[str]().union(*(bound.denied for bound in self.bounds))

    @property
    def empty(self) -> bool:
        """True when no jurisdiction at all is left: there is no lawful place."""
        return self.allowed is not None and not self.allowed - self.denied

    def permits(self, code: str) -> bool:
        """Say whether every bound leaves room for `code`; what is not a code is not permitted."""
        return is_code(code) and all(bound.permits(code) for bound in self.bounds)

    def meet(self, other: "Territory") -> "Territory":
        """Return the territory in which both hold."""
        return Territory(self.bounds | other.bounds)

    def clash(self) -> tuple[Bound, Bound] | None:
        """Return two bounds to blame for an empty territory, None when it is not empty.

        One bound that is empty by itself comes twice. When no two bounds suffice, the first two
        of `core` are returned, and `core` names them all.
        """
        if not self.empty:
            return None
        for pair in combinations_with_replacement(self.core(), 2):
            if Territory(frozenset(pair)).empty:
                return pair
        first, second, *_ = self.core()
        return first, second

    def core(self) -> tuple[Bound, ...]:
        """Return bounds that are empty together while no proper part is; () when not empty."""
        if not self.empty:
            return ()
        kept = _few(sorted(self.bounds, key=lambda bound: bound.sort_key))
        for bound in tuple(kept):
            rest = [other for other in kept if other != bound]
            if Territory(frozenset(rest)).empty:
                kept = rest
        return tuple(kept)

    def to_json(self) -> dict[str, JSON]:
        """Return what is left (`allowed`, `denied`) and whose bounds left it (`bounds`)."""
        allowed = None if self.allowed is None else sorted(self.allowed)
        ordered = sorted(self.bounds, key=lambda bound: bound.sort_key)
        bounds: list[JSON] = [bound.to_json() for bound in ordered]
        return {"allowed": allowed, "denied": sorted(self.denied), "bounds": bounds}


def _few(bounds: list[Bound]) -> list[Bound]:
    # A pair is what a person can act on, so it is preferred to a larger core found first.
    for pair in combinations_with_replacement(bounds, 2):
        if Territory(frozenset(pair)).empty:
            return list(dict.fromkeys(pair))
    return bounds


def nowhere(source: str) -> Territory:
    """Return the territory without a single jurisdiction, in the name of `source`."""
    return Territory(frozenset({Bound(source, allowed=frozenset())}))


def within(source: str, codes: Iterable[str]) -> Territory:
    """Return the territory of `codes` alone, in the name of `source`."""
    return Territory(frozenset({Bound(source, allowed=frozenset(codes))}))


ANYWHERE: Final = Territory()
