"""The failures of `policy`. A refusal is not among them: it is a value."""


class PolicyError(Exception):
    """The base of all failures in this package."""


class TermError(PolicyError):
    """A string that may not enter a policy question."""


class LabelError(PolicyError):
    """A label document that is not well formed."""


class TaxonomyError(PolicyError):
    """A regime or mosaic document that is not well formed; names the file and the place."""


class BundleError(PolicyError):
    """Policy sources that cannot form a revision."""


class ConstraintError(PolicyError):
    """A tenant's constraint document that is not well formed."""


class UnreadableError(PolicyError):
    """Content that no reader understands; its label is unknown, never low."""


class EngineError(PolicyError):
    """An engine gave no usable answer; `code` is the `engine.*` reason of the refusal."""

    def __init__(self, code: str, detail: str = "") -> None:
        """`code` is one of `engine.unavailable|timeout|undefined|malformed|stale|failed`."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
