"""On what each bound of each regime stands, as data that a policy revision carries with it.

So a reason can say "law" with its citation where the taxonomy does, and a replay says the same,
without the taxonomy being read again.
"""

from collections.abc import Mapping
from typing import Final

from policy.canonical import JSON
from policy.regime import Regime

_BOUNDED: Final = ("placement", "transit", "operators", "key_holders")


def grounds_document(regimes: Mapping[str, Regime]) -> dict[str, JSON]:
    """Return, by regime and axis, basis, citation and certainty of the bounds that are set."""
    found: dict[str, JSON] = {}
    for name, regime in sorted(regimes.items()):
        axes: dict[str, JSON] = {}
        for axis in _BOUNDED:
            if getattr(regime, axis).bounds:
                ground = regime.ground(axis)
                axes[axis] = [ground.basis, ground.citation, ground.certainty]
        if axes:
            found[name] = axes
    return found
