"""Where things lie in an instance's directory, and the settings that name it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from api.durable import write_durably
from api.errors import UsageError
from policy.canonical import JSON, canonical

VERSION: Final = 1
SERVICE: Final = "service"
"""The instance's own site id, where no other is meant."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of the instance in `directory`."""

    directory: Path

    @property
    def settings(self) -> Path:
        """What the instance is called and when it was made."""
        return self.directory / "instance.json"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.directory / "sekisho.sqlite"

    @property
    def root_key(self) -> Path:
        """The 32 bytes of the root key-encryption key."""
        return self.directory / "keys" / "root.kek"

    @property
    def log(self) -> Path:
        """The log: nothing else lies here."""
        return self.directory / "log"

    @property
    def state(self) -> Path:
        """Locks and the last signed head of the log."""
        return self.directory / "state"

    @property
    def objects(self) -> Path:
        """Bytes under their own digest."""
        return self.directory / "objects"

    @property
    def root(self) -> Path:
        """The public root of trust."""
        return self.directory / "trust" / "root.json"

    @property
    def bundle(self) -> Path:
        """The signed trust bundle in force."""
        return self.directory / "trust" / "bundle"

    @property
    def log_trust(self) -> Path:
        """The log's keys and last checkpoint seen: outside the instance, for whoever audits it."""
        return self.directory.with_name(self.directory.name + ".trust")

    def site(self, site: str) -> Path:
        """The private files of one site; in earnest they lie at that site.

        Raises:
            UsageError: the id is no name of a folder, and would lead elsewhere.
        """
        if site in {"", ".", ".."} or "/" in site or "\0" in site:
            raise UsageError(f"{site!r} cannot name the folder of a site")
        return self.directory / "sites" / site

    @property
    def exists(self) -> bool:
        """Whether there is an instance here."""
        return self.settings.is_file()


@dataclass(frozen=True, slots=True)
class Settings:
    """What never changes of an instance.

    The log's origin, when it was made (Unix seconds), and the digest of its root of trust.
    """

    origin: str
    created: int
    root: str

    def write(self, layout: Layout) -> None:
        """Write the settings; from then on the instance exists."""
        document: dict[str, JSON] = {"v": VERSION, **asdict(self)}
        write_durably(layout.settings, canonical(document))

    @classmethod
    def read(cls, layout: Layout) -> "Settings":
        """Read the settings.

        Raises:
            UsageError: there is no instance, or one of another version.
        """
        if not layout.exists:
            raise UsageError(
                f"{layout.directory}: no instance here; make one with `sekisho demo --data DIR`"
            )
        try:
            document = json.loads(layout.settings.read_bytes())
            if document["v"] != VERSION:
                raise UsageError(f"{layout.settings}: version {document['v']} is not known here")
            return cls(document["origin"], document["created"], document["root"])
        except (ValueError, KeyError, TypeError) as failure:
            raise UsageError(f"{layout.settings}: not readable") from failure
