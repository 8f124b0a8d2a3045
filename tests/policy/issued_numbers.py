"""Synthetic identifiers, made by the rules as their sources word them, not by our code."""

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import TypeVar

T = TypeVar("T")


class Random:
    """A small generator of the same numbers on every machine (a 64-bit congruential one)."""

    def __init__(self, seed: int | str) -> None:
        self._state = sum(ord(mark) * 131**place for place, mark in enumerate(str(seed))) % 2**64

    def randrange(self, low: int, high: int | None = None) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        first, last = (0, low) if high is None else (low, high)
        return first + (self._state >> 33) % (last - first)

    def choice(self, items: Sequence[T]) -> T:
        return items[self.randrange(len(items))]


PREFIXES = [10, 11, 20, 25, 30, 44, 55, 62, 73, 81, 97]


def some_digits(source: Random, length: int) -> str:
    return "".join(source.choice("0123456789") for _ in range(length))


def _mod11(body: str, rest_to_digit: Callable[[int], int]) -> str:
    weights = [n + 1 if n <= 6 else n - 5 for n in range(1, len(body) + 1)]
    total = sum(int(mark) * weight for mark, weight in zip(reversed(body), weights, strict=True))
    return str(rest_to_digit(total % 11))


def my_number(source: Random) -> str:
    body = some_digits(source, 11)
    return body + _mod11(body, lambda rest: 0 if rest <= 1 else 11 - rest)


def resident_code(source: Random) -> str:
    body = some_digits(source, 10)
    return body + _mod11(body, lambda rest: 0 if rest <= 1 else 11 - rest)


def drivers_licence(source: Random) -> str:
    body = str(source.choice(PREFIXES)) + some_digits(source, 8)
    return body + _mod11(body, lambda rest: (11 - rest) % 10) + source.choice("0001")


def corporate_number(source: Random) -> str:
    body = "01" + some_digits(source, 10)
    total = sum(int(mark) * weight for mark, weight in zip(reversed(body), cycle((1, 2))))
    return str(9 - total % 9) + body


def _luhn(body: str) -> str:
    total = 0
    for mark, weight in zip(reversed(body), cycle((2, 1))):
        product = int(mark) * weight
        total += product - 9 if product > 9 else product
    return str(-total % 10)


def insurer_number(source: Random) -> str:
    body = source.choice(["01", "06", "31", "39"]) + f"{source.randrange(1, 48):02d}"
    body += some_digits(source, 3)
    return body + _luhn(body)


def municipality_code(source: Random) -> str:
    body = f"{source.randrange(1, 48):02d}" + some_digits(source, 3)
    return body + _mod11(body, lambda rest: (11 - rest) % 10)


def gtin(source: Random) -> str:
    body = source.choice(["45", "49"]) + some_digits(source, 10)
    total = sum(int(mark) * weight for mark, weight in zip(reversed(body), cycle((3, 1))))
    return body + str(-total % 10)


def card(source: Random) -> str:
    body = source.choice(["4", "51", "55", "3528", "6221"])
    body += some_digits(source, 15 - len(body))
    return body + _luhn(body)


def phone(source: Random) -> str:
    head = source.choice(["090", "080", "070", "050"])
    return f"{head}-{source.randrange(1000, 10000)}-{some_digits(source, 4)}"


def email(source: Random) -> str:
    return f"user{some_digits(source, 5)}@mail{source.randrange(9)}.example.jp"


def ip(source: Random) -> str:
    return ".".join(str(source.randrange(1, 255)) for _ in range(4))


def letters(source: Random, length: int) -> str:
    return "".join(source.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(length))


def passport(source: Random) -> str:
    return letters(source, 2) + some_digits(source, 7)


def residence_card(source: Random) -> str:
    return letters(source, 2) + some_digits(source, 8) + letters(source, 2)


def invoice_number(source: Random) -> str:
    return "T" + corporate_number(source)


def address(source: Random) -> str:
    town = source.choice(
        ["東京都千代田区霞が関", "大阪府大阪市北区中之島", "北海道札幌市中央区北一条西"]
    )
    return (
        f"{town}{source.randrange(1, 9)}丁目{source.randrange(1, 30)}番{source.randrange(1, 20)}号"
    )


def person(source: Random) -> str:
    family = source.choice(["佐藤", "鈴木", "高橋", "田中", "長谷川", "五十嵐"])
    return family + source.choice(["", " "]) + source.choice(["太郎", "花子", "一郎", "美咲", "翔"])


def postal_code(source: Random) -> str:
    return f"{some_digits(source, 3)}-{some_digits(source, 4)}"


CHECKED: dict[str, Callable[[Random], str]] = {
    "jp.my_number": my_number,
    "jp.resident_code": resident_code,
    "jp.drivers_licence": drivers_licence,
    "jp.corporate_number": corporate_number,
    "jp.insurer_number": insurer_number,
    "jp.municipality_code": municipality_code,
    "gtin": gtin,
    "card": card,
}
FORMED: dict[str, Callable[[Random], str]] = {
    "phone": phone,
    "email": email,
    "ip": ip,
    "jp.passport": passport,
    "jp.residence_card": residence_card,
    "jp.invoice_number": invoice_number,
    "address": address,
    "person": person,
    "postal_code": postal_code,
}
"""Kinds that a column shows without its name."""
