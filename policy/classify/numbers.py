"""Runs of digits in a text, all at once: the ground on which numbers are explained.

A run is 6 to 19 ASCII digits that single hyphens may join, standing alone: no letter touches it,
and no point or hyphen ties it to further digits.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

FEWEST: Final = 6
MOST: Final = 19

_EDGE: Final = b"\x00\x00"
_MARKS: Final = np.arange(256)
_DIGIT: Final = np.isin(_MARKS, list(b"0123456789"))
_WORD: Final = np.isin(
    _MARKS, list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
)
_TIE: Final = np.isin(_MARKS, list(b"-."))
_HYPHEN: Final = ord("-")
_ZERO: Final = ord("0")


class Run(NamedTuple):
    """Bytes `start:end` of a text that hold `size` digits and perhaps hyphens between them."""

    start: int
    end: int
    size: int


def runs(raw: bytes) -> list[Run]:
    """Return the runs of digits in `raw`, in order."""
    data = np.frombuffer(_EDGE + raw + _EDGE, np.uint8)
    # Below the digit zero the subtraction wraps round to a large number.
    at = np.flatnonzero(data - np.uint8(_ZERO) < 10)  # noqa: PLR2004
    if len(at) < FEWEST:
        return []
    first, last, sizes = _chains(data, at)
    alone = ~_touched(data, first - 1, first - 2) & ~_touched(data, last, last + 1)
    edge = len(_EDGE)
    places = (first[alone] - edge, last[alone] - edge, sizes[alone])
    return list(map(Run, *(place.tolist() for place in places)))


def _chains(data: NDArray[np.uint8], at: Places) -> tuple[Places, Places, Places]:
    """Return where the chains of 6 to 19 digits begin, where they have ended, and their sizes."""
    gaps = np.diff(at)
    hyphens = np.flatnonzero(gaps == 2)  # noqa: PLR2004
    gaps[hyphens[data[at[hyphens] + 1] == _HYPHEN]] = 1
    cuts = np.flatnonzero(gaps != 1)
    opens = np.concatenate(([0], cuts + 1))
    shuts = np.concatenate((cuts, [len(at) - 1]))
    sizes = shuts - opens + 1
    kept = (sizes >= FEWEST) & (sizes <= MOST)
    return at[opens[kept]], at[shuts[kept]] + 1, sizes[kept]


def _touched(data: NDArray[np.uint8], near: Places, beyond: Places) -> NDArray[np.bool_]:
    mark = data[near]
    return np.asarray(_WORD[mark] | (_TIE[mark] & _DIGIT[data[beyond]]))
