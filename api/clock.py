"""The only reader of the clock. Everything else is told the time."""

import time


def now() -> int:
    """Return the time in whole seconds since the Unix epoch, UTC."""
    return int(time.time())
