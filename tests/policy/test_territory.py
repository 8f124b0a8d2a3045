"""Territories against brute force over every possible code."""

from itertools import combinations, product
from string import ascii_uppercase

import pytest
from hypothesis import given, strategies as st

from policy.territory import ANYWHERE, Bound, Territory, is_code, nowhere, within

EVERY_CODE = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]
CODES = st.frozensets(st.sampled_from(["JP", "US", "DE", "CN", "NO"]), max_size=4)
BOUNDS = st.builds(
    Bound,
    source=st.sampled_from(["jp.a", "us.b", "eu.c", "cn.d"]),
    allowed=st.none() | CODES,
    denied=CODES,
)
TERRITORIES = st.builds(Territory, st.frozensets(BOUNDS, max_size=5))


def places(*bounds: Bound) -> set[str]:
    """Every code left, asked of the bounds one by one."""
    return {
        code
        for code in EVERY_CODE
        if all(
            code not in bound.denied and (bound.allowed is None or code in bound.allowed)
            for bound in bounds
        )
    }


@given(TERRITORIES)
def test_permits_what_every_bound_permits(territory: Territory) -> None:
    assert {code for code in EVERY_CODE if territory.permits(code)} == places(*territory.bounds)


@given(TERRITORIES)
def test_is_empty_when_no_code_is_left(territory: Territory) -> None:
    assert territory.empty == (not places(*territory.bounds))


@given(TERRITORIES)
def test_what_is_left_follows_from_allowed_and_denied(territory: Territory) -> None:
    allowed = set(EVERY_CODE) if territory.allowed is None else set(territory.allowed)
    assert allowed - territory.denied == places(*territory.bounds)


@given(TERRITORIES, TERRITORIES)
def test_meeting_leaves_what_both_leave(one: Territory, other: Territory) -> None:
    both = one.meet(other)
    assert places(*both.bounds) == places(*one.bounds) & places(*other.bounds)
    assert both.bounds == one.bounds | other.bounds


@given(TERRITORIES)
def test_a_clash_names_two_sources_that_leave_nothing_when_two_suffice(
    territory: Territory,
) -> None:
    clash = territory.clash()
    assert (clash is None) == bool(places(*territory.bounds))
    if clash is None:
        return
    assert set(clash) <= territory.bounds
    sufficient = any(not places(*pair) for pair in combinations(territory.bounds, 2))
    if sufficient:
        assert not places(*clash)


@given(TERRITORIES)
def test_a_core_leaves_nothing_and_no_proper_part_of_it_does(territory: Territory) -> None:
    core = territory.core()
    assert bool(core) == (not places(*territory.bounds))
    if core:
        assert not places(*core)
        assert all(places(*core[:at], *core[at + 1 :]) for at in range(len(core)))


def test_names_all_three_when_only_three_together_leave_nothing() -> None:
    jp_us = Bound("a", frozenset({"JP", "US"}))
    us_de = Bound("b", frozenset({"US", "DE"}))
    de_jp = Bound("c", frozenset({"DE", "JP"}))
    territory = Territory(frozenset({jp_us, us_de, de_jp}))
    assert territory.core() == (jp_us, us_de, de_jp)
    assert territory.clash() == (jp_us, us_de)


def test_names_one_source_twice_when_it_allows_nothing_by_itself() -> None:
    refused = nowhere("jp.sds")
    (bound,) = refused.bounds
    assert refused.meet(within("jp.med", ["JP"])).clash() == (bound, bound)


def test_a_denial_can_empty_what_another_source_allows() -> None:
    territory = within("jp", ["JP"]).meet(
        Territory(frozenset({Bound("x", denied=frozenset({"JP"}))}))
    )
    clash = territory.clash()
    assert clash is not None
    assert [bound.source for bound in clash] == ["jp", "x"]


def test_denials_alone_never_read_as_a_list_of_allowed_places() -> None:
    territory = Territory(frozenset({Bound("us.dsp", denied=frozenset({"CN"}))}))
    assert territory.allowed is None
    assert not territory.empty
    assert territory.core() == ()


@pytest.mark.parametrize("text", ["", "J", "jp", "JPN", "J1", "JP\n", "ＪＰ", "J ", "ÄÖ"])
def test_what_is_no_code_is_permitted_nowhere_not_even_anywhere(text: str) -> None:
    assert not is_code(text)
    assert not ANYWHERE.permits(text)


def test_anywhere_permits_assigned_and_unassigned_codes() -> None:
    assert all(ANYWHERE.permits(code) for code in EVERY_CODE)
    assert ANYWHERE.clash() is None
