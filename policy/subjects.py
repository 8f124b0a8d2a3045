"""The subjects of one kind, by id, and which of them look alike to a rule: worked out once.

A network of one epoch does not change, so what its spans look like to a rule that reads the
operator is kept. `changed` gives the next epoch's subjects without looking at all of them again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from policy.canonical import JSON

Attributes: TypeAlias = Mapping[str, JSON]
Places: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """One sample of all that look alike, by what is read of them; each subject's sample."""

    samples: Mapping[str, Attributes]
    place: Places


class Subjects(Mapping[str, Attributes]):
    """Flat attributes by subject id, in a fixed order. Neither may change afterwards."""

    def __init__(self, attributes: Mapping[str, Attributes]) -> None:
        """Take the subjects in the order in which they are given."""
        self._attributes = dict(attributes)
        self.ids = tuple(self._attributes)
        self._alike: dict[tuple[str, ...], Alike] = {}

    @classmethod
    def of(cls, attributes: Mapping[str, Attributes]) -> "Subjects":
        """Return the subjects as they are, or made of a plain mapping."""
        return attributes if isinstance(attributes, cls) else cls(attributes)

    @override
    def __getitem__(self, subject: str) -> Attributes:
        return self._attributes[subject]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    @override
    def __len__(self) -> int:
        return len(self.ids)

    def alike(self, names: Sequence[str]) -> Alike:
        """Return who looks alike to a rule that reads these attributes."""
        key = tuple(names)
        # Two threads at once work out the same twice, which costs time and nothing else.
        if (found := self._alike.get(key)) is None:
            found = self._alike[key] = _grouped(self._attributes, key)
        return found

    def changed(self, subject: str, attributes: Attributes) -> "Subjects":
        """Return these subjects with the attributes of one of them replaced.

        Raises:
            KeyError: there is no such subject.
        """
        at = self.ids.index(subject) if subject in self._attributes else None
        if at is None:
            raise KeyError(subject)
        next_ = Subjects(self._attributes | {subject: attributes})
        next_._alike = {
            names: _moved(found, at, _look(attributes, names), attributes)
            for names, found in self._alike.items()
        }
        return next_


def _look(attributes: Attributes, names: Sequence[str]) -> str:
    # Unlike equality, this keeps true, 1 and 1.0 apart.
    return repr([attributes.get(name) for name in names])


def _grouped(subjects: Mapping[str, Attributes], names: Sequence[str]) -> Alike:
    samples: dict[str, Attributes] = {}
    spots: dict[str, int] = {}
    place = np.empty(len(subjects), dtype=np.int64)
    for at, attributes in enumerate(subjects.values()):
        look = _look(attributes, names)
        if (spot := spots.get(look)) is None:
            spot = spots[look] = len(spots)
            samples[look] = attributes
        place[at] = spot
    return Alike(samples, place)


def _moved(found: Alike, at: int, look: str, attributes: Attributes) -> Alike:
    looks = list(found.samples)
    place = found.place.copy()
    if look in found.samples:
        place[at] = looks.index(look)
    else:
        looks.append(look)
        place[at] = len(looks) - 1
    samples = {**found.samples, look: attributes}
    used = np.bincount(place, minlength=len(looks)) > 0
    if used.all():
        return Alike(samples, place)
    # Nobody looks like this any more: to go on asking about it would be another question.
    kept = {one: samples[one] for one, still in zip(looks, used, strict=True) if still}
    return Alike(kept, (np.cumsum(used) - 1)[place])
