"""Which limits block when the rules alone do not, and the best that can be had of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from policy.canonical import JSON
from policy.constraints import Limits
from routing.labels import LabelSearch, Least, UnsettledError
from routing.topology import Masked


@dataclass(frozen=True, slots=True)
class Overrun:
    """One limit: the `most` it allows, the `best` of all paths, the best within the others.

    None is "not known": no path, or the search gave up. A limit whose `best` is above `most`
    blocks alone; otherwise several block together.
    """

    limit: str
    most: float
    best: float | None
    best_within_others: float | None

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this limit."""
        return {
            "limit": self.limit,
            "most": self.most,
            "best": self.best,
            "best_within_others": self.best_within_others,
        }


def overruns(
    masked: Masked, limits: Limits, source: int, targets: Sequence[int]
) -> tuple[Overrun, ...]:
    """Return a row for every limit that is set; `masked` records what they count."""
    rows = ((name, getattr(limits, name)) for name in limits.to_json())
    return tuple(
        Overrun(
            limit=name,
            most=most,
            best=_best(masked, Limits(), source, targets, Least(name)),
            best_within_others=_best(
                masked, replace(limits, **{name: None}), source, targets, Least(name)
            ),
        )
        for name, most in rows
    )


def _best(
    masked: Masked, limits: Limits, source: int, targets: Sequence[int], least: Least
) -> float | None:
    search = LabelSearch(masked, limits, targets, least=least)
    try:
        label = search.run(search.start(source))
    except UnsettledError:
        return None
    return None if label is None else label.amount(least)
