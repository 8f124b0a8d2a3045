"""What one epoch changes against another: sites and spans added, removed, or recorded otherwise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.canonical import JSON
from routing.network import Network, Site, Span


@dataclass(frozen=True, slots=True)
class Change:
    """One site or span (`kind`): added, removed or changed (`change`).

    `attributes` has, for a changed one, each dotted name with its value before and after; None
    is unrecorded.
    """

    kind: str
    id: str
    change: str
    attributes: tuple[tuple[str, JSON, JSON], ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the row of this change."""
        rows = {name: {"before": old, "after": new} for name, old, new in self.attributes}
        return {"kind": self.kind, "id": self.id, "change": self.change, "attributes": {**rows}}


@dataclass(frozen=True, slots=True)
class Difference:
    """All changes from one network to another, sites first, by id."""

    before: str
    after: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, JSON]:
        """Return the digests of both networks and the changes."""
        return {
            "before": self.before,
            "after": self.after,
            "changes": [change.to_json() for change in self.changes],
        }


def difference(before: Network, after: Network) -> Difference:
    """Return what makes `after` another network than `before`; warnings do not count."""
    changes = (
        *_changes("site", before.sites, after.sites),
        *_changes("span", before.spans, after.spans),
    )
    return Difference(before.digest, after.digest, changes)


def _changes(
    kind: str, before: Sequence[Site | Span], after: Sequence[Site | Span]
) -> Iterator[Change]:
    old = {subject.id: subject for subject in before}
    new = {subject.id: subject for subject in after}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield Change(kind, name, "removed")
        elif name not in old:
            yield Change(kind, name, "added")
        elif old[name] != new[name]:
            yield Change(kind, name, "changed", _attributes(old[name], new[name]))


def _attributes(old: Site | Span, new: Site | Span) -> tuple[tuple[str, JSON, JSON], ...]:
    then, now = _flat(old.to_json()), _flat(new.to_json())
    return tuple(
        (name, then.get(name), now.get(name))
        for name in sorted(then.keys() | now.keys())
        if name not in then or name not in now or then[name] != now[name]
    )


def _flat(document: Mapping[str, Any], stem: str = "") -> dict[str, JSON]:
    """Dotted names; an object without members is a value, as it is not nothing."""
    found: dict[str, JSON] = {}
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{stem}{key}.")
        else:
            found[f"{stem}{key}"] = value
    return found
