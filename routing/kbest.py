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
    """The ways that start as `trail` and do not go on by `barred`.

    `best` is the least of them, of that `rank`; before they are searched it is None, and `rank`
    at most that of the least.
    """

    rank: tuple[float, ...]
    way: tuple[int, ...]
    searched: bool
    trail: list[Label]
    barred: frozenset[int]
    best: Label | None


def compliant_ways(search: LabelSearch, source: int) -> Iterator[Label]:
    """Yield simple ways from `source` to the targets of `search`, least first.

    A part is searched only when its promise is the best that is left: most never are.

    Raises:
        UnsettledError: the allowance of labels ran out.
    """
    heap: list[_Part] = []
    _promise(heap, search, [search.start(source)], frozenset())
    while heap:
        part = heapq.heappop(heap)
        if part.best is None:
            _search(heap, search, part)
            continue
        yield part.best
        trail = _trail(part.best)
        for place in range(len(part.trail) - 1, len(trail)):
            taken = _STOP if place == len(trail) - 1 else trail[place + 1].span
            before = part.barred if place == len(part.trail) - 1 else frozenset[int]()
            _promise(heap, search, trail[: place + 1], before | {taken})


def _promise(
    heap: list[_Part], search: LabelSearch, trail: list[Label], barred: frozenset[int]
) -> None:
    closed = {label.site for label in trail}
    rank = search.promise(trail[-1], closed=closed, barred=barred, stop=_STOP not in barred)
    if rank is not None:
        # Each part has a way of its own, so that two of them are never compared any further.
        heapq.heappush(
            heap, _Part(rank, trail[-1].way, searched=False, trail=trail, barred=barred, best=None)
        )


def _search(heap: list[_Part], search: LabelSearch, part: _Part) -> None:
    best = search.run(
        part.trail[-1],
        closed={label.site for label in part.trail},
        barred=part.barred,
        stop=_STOP not in part.barred,
    )
    if best is not None:
        found = part._replace(rank=search.rank(best), way=best.way, searched=True, best=best)
        heapq.heappush(heap, found)


def _trail(label: Label) -> list[Label]:
    trail = [label]
    while trail[-1].before is not None:
        trail.append(trail[-1].before)
    return trail[::-1]
