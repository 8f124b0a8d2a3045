"""YAML as this project writes it: mappings, lists, strings, integers and truth values.

Read from the parser's events, so nothing is built that was not asked for: no tags, no anchors or
aliases, no repeated keys, no second document, bounded size and depth. A plain scalar is an integer
only in canonical decimal and a truth value only as `true` or `false`; Norway stays `NO`.
"""

import re
from collections.abc import Iterator
from typing import Final

import yaml

from policy.canonical import JSON
from policy.errors import TaxonomyError

MOST_BYTES: Final = 512 * 1024
DEEPEST: Final = 16
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,15}", re.ASCII)
_TRUTH: Final = {"true": True, "false": False}
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(name: str, raw: bytes) -> JSON:
    """Return the one document in `raw`.

    Raises:
        TaxonomyError: not UTF-8, too large, not YAML, or more of YAML than is used here; the
            message names `name` and the line.
    """
    if len(raw) > MOST_BYTES:
        raise TaxonomyError(f"{name}: {len(raw)} bytes, at most {MOST_BYTES} are read")
    try:
        return _Reader(name, yaml.parse(raw.decode("utf-8"), Loader=_Loader)).document()
    except UnicodeDecodeError as error:
        raise TaxonomyError(f"{name}: byte {error.start} is not UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise TaxonomyError(f"{name}: line {line}: {error.problem or 'not YAML'}") from error
    except (yaml.YAMLError, ValueError) as error:
        # The parsers differ in how they report a character that YAML does not allow.
        raise TaxonomyError(f"{name}: a character that YAML does not allow") from error


class _Reader:
    def __init__(self, name: str, events: Iterator[yaml.Event]) -> None:
        self._name = name
        self._events = events
        self._depth = 0

    def document(self) -> JSON:
        """Read the whole stream, which holds exactly one document."""
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise TaxonomyError(f"{self._name}: the document is empty")
        value = self._value(next(self._events))
        next(self._events)
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._error(after, "a second document")
        return value

    def _value(self, event: yaml.Event) -> JSON:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(event, "anchors and aliases are not used here")
        if getattr(event, "tag", None) is not None:
            raise self._error(event, "tags are not used here")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(event, f"nested deeper than {DEEPEST}")
        opens_list = isinstance(event, yaml.SequenceStartEvent)
        value: JSON = self._sequence() if opens_list else self._mapping()
        self._depth -= 1
        return value

    def _sequence(self) -> list[JSON]:
        items: list[JSON] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[str, JSON]:
        members: dict[str, JSON] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._value(event)
            if not isinstance(key, str):
                raise self._error(event, "a key is a string")
            if key in members:
                raise self._error(event, f"the key {key[:40]!r} is repeated")
            members[key] = self._value(next(self._events))
        return members

    def _error(self, event: yaml.Event, problem: str) -> TaxonomyError:
        line = event.start_mark.line + 1 if event.start_mark else 0
        return TaxonomyError(f"{self._name}: line {line}: {problem}")


def _scalar(event: yaml.ScalarEvent) -> JSON:
    text: str = event.value
    if not event.implicit[0]:  # quoted or block: a string, whatever it looks like
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    return _TRUTH.get(text, text)
