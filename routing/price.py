"""The price of sovereignty: what compliance costs against the shortest path of all."""

from routing.paths import Path


def price(found: Path, unconstrained: Path | None) -> dict[str, float]:
    """Return the extra km, ms and hops of `found`; none without a path to compare with."""
    if unconstrained is None:
        return {}
    return {
        "extra_km": found.km - unconstrained.km,
        "extra_ms": found.ms - unconstrained.ms,
        "extra_hops": found.hops - unconstrained.hops,
    }
