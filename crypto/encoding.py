"""Strict bytes: one encoding for each value, and nothing else is read.

A parser that reads two spellings of one object lets a signed byte change unseen, so a document is
accepted only if encoding it again gives the very same bytes.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast

from crypto.errors import FormatError
from policy.canonical import JSON, canonical

Buffer: TypeAlias = bytes | bytearray | memoryview

LONGEST_TEXT = 1024
_U32 = 4


def lv(*parts: Buffer) -> bytes:
    """Return `parts`, each after its length in four bytes: no two lists give the same bytes."""
    return b"".join(len(part).to_bytes(_U32, "big") + bytes(part) for part in parts)


def b64(raw: Buffer) -> str:
    """Return `raw` in base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str, what: str) -> bytes:
    """Return the bytes of base64url `text`.

    Raises:
        FormatError: not the one spelling that `b64` gives.
    """
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise FormatError(f"{what}: not base64url") from None
    if b64(raw) != text:
        raise FormatError(f"{what}: not canonical base64url")
    return raw


def frame(magic: bytes, code: int, body: Buffer) -> bytes:
    """Return `body` after a four-letter magic, version 1 and a suite code."""
    return magic + bytes((1, code)) + bytes(body)


def unframe(raw: Buffer, magic: bytes, what: str) -> tuple[int, bytes]:
    """Return suite code and body of a frame.

    Raises:
        FormatError: another magic or version, or too short.
    """
    head = len(magic)
    if bytes(raw[:head]) != magic or len(raw) < head + 2 or raw[head] != 1:
        raise FormatError(f"not a {what} of version 1")
    return raw[head + 1], bytes(raw[head + 2 :])


def _whole(number: str) -> int:
    raise ValueError(number)


def document(raw: Buffer, what: str, *, limit: int) -> dict[str, JSON]:
    """Return the JSON object that `raw` encodes canonically, without floats.

    Raises:
        FormatError: over `limit` bytes, or not the canonical bytes of an object.
    """
    if len(raw) > limit:
        raise FormatError(f"{what}: longer than {limit} bytes")
    try:
        value = json.loads(bytes(raw).decode(), parse_float=_whole, parse_constant=_whole)
        same = isinstance(value, dict) and canonical(cast("JSON", value)) == bytes(raw)
    except (ValueError, RecursionError):
        same, value = False, None
    if not same:
        raise FormatError(f"{what}: not a canonical JSON object")
    return cast("dict[str, JSON]", value)


class Fields:
    """The members of a parsed document, read by type; exactly `names`, no more and no fewer."""

    def __init__(self, value: JSON, names: Iterable[str], what: str) -> None:
        """Raise FormatError unless `value` is an object with exactly the members `names`."""
        if not isinstance(value, Mapping) or set(value) != set(names):
            raise FormatError(f"{what}: not exactly the expected members")
        self._value = value
        self._what = what

    def _wrong(self, name: str) -> FormatError:
        return FormatError(f"{self._what}: {name} is malformed")

    def value(self, name: str) -> JSON:
        """Return the member as it is."""
        return self._value[name]

    def text(self, name: str) -> str:
        """Return a string of 1 to 1,024 characters, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, str) or not 0 < len(found) <= LONGEST_TEXT:
            raise self._wrong(name)
        return found

    def text_or_none(self, name: str) -> str | None:
        """Return a string as `text` does, or None for null."""
        return None if self._value[name] is None else self.text(name)

    def number(self, name: str) -> int:
        """Return an integer from 0 to 2**53, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= 1 << 53:
            raise self._wrong(name)
        return found

    def number_or_none(self, name: str) -> int | None:
        """Return an integer as `number` does, or None for null."""
        return None if self._value[name] is None else self.number(name)

    def flag(self, name: str) -> bool:
        """Return a boolean, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, bool):
            raise self._wrong(name)
        return found

    def raw(self, name: str) -> bytes:
        """Return the bytes of a base64url string, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, str):
            raise self._wrong(name)
        return unb64(found, f"{self._what}: {name}")

    def values(self, name: str) -> tuple[JSON, ...]:
        """Return the items of a list, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, list):
            raise self._wrong(name)
        return tuple(found)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings, or raise FormatError."""
        found = self.values(name)
        if not all(isinstance(item, str) and 0 < len(item) <= LONGEST_TEXT for item in found):
            raise self._wrong(name)
        return cast("tuple[str, ...]", found)

    def members(self, name: str) -> dict[str, JSON]:
        """Return the members of an object, or raise FormatError."""
        found = self._value[name]
        if not isinstance(found, dict):
            raise self._wrong(name)
        return found
