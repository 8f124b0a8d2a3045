import json
from dataclasses import fields

import pytest
from hypothesis import given, strategies as st

from policy.constraints import (
    EMPTY,
    LARGEST_DOCUMENT,
    Constraints,
    Limits,
    constraints_from,
    parse_constraints,
)
from policy.errors import ConstraintError

TERM = st.text(st.characters(categories=("Ll", "Lu", "Nd"), codec="ascii"), min_size=1, max_size=8)
SCALARS = st.lists(TERM | st.integers(2, 999), max_size=4)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "deny": st.dictionaries(TERM, SCALARS, max_size=3),
        "require": st.dictionaries(TERM, SCALARS, max_size=3),
        "max_operators": st.integers(0, 99),
        "max_km": st.integers(0, 9999) | st.floats(0, 9999),
        "max_ms": st.floats(0, 99),
        "max_hops": st.integers(0, 99),
        "max_decryption_points": st.integers(0, 99),
    },
)


def parse(document: object) -> Constraints:
    return parse_constraints(json.dumps(document).encode())


def test_reads_the_documented_example() -> None:
    found = parse(
        {
            "deny": {"jurisdictions": ["XX"], "operators": ["op-3"], "conduit": ["aerial"]},
            "require": {"encryption.key_exchange": ["pqc", "hybrid", "qkd"]},
            "max_operators": 3,
            "max_km": 900,
        }
    )
    assert found.deny_jurisdictions == {"XX"}
    assert found.deny_operators == {"op-3"}
    assert found.deny == {"conduit": {"aerial"}}
    assert found.require == {"encryption.key_exchange": {"pqc", "hybrid", "qkd"}}
    assert found.limits == Limits(operators=3, km=900)


def test_an_empty_document_narrows_nothing() -> None:
    assert parse({}) == EMPTY
    assert EMPTY.to_json() == {}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "/"),
        ({"denies": {}}, "/denies"),
        ({"a/b~": 1}, "/a~1b~0"),
        ({"deny": []}, "/deny"),
        ({"deny": {"conduit": "aerial"}}, "/deny/conduit"),
        ({"deny": {"conduit": [None]}}, "/deny/conduit/0"),
        ({"deny": {"conduit": [[]]}}, "/deny/conduit/0"),
        ({"deny": {"conduit": ["a", 'a"b']}}, "/deny/conduit/1"),
        ({"deny": {"km": [1.5]}}, "/deny/km/0"),
        ({"deny": {"km": [10**13]}}, "/deny/km/0"),
        ({"deny": {"directed": [1, True]}}, "/deny/directed"),
        ({"deny": {"jurisdictions": ["jp"]}}, "/deny/jurisdictions"),
        ({"deny": {"jurisdictions": ["JPN"]}}, "/deny/jurisdictions"),
        ({"deny": {"jurisdictions": [1]}}, "/deny/jurisdictions"),
        ({"deny": {"operators": [True]}}, "/deny/operators"),
        ({"require": {"": ["a"]}}, "/require"),
        ({"require": {"conduit": {"buried": 1}}}, "/require/conduit"),
        ({"max_km": "900"}, "/max_km"),
        ({"max_km": True}, "/max_km"),
        ({"max_km": None}, "/max_km"),
        ({"max_km": -1}, "/max_km"),
        ({"max_hops": 1.5}, "/max_hops"),
        ({"max_hops": 10**400}, "/max_hops"),
    ],
)
def test_names_the_place_of_what_is_wrong(document: object, place: str) -> None:
    with pytest.raises(ConstraintError, match=rf"^{place}: "):
        parse(document)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff{}",
        b'{"max_km": NaN}',
        b'{"max_km": 1, "max_km": 2}',
        b"[" * 100_000,
        b" " * (LARGEST_DOCUMENT + 1),
    ],
)
def test_hostile_bytes_are_one_error(raw: bytes) -> None:
    with pytest.raises(ConstraintError, match=r"^/: "):
        parse_constraints(raw)


@given(st.binary(max_size=64))
def test_any_bytes_parse_or_are_refused(raw: bytes) -> None:
    try:
        parse_constraints(raw)
    except ConstraintError:
        return


@given(DOCUMENTS)
def test_a_document_survives_the_round_trip(document: dict[str, object]) -> None:
    for name in ("jurisdictions", "operators"):
        for part in ("deny", "require"):
            if isinstance(terms := document.get(part), dict):
                terms.pop(name, None)
    once = parse(document)
    assert constraints_from(once.to_json()) == once


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert parse({"deny": {"capacity_gbps": [400.0]}}).deny == {"capacity_gbps": {400}}


def test_an_empty_denial_asks_nothing_but_an_empty_requirement_stays() -> None:
    found = parse({"deny": {"conduit": [], "operators": []}, "require": {"conduit": []}})
    assert found == Constraints(require={"conduit": frozenset()})


@given(
    st.lists(st.builds(Limits, km=st.none() | st.floats(0, 9), hops=st.none() | st.integers(0, 9)))
)
def test_the_tightest_limit_is_met_exactly_when_all_are(several: list[Limits]) -> None:
    tightest = Limits.tightest(*several)
    for measured in (0, 1, 4.5, 9):
        for name in ("km", "hops"):
            bounds = [getattr(limits, name) for limits in several]
            within = all(bound is None or measured <= bound for bound in bounds)
            bound = getattr(tightest, name)
            assert within == (bound is None or measured <= bound)


def test_limits_list_only_what_is_limited() -> None:
    assert Limits().to_json() == {}
    everything = Limits(operators=0, km=0, ms=0, hops=0, decryption_points=0)
    assert set(everything.to_json()) == {field.name for field in fields(Limits)}
