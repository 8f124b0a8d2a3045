"""A circuit breaker: after repeated failures, refuse at once for a while instead of waiting."""

from dataclasses import dataclass, field
from typing import Final

from policy.errors import EngineError

TRIPS_AT: Final = 5
RESTS_FOR: Final = 1.0
_COUNTED: Final = frozenset({"engine.unavailable", "engine.timeout"})


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row; times are monotonic seconds, given by the caller."""

    failures: int = 0
    resting_until: float = field(default=float("-inf"))

    def check(self, now: float) -> None:
        """Let a question through, or raise EngineError while the engine rests."""
        if now < self.resting_until:
            raise EngineError("engine.unavailable", "it failed repeatedly and is left alone")

    def failed(self, now: float, error: EngineError) -> None:
        """Count a failure to answer; what was answered badly does not count."""
        if error.code not in _COUNTED:
            self.worked()
            return
        self.failures += 1
        if self.failures >= TRIPS_AT:
            self.resting_until = now + RESTS_FOR

    def worked(self) -> None:
        """Forget the failures so far."""
        self.failures = 0
