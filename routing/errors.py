"""The failures of `routing`. "No compliant path" is not among them: it is a value."""

from collections.abc import Sequence
from typing import Final

MOST_TOLD: Final = 20


class RoutingError(Exception):
    """The base of all failures in this package."""


class NetworkError(RoutingError):
    """A network document that is not well formed; `pointer` is the JSON pointer of the place.

    `all` lists every such place that was found, this one first.
    """

    def __init__(self, pointer: str, problem: str, others: Sequence["NetworkError"] = ()) -> None:
        """`problem` says what was found and what was expected; `others` are further ones."""
        self.pointer = pointer
        self.problem = problem
        self.all: tuple[NetworkError, ...] = (self, *others)
        lines = [f"{found.pointer or '/'}: {found.problem}" for found in self.all[:MOST_TOLD]]
        if len(self.all) > MOST_TOLD:
            lines.append(f"and {len(self.all) - MOST_TOLD} more")
        super().__init__("; ".join(lines))


class UnknownSiteError(RoutingError):
    """A site or span that the network does not have."""


class PathError(RoutingError):
    """A list of spans that is not a path of the network."""
