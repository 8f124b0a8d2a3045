"""Numbers in running text: each needs a keyword of its kind close by.

A check digit alone never counts. Where a number fits several kinds, the nearest keyword decides;
a keyword before the value counts as nearer than one behind it. A number nearest to a word such
as 注文番号 is none of ours.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from policy.classify import digits, lexicon
from policy.classify.evidence import confidence
from policy.classify.patterns import Hit, hits
from policy.classify.singles import is_phone

BARRIER: Final = b"\x1e"
"""Separates the cells of a column: no keyword reaches across it."""

_BEHIND: Final = 8
_MONEY: Final = ("円".encode(), "万円".encode())
_CHECKED: Final = 3.0
_FORM_ONLY: Final = 1.6
SPACED: Final = r"\b([0-9]{4}(?: [0-9]{4}){2,3}(?: [0-9]{1,3})?)\b"
"""Digits in groups of four, as on a card."""
LETTERED: Final = r"(?i:\b([A-Z]{2}[0-9]{7,8}(?:[A-Z]{2})?)\b)"
"""Passports and residence cards."""

# Bytes around a value in which a keyword within reach lies whole.
_AROUND: Final = 4 * lexicon.REACH + 64
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

_LETTERED_KINDS: Final = ("jp.passport", "jp.residence_card")
_SIZES: Final[Mapping[str, Sequence[int]]] = {
    "jp.my_number": (12,),
    "jp.corporate_number": (13,),
    "jp.invoice_number": (13,),
    "jp.drivers_licence": (12,),
    "jp.resident_code": (11,),
    "jp.insurer_number": (6, 8),
    "jp.care_insurer_number": (6,),
    "jp.municipality_code": (6,),
    "gtin": (8, 12, 13, 14),
    "card": digits.CARD_LENGTHS,
    "jp.pension_number": _PENSION_SIZES,
    "jp.employment_insurance": (11,),
    "jp.care_insured_number": (10,),
    "jp.insured_number": range(6, 13),
    "bank_account": (7, 8),
    "phone": (10, 11),
    "postal_code": (7,),
}
_BY_SIZE: Final[Mapping[int, tuple[str, ...]]] = {
    size: tuple(sorted(kind for kind, sizes in _SIZES.items() if size in sizes))
    for size in range(6, 20)
}


class Near(NamedTuple):
    """A keyword `distance` characters from a value; of two as near the longer is narrower."""

    kind: str
    distance: int
    weight: int
    length: int

    @property
    def rank(self) -> tuple[int, int]:
        """The order of keywords, the one to believe first."""
        return (self.weight, -self.length)


class Keyed(NamedTuple):
    """A number, its kind, how sure that is, and how far its keyword stands."""

    kind: str
    hit: Hit
    confidence: float
    distance: int


def nearest(text: bytes, kind: str, value: Hit) -> Near | None:
    """Return the nearest keyword of `kind` within reach of `value`, if any."""
    start, end = value
    before: Hit | None = None
    behind: Hit | None = None
    for place in hits(lexicon.KEYWORDS[kind], text, max(0, start - _AROUND), end + _AROUND):
        if place.end <= start:
            before = place
        elif place.start >= end:
            behind = place
            break
    best: Near | None = None
    if before is not None and (gap := _gap(text, before.end, start)) is not None:
        best = Near(kind, gap, gap, before.end - before.start)
    if behind is not None and (gap := _gap(text, end, behind.start)) is not None:
        other = Near(kind, gap, gap + _BEHIND, behind.end - behind.start)
        best = other if best is None or other.rank < best.rank else best
    return best


def _gap(text: bytes, start: int, end: int) -> int | None:
    if end - start > 4 * lexicon.REACH or BARRIER in (between := text[start:end]):
        return None
    gap = len(between.decode("utf-8", "ignore"))
    return gap if gap <= lexicon.REACH else None


def standing_alone(text: bytes, hit: Hit) -> bool:
    """Say whether no point or hyphen ties the number at `hit` to further digits."""
    before, behind = text[max(0, hit.start - 2) : hit.start], text[hit.end : hit.end + 2]
    joined_before = before[-1:] in (b"-", b".") and before[:1].isdigit()
    joined_behind = behind[:1] in (b"-", b".") and behind[1:].isdigit()
    return not joined_before and not joined_behind


def sizes(kinds: frozenset[str]) -> frozenset[int]:
    """Return how many digits a number of one of `kinds` may have."""
    return frozenset(size for kind in kinds for size in _SIZES.get(kind, ()))


def explain(text: bytes, hit: Hit, kinds: frozenset[str]) -> Keyed | None:
    """Say what the number at `hit` is, if a keyword of one of `kinds` explains it."""
    if text.startswith(_MONEY, hit.end):
        return None
    value = text[hit.start : hit.end].decode().replace("-", "").replace(" ", "")
    best: Near | None = None
    for kind in _BY_SIZE.get(len(value), ()) if value.isdigit() else _LETTERED_KINDS:
        # The sum first: it is cheaper than looking for a keyword.
        if kind in kinds and FORMS[kind](value) and (near := nearest(text, kind, hit)):
            best = near if best is None or near.rank < best.rank else best
    if best is None or (best.weight and _of_another(text, hit, kinds, best.weight)):
        return None
    strength = _CHECKED if best.kind in digits.RULES else _FORM_ONLY
    sure = confidence(strength, 1.0 - best.distance / lexicon.REACH)
    return Keyed(best.kind, hit, sure, best.distance)


def _of_another(text: bytes, hit: Hit, kinds: frozenset[str], weight: int) -> bool:
    if lexicon.OTHER not in kinds:
        return False
    other = nearest(text, lexicon.OTHER, hit)
    return other is not None and other.weight < weight
