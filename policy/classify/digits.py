"""Check-digit rules, one number at a time.

Each rule takes ASCII digits and answers whether the number could have been issued. A random
number passes one time in ten, so an answer is evidence in a column or beside a keyword, and
never on its own. Numbers of zeros only satisfy most of the sums and are refused.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from operator import mul
from types import MappingProxyType
from typing import Final

MY_NUMBER_WEIGHTS: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
RESIDENT_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
LICENCE_WEIGHTS: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
MUNICIPALITY_WEIGHTS: Final = (6, 5, 4, 3, 2)
# The public safety commissions (and, since some issue by region, their branches) that number.
LICENCE_ISSUERS: Final = frozenset(
    number
    for first, last in (
        (10, 14),
        (20, 25),
        (30, 30),
        (40, 55),
        (60, 65),
        (70, 74),
        (80, 83),
        (90, 97),
    )
    for number in range(first, last + 1)
)
PREFECTURES: Final = range(1, 48)
# 法別番号: the laws under which an insurer or a payer of medical costs is numbered.
INSURANCE_LAWS: Final = frozenset(
    number
    for first, last in ((1, 7), (10, 39), (51, 54), (62, 63), (66, 67), (72, 75), (79, 99))
    for number in range(first, last + 1)
)
# (first digits from, to, lengths): the issuers whose cards circulate.
CARD_ISSUERS: Final = (
    (2221, 2720, (16,)),
    (3000, 3059, (14,)),
    (3400, 3499, (15,)),
    (3528, 3589, (16,)),
    (3600, 3699, (14,)),
    (3700, 3799, (15,)),
    (3800, 3999, (14,)),
    (4000, 4999, (13, 16, 19)),
    (5100, 5599, (16,)),
    (6011, 6011, (16,)),
    (6200, 6299, (16, 17, 18, 19)),
    (6440, 6599, (16,)),
)
CARD_LENGTHS: Final = range(13, 20)

_ASCII_DIGITS: Final = frozenset("0123456789")
_VALUES: Final = bytes(max(0, mark - 48) for mark in range(256))


def _values(text: str, *lengths: int) -> bytes | None:
    if len(text) not in lengths or not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return None
    return text.encode().translate(_VALUES)


def _dot(digits: Sequence[int], weights: Sequence[int]) -> int:
    return sum(map(mul, digits, weights))


def my_number(text: str) -> bool:
    """Say whether twelve digits satisfy the rule of 個人番号 (総務省令 85 of 2014, art. 5)."""
    digits = _values(text, 12)
    if digits is None:
        return False
    rest = _dot(digits[:11], MY_NUMBER_WEIGHTS) % 11
    return digits[11] == (0 if rest <= 1 else 11 - rest)


def resident_code(text: str) -> bool:
    """Say whether eleven digits satisfy the presumed rule of 住民票コード (告示 not read)."""
    digits = _values(text, 11)
    if digits is None:
        return False
    rest = _dot(digits[:10], RESIDENT_WEIGHTS) % 11
    return digits[10] == (0 if rest <= 1 else 11 - rest)


def corporate_number(text: str) -> bool:
    """Say whether thirteen digits satisfy the rule of 法人番号 (財務省令 70 of 2014, art. 2)."""
    digits = _values(text, 13)
    if digits is None:
        return False
    return digits[0] == 9 - _dot(digits[1:], (2, 1) * 6) % 9


def drivers_licence(text: str) -> bool:
    """Say whether twelve digits name an issuing commission and satisfy the licence's rule."""
    digits = _values(text, 12)
    if digits is None or int(text[:2]) not in LICENCE_ISSUERS:
        return False
    return digits[10] == (11 - _dot(digits[:10], LICENCE_WEIGHTS) % 11) % 10


def luhn(text: str) -> bool:
    """Say whether a run of digits satisfies Luhn's rule (modulus 10, weights 2-1)."""
    digits = _values(text, len(text))
    if not digits:
        return False
    doubled = (
        digit * weight for digit, weight in zip(reversed(digits), cycle((1, 2)), strict=False)
    )
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def insurer_number(text: str) -> bool:
    """Say whether six (国保) or eight digits satisfy the rule of 保険者番号."""
    if len(text) == 8:  # noqa: PLR2004  法別番号, prefecture, insurer, check
        known = text[:2].isdecimal() and int(text[:2]) in INSURANCE_LAWS
        return known and _in_prefecture(text[2:4]) and luhn(text)
    return len(text) == 6 and _in_prefecture(text[:2]) and luhn(text)  # noqa: PLR2004


def _in_prefecture(two: str) -> bool:
    return _ASCII_DIGITS.issuperset(two) and int(two) in PREFECTURES


def care_insurer_number(text: str) -> bool:
    """Say whether six digits satisfy the rule of 介護保険者番号."""
    return len(text) == 6 and _in_prefecture(text[:2]) and luhn(text)  # noqa: PLR2004


def municipality_code(text: str) -> bool:
    """Say whether six digits are a 全国地方公共団体コード."""
    digits = _values(text, 6)
    if digits is None or int(text[:2]) not in PREFECTURES:
        return False
    return digits[5] == (11 - _dot(digits[:5], MUNICIPALITY_WEIGHTS) % 11) % 10


def gtin(text: str) -> bool:
    """Say whether 8, 12, 13 or 14 digits satisfy the GS1 rule (JAN, EAN, UPC)."""
    digits = _values(text, 8, 12, 13, 14)
    if digits is None:
        return False
    weighted = (
        digit * weight for digit, weight in zip(reversed(digits), cycle((1, 3)), strict=False)
    )
    return sum(weighted) % 10 == 0


def card(text: str) -> bool:
    """Say whether 13 to 19 digits satisfy Luhn's rule and begin like an issued card."""
    if len(text) not in CARD_LENGTHS or not luhn(text):
        return False
    head = int(text[:4])
    return any(low <= head <= high and len(text) in sizes for low, high, sizes in CARD_ISSUERS)


def passport_line(text: str) -> bool:
    """Say whether nine machine-readable characters precede their check digit (ICAO 9303)."""
    if len(text) != 10 or not text.isascii() or not text[9].isdigit():  # noqa: PLR2004
        return False
    values = [0 if mark == "<" else int(mark, 36) if mark.isalnum() else -1 for mark in text[:9]]
    if min(values) < 0 or text[:9] != text[:9].upper():
        return False
    return _dot(values, (7, 3, 1) * 3) % 10 == int(text[9])


RULES: Final[Mapping[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "jp.my_number": my_number,
        "jp.corporate_number": corporate_number,
        "jp.drivers_licence": drivers_licence,
        "jp.resident_code": resident_code,
        "jp.insurer_number": insurer_number,
        "jp.care_insurer_number": care_insurer_number,
        "jp.municipality_code": municipality_code,
        "gtin": gtin,
        "card": card,
    }
)
"""Type -> rule, for the types whose numbers carry a check digit."""
