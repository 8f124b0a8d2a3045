"""What an engine is, and the start-up probe that refuses one which answers a known trap wrongly."""

from collections.abc import Mapping
from typing import Protocol

from policy.canonical import JSON


class Engine(Protocol):
    """Something that evaluates `sekisho/decision/answer` of one revision."""

    @property
    def name(self) -> str:
        """`embedded` or `opa`; with the version it is on every decision."""
        ...

    @property
    def version(self) -> str:
        """The version of the software that evaluates."""
        ...

    async def ask(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Evaluate one document.

        Raises:
            EngineError: no answer, or one that is undefined, malformed or of another revision.
        """
        ...
