"""The failures of `routing`. "No compliant path" is not among them: it is a value."""


class RoutingError(Exception):
    """The base of all failures in this package."""


class NetworkError(RoutingError):
    """A network document that is not well formed; `pointer` is the JSON pointer of the place."""

    def __init__(self, pointer: str, problem: str) -> None:
        """`problem` says what was found and what was expected."""
        super().__init__(f"{pointer or '/'}: {problem}")
        self.pointer = pointer
        self.problem = problem


class UnknownSiteError(RoutingError):
    """A site or span that the network does not have."""


class PathError(RoutingError):
    """A list of spans that is not a path of the network."""
