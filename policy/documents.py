"""Typed parts of a JSON document, for the readers of questions and answers."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from policy.canonical import JSON
from policy.errors import TermError

Part = TypeVar("Part")


def decoded(raw: bytes) -> JSON:
    """Return the JSON value of `raw`; raises TermError."""
    try:
        value: JSON = json.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        raise TermError("not a JSON document") from error
    return value


def objects(value: JSON) -> Mapping[str, JSON]:
    """Return `value` if it is an object; raises TermError."""
    if not isinstance(value, dict):
        raise TermError("an object is needed")
    return value


def text(parts: Mapping[str, JSON], name: str) -> str:
    """Return the string under `name`; raises TermError."""
    if not isinstance(value := parts.get(name), str):
        raise TermError(f"{name} must be a string")
    return value


def truth(parts: Mapping[str, JSON], name: str) -> bool:
    """Return the boolean under `name`; raises TermError."""
    if not isinstance(value := parts.get(name), bool):
        raise TermError(f"{name} must be true or false")
    return value


def integer(parts: Mapping[str, JSON], name: str) -> int:
    """Return the whole number under `name`; raises TermError."""
    if not isinstance(value := parts.get(name), int) or isinstance(value, bool):
        raise TermError(f"{name} must be a whole number")
    return value


def number(parts: Mapping[str, JSON], name: str) -> float:
    """Return the number under `name`; raises TermError."""
    if not isinstance(value := parts.get(name), int | float) or isinstance(value, bool):
        raise TermError(f"{name} must be a number")
    return value


def strings(parts: Mapping[str, JSON], name: str) -> tuple[str, ...]:
    """Return the list of strings under `name`; raises TermError."""
    value = parts.get(name)
    if not isinstance(value, list):
        raise TermError(f"{name} must be a list of strings")
    found = tuple(item for item in value if isinstance(item, str))
    if len(found) != len(value):
        raise TermError(f"{name} must be a list of strings")
    return found


def optional(
    parts: Mapping[str, JSON], name: str, read: Callable[[Mapping[str, JSON], str], Part]
) -> Part | None:
    """Return None when `name` is absent or null, else what `read` makes of it."""
    return None if parts.get(name) is None else read(parts, name)


def sub(parts: Mapping[str, JSON], name: str, read: Callable[[JSON], Part]) -> Part | None:
    """Return None when `name` is absent or null, else what `read` makes of its value."""
    value = parts.get(name)
    return None if value is None else read(value)
