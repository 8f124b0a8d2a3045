"""Reading a label document that may be hostile: every surprise is a `LabelError` with its place."""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from typing import Final

from policy.canonical import JSON
from policy.errors import LabelError, TermError
from policy.terms import term
from policy.territory import Bound, Territory, is_code

MOST: Final = 1024
"""The most members that any one list of a label document may have."""
MOST_BOUNDS: Final = 256
"""The most bounds of a territory; naming a clash compares them in pairs."""


class Reader:
    """One label document, whose keys are exactly `keys`."""

    def __init__(self, doc: JSON, keys: AbstractSet[str]) -> None:
        """Raises `LabelError` for anything but an object with exactly those keys."""
        self._doc = _fields(doc, keys, "")

    def raw(self, key: str) -> JSON:
        """Return the value as it is."""
        return self._doc[key]

    def number(self, key: str) -> int:
        """Return an integer; a boolean is none."""
        value = self._doc[key]
        if type(value) is not int:
            raise LabelError(f"/{key}: an integer is expected")
        return value

    def terms(self, key: str) -> frozenset[str]:
        """Return a sorted list of terms as a set."""
        return _terms(self._doc[key], f"/{key}")

    def demands(self, key: str) -> frozenset[frozenset[str]]:
        """Return a sorted list of lists of terms as a set of sets."""
        items = _items(self._doc[key], f"/{key}")
        read = [_terms(item, f"/{key}/{at}") for at, item in enumerate(items)]
        if read != sorted(set(read), key=sorted):
            raise LabelError(f"/{key}: the list must be sorted and without repeats")
        return frozenset(read)

    def territory(self, key: str) -> Territory:
        """Return a territory; what it says is left must follow from its bounds."""
        place = f"/{key}"
        doc = _fields(self._doc[key], {"allowed", "denied", "bounds"}, place)
        items = _items(doc["bounds"], f"{place}/bounds", MOST_BOUNDS)
        bounds = [_bound(item, f"{place}/bounds/{at}") for at, item in enumerate(items)]
        territory = Territory(frozenset(bounds))
        # The engines read `allowed` and `denied`; a document that disagrees with itself is forged.
        if doc != territory.to_json():
            raise LabelError(f"{place}: allowed, denied and the order must follow from the bounds")
        return territory


def _bound(doc: JSON, place: str) -> Bound:
    read = _fields(doc, {"source", "allowed", "denied"}, place)
    listed = read["allowed"]
    allowed = None if listed is None else _codes(listed, f"{place}/allowed")
    return Bound(_term(read["source"], place), allowed, _codes(read["denied"], f"{place}/denied"))


def _codes(value: JSON, place: str) -> frozenset[str]:
    codes = _terms(value, place)
    if not all(is_code(code) for code in codes):
        raise LabelError(f"{place}: a jurisdiction is two letters A-Z")
    return codes


def _terms(value: JSON, place: str) -> frozenset[str]:
    texts = [_term(item, place) for item in _items(value, place)]
    if texts != sorted(set(texts)):
        raise LabelError(f"{place}: the list must be sorted and without repeats")
    return frozenset(texts)


def _term(value: JSON, place: str) -> str:
    if not isinstance(value, str):
        raise LabelError(f"{place}: a string is expected")
    try:
        return term(value)
    except TermError as error:
        raise LabelError(f"{place}: {error}") from error


def _items(value: JSON, place: str, most: int = MOST) -> Sequence[JSON]:
    if not isinstance(value, list):
        raise LabelError(f"{place}: a list is expected")
    if len(value) > most:
        raise LabelError(f"{place}: {len(value)} members, at most {most} are read")
    return value


def _fields(value: JSON, keys: AbstractSet[str], place: str) -> Mapping[str, JSON]:
    if not isinstance(value, dict):
        raise LabelError(f"{place or '/'}: an object is expected")
    if value.keys() != keys:
        odd = sorted(str(key)[:40] for key in value.keys() ^ keys)
        raise LabelError(f"{place or '/'}: missing or unknown keys: {', '.join(odd[:8])}")
    return value
