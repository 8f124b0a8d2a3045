"""Hostile bytes to a JSON value: strict, bounded, never any error but NetworkError."""

import json
from typing import Any, Final

from routing.errors import NetworkError
from routing.fields import shown

LARGEST: Final = 256 * 1024 * 1024


class _Repeated(dict[str, Any]):
    """An object that named a key twice; `key` is the first such."""

    key: str = ""


def read_json(raw: bytes) -> Any:
    """Return the JSON value of `raw`, UTF-8.

    Raises:
        NetworkError: too large, not UTF-8, not JSON, nested too deeply, NaN, or a key named twice.
    """
    if len(raw) > LARGEST:
        raise NetworkError("", f"{len(raw)} bytes; at most {LARGEST} are read")
    repeated: list[_Repeated] = []
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=lambda pairs: _object(pairs, repeated),
            parse_constant=_constant,
        )
    except UnicodeDecodeError as problem:
        raise NetworkError("", f"not UTF-8 at byte {problem.start}") from problem
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise NetworkError("", f"not JSON at {place}: {problem.msg}") from problem
    except RecursionError as problem:
        raise NetworkError("", "nested too deeply") from problem
    except ValueError as problem:  # an integer of more digits than Python converts
        raise NetworkError("", "a number is too long") from problem
    if repeated:
        raise _duplicate(value)
    return value


def _object(pairs: list[tuple[str, Any]], repeated: list[_Repeated]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    marked = _Repeated(found)
    names = [name for name, _ in pairs]
    marked.key = next(name for name in names if names.count(name) > 1)
    repeated.append(marked)
    return marked


def _constant(name: str) -> float:
    raise NetworkError("", f"{name} is not JSON")


def _duplicate(value: Any) -> NetworkError:
    """Find the pointer of a repeated key: the parser knows the object but not its place."""
    rest: list[tuple[str, Any]] = [("", value)]
    while rest:
        pointer, current = rest.pop()
        if isinstance(current, _Repeated):
            return NetworkError(pointer, f"key {shown(current.key)} is named twice")
        if isinstance(current, dict):
            rest.extend((f"{pointer}/{_escaped(key)}", item) for key, item in current.items())
        elif isinstance(current, list):
            rest.extend((f"{pointer}/{place}", item) for place, item in enumerate(current))
    # The object sat under a key that a later repetition of that key replaced.
    return NetworkError("", "a key is named twice")


def _escaped(key: str) -> str:
    return shown(key)[1:-1].replace("~", "~0").replace("/", "~1")
