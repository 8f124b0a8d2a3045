"""Canonical JSON bytes and the digests taken over them.

Keys sorted, no white space, UTF-8 as is, no NaN: the same value gives the same bytes on every
machine, so a digest can name a label, a question, a network or a policy.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence  # noqa: TC003 - the alias is read at run time
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"


def canonical(value: JSON) -> bytes:
    """Return the canonical bytes of `value`.

    Raises:
        ValueError: the value holds NaN or an infinity.
        TypeError: the value is not JSON.
    """
    text = json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )
    return text.encode()


def digest(raw: bytes) -> str:
    """Return `sha256:` and the lower-case hex SHA-256 of `raw`."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()
