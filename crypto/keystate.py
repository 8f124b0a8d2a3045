"""The states of a key (NIST SP 800-57 part 1, §7) and what each allows: one table.

Nothing else in the house asks a state what it may do.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from crypto.errors import KeyStateError


class KeyState(StrEnum):
    """Where a key is in its life."""

    PRE_ACTIVATION = "pre-activation"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    COMPROMISED = "compromised"
    DESTROYED = "destroyed"


class Operation(StrEnum):
    """What is done with a key: PROTECT encrypts, wraps or signs; PROCESS decrypts or unwraps.

    VERIFY checks what was signed before; REWRAP moves a key under another; AUDIT reads the record.
    """

    PROTECT = "protect"
    PROCESS = "process"
    VERIFY = "verify"
    REWRAP = "rewrap"
    AUDIT = "audit"


_O = Operation
ALLOWED: Final[Mapping[KeyState, frozenset[Operation]]] = MappingProxyType(
    {
        KeyState.PRE_ACTIVATION: frozenset({_O.REWRAP, _O.AUDIT}),
        KeyState.ACTIVE: frozenset(Operation),
        KeyState.SUSPENDED: frozenset({_O.VERIFY, _O.AUDIT}),
        KeyState.DEACTIVATED: frozenset({_O.PROCESS, _O.VERIFY, _O.REWRAP, _O.AUDIT}),
        # Only to move what it protected to a safe key; its old signatures prove nothing any more.
        KeyState.COMPROMISED: frozenset({_O.REWRAP, _O.AUDIT}),
        KeyState.DESTROYED: frozenset({_O.AUDIT}),
    }
)

_S = KeyState
NEXT: Final[Mapping[KeyState, frozenset[KeyState]]] = MappingProxyType(
    {
        _S.PRE_ACTIVATION: frozenset({_S.ACTIVE, _S.COMPROMISED, _S.DESTROYED}),
        _S.ACTIVE: frozenset({_S.SUSPENDED, _S.DEACTIVATED, _S.COMPROMISED, _S.DESTROYED}),
        _S.SUSPENDED: frozenset({_S.ACTIVE, _S.DEACTIVATED, _S.COMPROMISED, _S.DESTROYED}),
        _S.DEACTIVATED: frozenset({_S.COMPROMISED, _S.DESTROYED}),
        _S.COMPROMISED: frozenset({_S.DESTROYED}),
        _S.DESTROYED: frozenset(),
    }
)


def allow(state: KeyState, operation: Operation) -> None:
    """Raise KeyStateError unless a key in `state` may be used for `operation`."""
    if operation not in ALLOWED[state]:
        raise KeyStateError(f"a key that is {state} may not {operation}")


def step(state: KeyState, following: KeyState) -> KeyState:
    """Return `following`, or raise KeyStateError if a key in `state` cannot go there."""
    if following not in NEXT[state]:
        raise KeyStateError(f"a key that is {state} cannot become {following}")
    return following
