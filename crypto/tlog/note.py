"""Signed notes (C2SP signed-note): text, a blank line, one line for each signature.

Only the form is judged here. What a note says counts for nothing before `keys` verified it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crypto.errors import FormatError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.checkpoint import check_name

LONGEST_NOTE: Final = 131_072
MOST_SIGNATURES: Final = 32
KEY_ID_SIZE: Final = 4
_DASH: Final = "— "


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name and 4-byte id, and the bytes it made."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {encode(self.key_id + self.blob)}\n"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """Return the signature of a line without its newline.

        Raises:
            FormatError: not a signature line in its one spelling.
        """
        name, space, text = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise FormatError("a signature line is: em dash, key name, base 64")
        raw = decode(text)
        if len(raw) <= KEY_ID_SIZE:
            raise FormatError("a signature line holds a key id and a signature")
        return cls(check_name(name), raw[:KEY_ID_SIZE], raw[KEY_ID_SIZE:])


@dataclass(frozen=True, slots=True)
class Note:
    """Text ending in a newline, and at least one signature line."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Return the note's bytes."""
        return (self.text + "\n" + "".join(each.line for each in self.signatures)).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Note":
        """Return the note of `raw`.

        Raises:
            FormatError: too long, not UTF-8, a control character, or not text and signatures.
        """
        head, blank, tail = _text(raw).rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise FormatError("a note is text, a blank line and signature lines")
        lines = tail[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise FormatError(f"a note has at most {MOST_SIGNATURES} signatures")
        return cls(head + "\n", _distinct(Signature.parse(line) for line in lines))


def _text(raw: bytes) -> str:
    if len(raw) > LONGEST_NOTE:
        raise FormatError(f"a note has at most {LONGEST_NOTE} bytes")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise FormatError("a note is UTF-8") from error
    if any(mark < " " and mark != "\n" for mark in text):
        raise FormatError("a note holds no control characters")
    return text


def _distinct(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    # Two lines of one key would leave open which of them the verifier has judged.
    found = tuple(signatures)
    if len({(each.name, each.key_id) for each in found}) != len(found):
        raise FormatError("a key signs a note once")
    return found
