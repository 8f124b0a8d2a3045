"""What every foreign format is read into before it becomes a network document."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from policy.canonical import JSON
from routing.errors import NetworkError
from routing.fields import shown

DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import made of a file: keys understood, keys not known (with counts), things dropped.

    Nothing is lost without a line here.
    """

    format: str
    understood: tuple[str, ...]
    unknown: tuple[tuple[str, int], ...]
    dropped: tuple[str, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the report as `network import` prints it."""
        return {
            "format": self.format,
            "understood": list(self.understood),
            "unknown": dict(self.unknown),
            "dropped": list(self.dropped),
        }


@dataclass(frozen=True, slots=True)
class LooseGraph:
    """Nodes (with `id`) and links (with `source`, `target`), every other key as it was found.

    `node_names` and `link_names` say which foreign key is which of ours; `dropped` is what the
    reader itself had to leave out.
    """

    name: str
    directed: bool
    nodes: list[dict[str, Any]]
    links: list[dict[str, Any]]
    epoch: Any = 0
    node_names: Mapping[str, str] = field(default_factory=dict[str, str])
    link_names: Mapping[str, str] = field(default_factory=dict[str, str])
    dropped: tuple[str, ...] = ()


@dataclass(slots=True)
class Notes:
    """A report in the making."""

    understood: set[str] = field(default_factory=set[str])
    unknown: Counter[str] = field(default_factory=Counter[str])
    dropped: list[str] = field(default_factory=list[str])

    def report(self, name: str) -> ImportReport:
        """Return what was noted, sorted."""
        return ImportReport(
            name,
            tuple(sorted(self.understood)),
            tuple(sorted(self.unknown.items())),
            tuple(self.dropped),
        )


def flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested objects as one with dotted keys; lists, and what lies too deep, stay whole."""
    return dict(_flat(value, "", DEEPEST))


def _flat(value: Mapping[str, Any], stem: str, deep: int) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        name = f"{stem}{key}"
        if isinstance(item, dict) and deep:
            yield from _flat(item, f"{name}.", deep - 1)
        else:
            yield name, item


def objects(value: Any, pointer: str) -> list[dict[str, Any]]:
    """Return a list of objects; raises NetworkError with the pointer of what is none."""
    if not isinstance(value, list):
        raise NetworkError(pointer, f"a list is expected, not {shown(value)}")
    for place, item in enumerate(value):
        if not isinstance(item, dict):
            raise NetworkError(f"{pointer}/{place}", f"an object is expected, not {shown(item)}")
    return value


def listed(value: Any, pointer: str) -> list[dict[str, Any]]:
    """Return objects that stand in a list, alone, or not at all."""
    if value is None:
        return []
    return objects([value] if isinstance(value, dict) else value, pointer)


def member(value: Mapping[str, Any], *names: str) -> Any:
    """Return the first of the members `names`, with or without a module's prefix, None if none."""
    for key, item in value.items():
        if key.rpartition(":")[2] in names:
            return item
    return None


def amount(value: Any) -> float | None:
    """Return a number, or a string that writes one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def word(value: Any) -> str | None:
    """Return a name written as a string or a number, None for anything else or nothing."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return str(value) or None
    except ValueError:  # more digits than Python converts
        return None


def text(raw: bytes) -> str:
    """Return UTF-8 bytes as text; raises NetworkError."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise NetworkError("", f"not UTF-8 at byte {problem.start}") from problem
