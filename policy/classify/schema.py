"""Schemas without rows: the columns of SQL, JSON Schema and Arrow, to be judged by name alone.

Nothing here is a parser of the whole language: it finds the names that head columns, in time
linear in the text, and whatever else stands in the file is read as prose beside it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policy.classify.cells import Cells
from policy.classify.tables import WIDEST, Batch, Table, value_like
from policy.errors import UnreadableError

LARGEST: Final = 16 << 20
"""Characters of a file of SQL."""

_TOKEN: Final = re.compile(r"--|/\*|[\"'`\[(),;]|[^\s\"'`\[(),;/-]+|[/-]")
_SHUT: Final = {"--": "\n", "/*": "*/", '"': '"', "'": "'", "`": "`", "[": "]"}
_NO_COLUMN: Final = frozenset(
    (
        "primary",
        "foreign",
        "constraint",
        "unique",
        "key",
        "index",
        "check",
        "exclude",
        "like",
        "partition",
        "period",
        "fulltext",
    )
)
_ROWS: Final = re.compile(r"(?im)^\s*(?:INSERT\s+INTO|COPY\s)")


def headed(names: Iterator[str] | list[str], rows: int = 0) -> Table:
    """Return a table of these columns without cells; `rows` is what was seen of its rows.

    Raises:
        UnreadableError: more than `WIDEST` columns.
    """
    unique = list(dict.fromkeys(names))
    if len(unique) > WIDEST:
        raise UnreadableError(f"more than {WIDEST} columns in a schema")
    batches = [
        Batch({_told(name, at): Cells.from_strings([]) for at, name in enumerate(unique)}, 0)
    ]
    if rows:
        batches.append(Batch({}, rows))
    return Table(iter(batches))


def _told(name: str, at: int) -> str:
    return f"column {at + 1}" if value_like(name) or len(name) > 100 else name  # noqa: PLR2004


def of_sql(text: str) -> Table:
    """Return the columns of every CREATE TABLE, with the rows that INSERT and COPY announce.

    Raises:
        UnreadableError: too large, or too many columns.
    """
    if len(text) > LARGEST:
        raise UnreadableError(f"character {LARGEST}: a file of SQL larger than that")
    return headed(_columns(text), len(_ROWS.findall(text)))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield (opening, content) of what is quoted or commented, and ("", word) of the rest."""
    at = 0
    while token := _TOKEN.search(text, at):
        word, at = token.group(), token.end()
        if (shut := _SHUT.get(word)) is None:
            yield "", word
            continue
        end = text.find(shut, at)
        end = len(text) if end < 0 else end
        yield word, text[at:end]
        at = end + len(shut)


def _columns(text: str) -> Iterator[str]:
    table, depth, fresh, comment = "", 0, False, False
    last = ""
    for opening, word in _tokens(text):
        if opening in {"--", "/*"}:
            continue
        low = "" if opening else word.lower()
        if depth == 0:
            heads = low == "(" and table
            depth, fresh = (1, True) if heads else (0, False)
            table = "" if low == ";" or heads else table
            table = "table" if low == "table" and last in _CREATES else table
        elif low in {"(", ")"}:
            depth += 1 if low == "(" else -1
        elif low == "," and depth == 1:
            fresh = True
        elif fresh:
            fresh = False
            if low not in _NO_COLUMN:
                yield word
        elif opening == "'" and comment:
            # What a column's comment calls it is a second name.
            yield word
        comment = low == "comment"
        last = low or last


_CREATES: Final = frozenset({"create", "temporary", "temp", "unlogged", "external", "global"})


def of_json(value: Mapping[str, Any]) -> Table | None:
    """Return the properties of a JSON Schema, nested ones dotted; None if it is none.

    Raises:
        UnreadableError: too many names.
    """
    if "$schema" not in value and value.get("type") != "object":
        return None
    names = list(_properties(value, ""))
    return headed(names) if names else None


def _properties(value: Any, path: str, depth: int = 0) -> Iterator[str]:
    if not isinstance(value, Mapping) or depth > 32:  # noqa: PLR2004
        return
    for key in ("$defs", "definitions", "properties"):
        inner = value.get(key)
        for name, each in inner.items() if isinstance(inner, Mapping) else ():
            dotted = f"{path}.{name}" if path else name
            nested = list(_properties(each, dotted, depth + 1))
            yield from nested or [dotted]
            yield from _titled(each)
    if isinstance(items := value.get("items"), Mapping):
        yield from _properties(items, path, depth + 1)
    for key in ("allOf", "anyOf", "oneOf"):
        several = value.get(key)
        for each in several if isinstance(several, list) else ():
            yield from _properties(each, path, depth + 1)


def _titled(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and isinstance(title := value.get("title"), str) and title:
        yield title
