"""Compliant paths in the order of what is made least, without end until there are no more.

Yen's method in Lawler's form: the ways not yet given out are parted by where they leave the last
one. Each part is searched within the limits, so nothing is generated only to be thrown away, and
nothing compliant is missed however far down the order it stands.
"""

import heapq
from collections.abc import Iterator
from typing import Final, NamedTuple

from routing.labels import Label, LabelSearch

_STOP: Final = -1


class _Part(NamedTuple):
    """The ways that start as `prefix` and do not go on by `barred`; `best` is the least."""

    rank: tuple[float, ...]
    way: tuple[int, ...]
    prefix: int
    barred: frozenset[int]
    best: Label


def compliant_ways(search: LabelSearch, source: int) -> Iterator[Label]:
    """Yield simple ways from `source` to the targets of `search`, least first.

    Raises:
        UnsettledError: the allowance of labels ran out.
    """
    heap: list[_Part] = []
    _push(heap, search, [search.start(source)], frozenset())
    while heap:
        part = heapq.heappop(heap)
        yield part.best
        trail = _trail(part.best)
        for place in range(part.prefix, len(trail)):
            taken = _STOP if place == len(trail) - 1 else trail[place + 1].span
            before = part.barred if place == part.prefix else frozenset[int]()
            _push(heap, search, trail[: place + 1], before | {taken})


def _push(
    heap: list[_Part], search: LabelSearch, trail: list[Label], barred: frozenset[int]
) -> None:
    best = search.run(
        trail[-1],
        closed={label.site for label in trail},
        barred=barred,
        stop=_STOP not in barred,
    )
    if best is not None:
        part = _Part(search.rank(best), best.way, len(trail) - 1, barred, best)
        heapq.heappush(heap, part)


def _trail(label: Label) -> list[Label]:
    trail = [label]
    while trail[-1].before is not None:
        trail.append(trail[-1].before)
    return trail[::-1]
