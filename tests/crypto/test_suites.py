"""The registry of suites."""

from dataclasses import replace

import pytest

from crypto.errors import SuiteError
from crypto.suites import SUITES, Status, coded, floor, require, suite

STD = SUITES["std"]


@pytest.mark.parametrize("name", ["", "STD", "classical", "x25519", "std ", "none"])
def test_an_unknown_suite_is_refused(name: str) -> None:
    with pytest.raises(SuiteError):
        suite(name)


def test_a_retired_suite_is_refused() -> None:
    registry = {"std": replace(STD, status=Status.RETIRED)}
    with pytest.raises(SuiteError):
        suite("std", registry=registry)
    with pytest.raises(SuiteError):
        coded(1, registry=registry)


def test_a_suite_ends_when_it_says_so() -> None:
    registry = {"std": replace(STD, not_after=100)}
    assert suite("std", now=99, registry=registry).id == "std"
    with pytest.raises(SuiteError):
        suite("std", now=100, registry=registry)


def test_every_suite_is_hybrid_in_keys_and_in_signatures() -> None:
    for each in SUITES.values():
        assert "MLKEM" in each.kem
        assert "_" in each.kem
        assert [name.startswith("ML-DSA") for name in each.signatures] == [True, False]


def test_codes_name_one_suite_each() -> None:
    assert {coded(each.code).id for each in SUITES.values()} == set(SUITES)
    for code in (0, 3, 255):
        with pytest.raises(SuiteError):
            coded(code)


def test_the_floor_of_a_label_names_the_weakest_suite_that_does() -> None:
    assert [floor(0), floor(1)] == ["std", "gov"]
    for rank in (-1, 2):
        with pytest.raises(SuiteError):
            floor(rank)


def test_a_weaker_suite_is_never_enough() -> None:
    require("gov", at_least="std")
    require("std", at_least="std")
    with pytest.raises(SuiteError):
        require("std", at_least="gov")
