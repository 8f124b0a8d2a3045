"""Typed reading of one JSON object: every complaint carries the JSON pointer of its place.

Absent and `null` are the same: unrecorded. A key nobody asked for is a warning, not an error.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from policy.errors import TermError
from policy.terms import term
from routing.countries import ASSIGNED
from routing.errors import NetworkError

LONGEST_TEXT: Final = 1024
MOST_ITEMS: Final = 1000
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)


def shown(value: object) -> str:
    """Return `value` short and printable, whatever hostile characters it holds."""
    text = repr(value)
    text = text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 (one line of a terminal)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class Record:
    """One JSON object of a network document, at `pointer`; collects `warnings`."""

    def __init__(self, value: object, pointer: str, warnings: list[str]) -> None:
        """Raises NetworkError when `value` is not an object."""
        if not isinstance(value, dict):
            raise NetworkError(pointer, f"an object is expected, not {shown(value)}")
        self._value: dict[str, Any] = value
        self._asked: set[str] = set()
        self.pointer = pointer
        self.warnings = warnings

    def at(self, key: str) -> str:
        """Return the JSON pointer of member `key`."""
        return f"{self.pointer}/{key}"

    def raw(self, key: str) -> Any:
        """Return member `key` as it stands, None when absent."""
        self._asked.add(key)
        return self._value.get(key)

    def wrong(self, key: str, expected: str) -> NetworkError:
        """Return the error that member `key` is not what was `expected`."""
        return NetworkError(self.at(key), f"{expected} is expected, not {shown(self.raw(key))}")

    def ignore(self, *keys: str) -> None:
        """Pass over `keys` without a warning."""
        self._asked.update(keys)

    def finish(self) -> None:
        """Warn about every member that nobody asked for."""
        self.warnings.extend(
            f"{self.pointer or '/'}: unknown key {shown(key)}, not kept"
            for key in self._value.keys() - self._asked
        )

    def required(self, key: str) -> str:
        """Return member `key`, a policy term that must be there."""
        found = self.term(key)
        if found is None:
            raise NetworkError(self.at(key), "is required")
        return found

    def term(self, key: str) -> str | None:
        """Return member `key`, a string that a policy question may carry."""
        value = self.raw(key)
        return None if value is None else _term(value, self.at(key))

    def terms(self, key: str) -> tuple[str, ...] | None:
        """Return member `key`, a list of policy terms, as a sorted tuple without repeats."""
        items = self._items(key)
        return None if items is None else _as_set(_term(item, at) for at, item in items)

    def text(self, key: str) -> str | None:
        """Return member `key`, free text for people; it never enters a policy question."""
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not _encodable(value):
            raise self.wrong(key, f"text of at most {LONGEST_TEXT} characters")
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """Return member `key`, a finite number within `low`..`high`."""
        value = self.raw(key)
        if value is None:
            return None
        # Compared before it is converted: an integer of 400 digits does not fit a float.
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high
        ):
            raise self.wrong(key, f"a number from {low:g} to {high:g}")
        return float(value) + 0.0  # -0.0 becomes 0.0: one value, one digest

    def flag(self, key: str) -> bool | None:
        """Return member `key`, true or false."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        raise self.wrong(key, "true or false")

    def choice(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """Return member `key`, one of `allowed`."""
        value = self.raw(key)
        if value is None or (isinstance(value, str) and value in allowed):
            return value
        raise self.wrong(key, "one of " + ", ".join(allowed))

    def country(self, key: str) -> str | None:
        """Return member `key`, two letters A-Z; an unassigned code is a warning."""
        value = self.raw(key)
        return None if value is None else self._country(value, self.at(key))

    def countries(self, key: str) -> tuple[str, ...] | None:
        """Return member `key`, a list of country codes; an empty list records nothing."""
        items = self._items(key)
        if items is None:
            return None
        found = _as_set(self._country(item, at) for at, item in items)
        if not found:
            # "Nowhere" would pass every rule about where: an empty list is no record.
            self.warnings.append(f"{self.at(key)}: an empty list is taken as unrecorded")
        return found or None

    def _country(self, value: object, pointer: str) -> str:
        if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
            raise NetworkError(pointer, f"two letters A-Z are expected, not {shown(value)}")
        if value not in ASSIGNED:
            self.warnings.append(f"{pointer}: {value} is not an assigned country code")
        return value

    def _items(self, key: str) -> Iterator[tuple[str, object]] | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > MOST_ITEMS:
            raise self.wrong(key, f"a list of at most {MOST_ITEMS}")
        return ((f"{self.at(key)}/{place}", item) for place, item in enumerate(value))


def _as_set(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(items)))


def _encodable(text: str) -> bool:
    return not any("\ud800" <= mark <= "\udfff" for mark in text)


def _term(value: object, pointer: str) -> str:
    if not isinstance(value, str):
        raise NetworkError(pointer, f"a string is expected, not {shown(value)}")
    try:
        return term(value)
    except TermError as problem:
        raise NetworkError(pointer, str(problem)) from problem
