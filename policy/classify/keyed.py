"""Numbers in running text: each needs a keyword of its kind close by.

A check digit alone never counts. Where a number fits several kinds, the nearest keyword decides;
a keyword before the value counts as nearer than one behind it. A number nearest to a word such
as 注文番号 is none of ours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from policy.classify import digits, lexicon
from policy.classify.evidence import confidence
from policy.classify.patterns import Hit, hits
from policy.classify.singles import is_phone

BARRIER: Final = b"\x1e"
"""Separates the cells of a column: no keyword reaches across it."""

_BEHIND: Final = 8
_CHECKED: Final = 3.0
_FORM_ONLY: Final = 1.6
_NUMBERS: Final = (
    r"\b([0-9](?:-?[0-9]){5,18})\b",
    r"\b([0-9]{4}(?: [0-9]{4}){2,3}(?: [0-9]{1,3})?)\b",
    r"(?i:\b([A-Z]{2}[0-9]{7,8}(?:[A-Z]{2})?)\b)",
)
_PENSION_SIZES: Final = (10, 14)


def _sized(*sizes: int) -> Callable[[str], bool]:
    return lambda text: len(text) in sizes and text.isdecimal()


def _shaped(letters: int, numbers: int, tail: int = 0) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        middle = text[letters : letters + numbers]
        ends = text[:letters] + text[letters + numbers :]
        size_fits = len(text) == letters + numbers + tail
        return size_fits and middle.isdecimal() and ends.isalpha()

    return fits


FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    **digits.RULES,
    "jp.invoice_number": digits.corporate_number,
    "jp.pension_number": _sized(*_PENSION_SIZES),
    "jp.employment_insurance": _sized(11),
    "jp.care_insured_number": _sized(10),
    "jp.insured_number": _sized(*range(6, 13)),
    "bank_account": _sized(7, 8),
    "phone": is_phone,
    "postal_code": _sized(7),
    "jp.passport": _shaped(2, 7),
    "jp.residence_card": _shaped(2, 8, 2),
}
"""Kind -> the form of its value, separators removed."""


@dataclass(frozen=True, slots=True)
class Near:
    """A keyword `distance` characters from a value; of two as near the longer is narrower."""

    kind: str
    distance: int
    weight: int
    length: int

    @property
    def rank(self) -> tuple[int, int]:
        """The order of keywords, the one to believe first."""
        return (self.weight, -self.length)


class Keywords:
    """The keywords of one window, by kind and place."""

    def __init__(self, window: bytes, kinds: frozenset[str]) -> None:
        """Find the keywords of `kinds` in `window`."""
        self._window = window
        self.kinds = sorted(kinds)
        self._places = {kind: list(hits(lexicon.KEYWORDS[kind], window)) for kind in sorted(kinds)}

    def nearest(self, kind: str, value: Hit) -> Near | None:
        """Return the nearest keyword of `kind` within reach of `value`, if any."""
        places = self._places.get(kind, [])
        before = bisect_right(places, value.start, key=lambda place: place.end) - 1
        behind = bisect_left(places, value.end, key=lambda place: place.start)
        gaps = [
            (places[at], self._gap(*edges), extra)
            for at, extra in ((before, 0), (behind, _BEHIND))
            if 0 <= at < len(places)
            for edges in [_between(places[at], value)]
        ]
        found = [
            Near(kind, gap, gap + extra, word.end - word.start)
            for word, gap, extra in gaps
            if gap is not None
        ]
        return min(found, key=lambda near: near.rank, default=None)

    def _gap(self, start: int, end: int) -> int | None:
        if end - start > 4 * lexicon.REACH or BARRIER in (between := self._window[start:end]):
            return None
        gap = len(between.decode("utf-8", "ignore"))
        return gap if gap <= lexicon.REACH else None


def _between(word: Hit, value: Hit) -> tuple[int, int]:
    return (word.end, value.start) if word.end <= value.start else (value.end, word.start)


@dataclass(frozen=True, slots=True)
class Keyed:
    """A value told by its form and a keyword."""

    kind: str
    hit: Hit
    confidence: float
    distance: int


def _standing_alone(window: bytes, hit: Hit) -> bool:
    before, behind = window[max(0, hit.start - 2) : hit.start], window[hit.end : hit.end + 2]
    joined_before = before[-1:] in (b"-", b".") and before[:1].isdigit()
    joined_behind = behind[:1] in (b"-", b".") and behind[1:].isdigit()
    return not joined_before and not joined_behind


def find(window: bytes, kinds: frozenset[str]) -> Iterator[Keyed]:
    """Yield the numbers in `window` that a keyword of one of `kinds` explains."""
    keywords = Keywords(window, kinds)
    for pattern in _NUMBERS:
        for hit in hits(pattern, window):
            if _standing_alone(window, hit) and (keyed := _explain(window, hit, keywords)):
                yield keyed


def _explain(window: bytes, hit: Hit, keywords: Keywords) -> Keyed | None:
    text = window[hit.start : hit.end].decode().replace("-", "").replace(" ", "")
    # The rule last: where no keyword is near, no sum need be taken.
    near = (keywords.nearest(kind, hit) for kind in keywords.kinds)
    found = [each for each in near if each and each.kind in FORMS and FORMS[each.kind](text)]
    best = min(found, key=lambda near: near.rank, default=None)
    other = keywords.nearest(lexicon.OTHER, hit)
    if best is None or (other is not None and other.weight < best.weight):
        return None
    strength = _CHECKED if best.kind in digits.RULES else _FORM_ONLY
    sure = confidence(strength, 1.0 - best.distance / lexicon.REACH)
    return Keyed(best.kind, hit, sure, best.distance)
