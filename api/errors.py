"""The failures of `api`: what cannot be done now, and why."""


class SekishoError(Exception):
    """The base of all failures in this package."""


class UsageError(SekishoError):
    """Bad usage or bad input; exit code 2."""


class UnavailableError(SekishoError):
    """Something needed is unavailable: engine, log, disk, lock; exit code 3."""


class FaultError(SekishoError):
    """Two parts of Sekisho contradict each other; exit code 3, never a verdict."""


class NotFoundError(SekishoError):
    """No such dataset, passage, decision or key for this caller."""


class NotAllowedError(SekishoError):
    """The caller may not ask this."""


class ConflictError(SekishoError):
    """The request contradicts the present state."""
