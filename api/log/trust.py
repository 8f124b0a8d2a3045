"""What a verifier remembers of a log, in a file outside the instance that keeps the log."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from api.durable import write_durably
from api.errors import UsageError
from crypto.errors import CryptoError
from crypto.tlog.keys import NoteKey
from policy.canonical import canonical


@dataclass(frozen=True, slots=True)
class LogTrust:
    """The log's origin, the keys that must all have signed, and the last checkpoint seen."""

    origin: str
    vkeys: tuple[str, ...]
    checkpoint: str | None = None

    def __post_init__(self) -> None:
        """Refuse to trust nothing, or what is no key."""
        if not self.vkeys:
            raise UsageError("a trust file names at least one key")
        self.keys()

    def keys(self) -> tuple[NoteKey, ...]:
        """Return the keys.

        Raises:
            UsageError: one is not a vkey.
        """
        try:
            return tuple(NoteKey.parse(vkey) for vkey in self.vkeys)
        except CryptoError as error:
            raise UsageError(f"a trust file's key is not usable: {error}") from error

    @classmethod
    def of(cls, origin: str, keys: Sequence[NoteKey]) -> "LogTrust":
        """Return the trust of one who has the log's keys and has not seen a checkpoint."""
        return cls(origin, tuple(key.vkey for key in keys))

    def updated(self, checkpoint: str) -> "LogTrust":
        """Return this trust with a newer last seen checkpoint; only a verified one belongs here."""
        return replace(self, checkpoint=checkpoint)

    def to_bytes(self) -> bytes:
        """Return the canonical JSON of this trust, and a newline."""
        document = {
            "origin": self.origin,
            "vkeys": list(self.vkeys),
            "checkpoint": self.checkpoint,
        }
        return canonical(document) + b"\n"

    @classmethod
    def from_bytes(cls, raw: bytes) -> "LogTrust":
        """Return the trust of a JSON document.

        Raises:
            UsageError: not an object of `origin`, `vkeys` and `checkpoint`.
        """
        try:
            document: object = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise UsageError("a trust file is JSON") from error
        if not isinstance(document, dict) or set(document) != set(cls.__slots__):
            raise UsageError("a trust file has origin, vkeys and checkpoint, and nothing else")
        match document:
            case {"origin": str(origin), "vkeys": [*vkeys], "checkpoint": str() | None as seen}:
                return cls(origin, tuple(str(vkey) for vkey in vkeys), seen)
            case _:
                raise UsageError("a trust file's origin is text, its vkeys a list of text")

    @classmethod
    def load(cls, path: Path) -> "LogTrust":
        """Return the trust in a file.

        Raises:
            UsageError: there is no such file, or it is not a trust file.
        """
        try:
            return cls.from_bytes(path.read_bytes())
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}") from error
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error

    def save(self, path: Path) -> None:
        """Replace the trust in a file.

        Raises:
            UnavailableError: it could not be written, and is unchanged.
        """
        write_durably(path, self.to_bytes(), mode=0o644)
