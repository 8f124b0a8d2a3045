"""Which pairs of places a masked topology joins, and on which single points each pair hangs.

One walk along a path finds both kinds of points: nothing else needs to be tried out. Going on
from the sites before a place on the path, by spans that are not the path's, the furthest place
reached says whether the span or the site there can be gone around.
"""

from collections.abc import Iterable, Sequence

from routing.topology import Masked

Pair = tuple[int, int]


def joined(masked: Masked, sources: Iterable[int], targets: Iterable[int]) -> frozenset[Pair]:
    """Return the pairs (source, target) of different places that admitted spans join."""
    ends = set(targets)
    return frozenset(
        (source, target)
        for source in sorted(set(sources))
        if masked.sites[source]
        for target in reached(masked, source) & ends
        if target != source
    )


def reached(masked: Masked, source: int) -> set[int]:
    """Return the places that admitted spans lead to from `source`, itself included."""
    seen, rest = {source}, [source]
    while rest:
        for head, _ in _onward(masked, rest.pop()):
            if head not in seen:
                seen.add(head)
                rest.append(head)
    return seen


def _onward(masked: Masked, site: int) -> Iterable[tuple[int, int]]:
    spans, sites = masked.spans, masked.sites
    return ((h, s) for h, s in masked.topology.departures[site] if spans[s] and sites[h])


def way(masked: Masked, source: int, target: int) -> list[tuple[int, int]] | None:
    """Return the (site, span) steps of a way with the fewest spans, None if there is none."""
    before: dict[int, tuple[int, int]] = {source: (-1, -1)}
    level = [source]
    while level and target not in before:
        following: list[int] = []
        for here in level:
            for head, span in _onward(masked, here):
                if head not in before:
                    before[head] = (here, span)
                    following.append(head)
        level = following
    if target not in before:
        return None
    steps = [(target, before[target][1])]
    while (here := before[steps[-1][0]][0]) != source:
        steps.append((here, before[here][1]))
    return steps[::-1]


def hanging(masked: Masked, source: int, target: int) -> tuple[list[int], list[int]] | None:
    """Return the spans, and the sites between, that every way passes; None if there is no way."""
    steps = way(masked, source, target)
    if steps is None:
        return None
    return _points(masked, [source, *(site for site, _ in steps)], [span for _, span in steps])


def _points(
    masked: Masked, sites: Sequence[int], spans: Sequence[int]
) -> tuple[list[int], list[int]]:
    place_of = {site: place for place, site in enumerate(sites)}
    own, seen = set(spans), set(sites)
    bridges: list[int] = []
    between: list[int] = []
    furthest = 0
    for place, site in enumerate(sites[:-1]):
        # `furthest` counts the ways around of the sites before this one, their path spans too.
        if place and furthest <= place:
            between.append(site)
        aside = _aside(masked, site, own, place_of, seen)
        if max(furthest, aside) <= place:
            bridges.append(spans[place])
        furthest = max(furthest, aside, place + 1)
    return bridges, between


def _aside(
    masked: Masked, site: int, own: set[int], place_of: dict[int, int], seen: set[int]
) -> int:
    """Return the furthest place on the path that ways off it lead to from `site`."""
    furthest, rest = 0, [site]
    while rest:
        for head, span in _onward(masked, rest.pop()):
            if span in own:
                continue
            furthest = max(furthest, place_of.get(head, 0))
            if head not in seen:
                seen.add(head)
                rest.append(head)
    return furthest
