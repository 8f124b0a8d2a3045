"""Measuring two things side by side: interleaved rounds, medians, a ratio that grows with merit."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

ROUNDS = 9
ROUND_SECONDS = 0.08  # long enough that reading the clock does not count

Work = Callable[[], object]
Clock = Literal["cpu", "wall"]


class PeerMissingError(Exception):
    """What the row compares with is not installed: no number then."""


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison; `ratio` is always the larger the better for Sekisho."""

    name: str
    value: float
    unit: str
    baseline: float
    baseline_name: str
    ratio: float

    def to_json(self) -> dict[str, str | float]:
        """Return the row with its figures rounded to four digits."""
        return {
            key: float(f"{value:.4g}") if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def latency(
    name: str, ours: Work, baseline_name: str, baseline: Work, *, clock: Clock = "cpu"
) -> Row:
    """Return milliseconds per call of both; the ratio says how many times faster ours is."""
    mine, other = _medians(ours, baseline, clock)
    return Row(name, mine * 1e3, "ms", other * 1e3, baseline_name, other / mine)


def throughput(
    name: str,
    ours: Work,
    baseline_name: str,
    baseline: Work,
    *,
    amount: float,
    unit: str,
    clock: Clock = "cpu",
) -> Row:
    """Return `amount` of `unit` per second of both; one call does the whole amount."""
    mine, other = _medians(ours, baseline, clock)
    return Row(name, amount / mine, f"{unit}/s", amount / other, baseline_name, other / mine)


def _medians(ours: Work, baseline: Work, clock: Clock) -> tuple[float, float]:
    read = time.process_time if clock == "cpu" else time.perf_counter
    pair = ours, baseline
    repeats = [_repeats(work, read) for work in pair]
    seconds: tuple[list[float], list[float]] = [], []
    gc.collect()
    for _ in range(ROUNDS):
        for work, count, found in zip(pair, repeats, seconds, strict=True):
            start = read()
            for _ in range(count):
                work()
            found.append((read() - start) / count)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def _repeats(work: Work, read: Callable[[], float]) -> int:
    work()  # warm caches are what both are measured with
    start = read()
    work()
    return max(1, round(ROUND_SECONDS / max(read() - start, 1e-7)))
