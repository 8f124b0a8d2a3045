"""The three lines that a log signs: origin, size, root (C2SP tlog-checkpoint).

Extension lines are refused: an ML-DSA-44 line does not sign them, and nobody audits them.
"""

import re
from dataclasses import dataclass
from typing import Final

from crypto.errors import FormatError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.merkle import HASH_SIZE

LONGEST_ORIGIN: Final = 255  # what the one length byte of a cosigned message can say
LARGEST_SIZE: Final = 2**63 - 1
_LINES: Final = 3
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def check_name(name: str) -> str:
    """Return `name` if it may be an origin or a key name.

    Raises:
        FormatError: empty, too long, or with a space, a plus or a control character.
    """
    if not 0 < len(name.encode(errors="replace")) <= LONGEST_ORIGIN:
        raise FormatError(f"a name has 1 to {LONGEST_ORIGIN} bytes")
    if "+" in name or any(mark.isspace() or not mark.isprintable() for mark in name):
        raise FormatError("a name has no spaces, plus signs or control characters")
    return name


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: which log, how many entries, and the 32-byte root over them."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Refuse what has no text form."""
        check_name(self.origin)
        if not 0 <= self.size <= LARGEST_SIZE or len(self.root) != HASH_SIZE:
            raise FormatError("a checkpoint has a size and a 32-byte root")

    @property
    def text(self) -> str:
        """The note text: three lines."""
        return f"{self.origin}\n{self.size}\n{encode(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint that has exactly this text.

        Raises:
            FormatError: a line is missing, surplus or not in its one spelling.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[_LINES]:
            raise FormatError("a checkpoint has three lines: origin, size, root")
        if not _SIZE.fullmatch(lines[1]):
            raise FormatError("a checkpoint's size is a decimal number without leading zeros")
        return cls(lines[0], int(lines[1]), decode(lines[2]))
