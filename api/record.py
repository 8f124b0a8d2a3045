"""What stands in the log: one entry per thing that was decided, released or changed.

Fields are appended, never renamed or removed: old entries must read the same for ever. Bytes that
are too large for an entry (questions, outcomes, networks, policies) are named by their digest.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api.errors import UnavailableError
from policy.canonical import JSON, canonical

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what happened (`kind`), when (Unix seconds), and its `facts`."""

    kind: str
    at: int
    facts: Mapping[str, JSON]

    def to_bytes(self) -> bytes:
        """Return the canonical bytes that the log hashes."""
        return canonical({"v": VERSION, "kind": self.kind, "at": self.at, "facts": self.facts})

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Entry":
        """Read an entry back.

        Raises:
            UnavailableError: the bytes are no entry of a known version.
        """
        try:
            document = json.loads(raw)
            if document["v"] != VERSION:
                raise UnavailableError(f"log entry of version {document['v']!r} is not known here")
            return cls(kind=document["kind"], at=document["at"], facts=document["facts"])
        except (ValueError, KeyError, TypeError) as failure:
            raise UnavailableError("a log entry is not readable") from failure
