"""The check-digit rules against published values, an independent oracle and each other."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from policy.classify import digit_columns, digits

ISSUED = [
    ("jp.my_number", ["123456789018", "111111111118", "987654321093"]),
    ("jp.corporate_number", ["7123456789012", "7010000000001"]),
    ("jp.resident_code", ["12345678903", "98765432103"]),
    ("jp.drivers_licence", ["309912345660", "972500000180"]),
    ("jp.insurer_number", ["33120015", "06130009", "138008"]),
    ("jp.municipality_code", ["131016", "011002", "472018"]),
    ("gtin", ["4900000000009", "49000009"]),
    ("card", ["4000000000000002", "3528000000000007"]),
]


@pytest.mark.parametrize(("kind", "numbers"), ISSUED)
def test_published_values_satisfy_their_rule(kind: str, numbers: list[str]) -> None:
    assert all(digits.RULES[kind](number) for number in numbers)


@pytest.mark.parametrize(("kind", "numbers"), ISSUED)
def test_any_other_check_digit_is_refused(kind: str, numbers: list[str]) -> None:
    place = {"jp.corporate_number": 0, "jp.drivers_licence": 10}.get(kind, -1)
    for number in numbers:
        marks = list(number)
        for other in set("0123456789") - {marks[place]}:
            marks[place] = other
            if kind == "jp.corporate_number" and {other, number[0]} == {"0", "9"}:
                continue
            assert not digits.RULES[kind]("".join(marks))


def oracle_my_number(body: str) -> str:
    """The rule as the ordinance words it: P_n counted from the right, Q_n = n+1 or n-5."""
    total = sum(int(body[-n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    rest = total % 11
    return body + str(0 if rest <= 1 else 11 - rest)


def oracle_corporate(body: str) -> str:
    total = sum(int(body[-n]) * (1 if n % 2 else 2) for n in range(1, 13))
    return str(9 - total % 9) + body


@given(st.text("0123456789", min_size=11, max_size=11).filter(lambda body: body.strip("0")))
def test_my_number_agrees_with_the_words_of_the_ordinance(body: str) -> None:
    assert digits.my_number(oracle_my_number(body))


@given(st.text("0123456789", min_size=12, max_size=12))
def test_corporate_number_agrees_with_the_words_of_the_ordinance(body: str) -> None:
    assert digits.corporate_number(oracle_corporate(body))


def numbers(length: int) -> st.SearchStrategy[list[str]]:
    number = st.text("0123456789", min_size=length, max_size=length)
    return st.lists(number, min_size=1, max_size=30)


@given(st.sampled_from(digit_columns.LENGTHS).flatmap(numbers))
def test_columns_and_single_numbers_are_judged_alike(column: list[str]) -> None:
    matrix = np.array([[int(mark) for mark in number] for number in column], np.uint8)
    found = digit_columns.check(matrix)
    for kind, rule in digits.RULES.items():
        expected = [rule(number) for number in column]
        assert found.get(kind, np.zeros(len(column), bool)).tolist() == expected


def test_the_vector_rules_accept_the_published_values_too() -> None:
    for kind, values in ISSUED:
        for value in values:
            matrix = np.array([[int(mark) for mark in value]], np.uint8)
            assert digit_columns.check(matrix)[kind].tolist() == [True]


@pytest.mark.parametrize("kind", sorted(digits.RULES))
@pytest.mark.parametrize(
    "junk", ["", "0" * 12, "０１２３４５", "12a456789018", "²" * 12, "-1", "é" * 8]
)
def test_no_rule_accepts_or_trips_over_junk(kind: str, junk: str) -> None:
    assert not digits.RULES[kind](junk)


def test_passport_lines_follow_icao_9303() -> None:
    assert digits.passport_line("L898902C36")
    assert digits.passport_line("TR12345672")
    assert digits.passport_line("AB<<<<<<<" + str((10 * 7 + 11 * 3) % 10))
    for bad in ("TR12345673", "tr12345672", "TR1234567", "TR1234567X", "TR12345é72", "TR12 45672"):
        assert not digits.passport_line(bad)


def test_a_number_no_rule_is_long_enough_for_satisfies_none() -> None:
    assert digit_columns.check(np.ones((3, 5), np.uint8)) == {}
