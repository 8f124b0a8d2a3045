"""The label lattice: its laws, and its document under hostile hands."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from policy.canonical import canonical, digest
from policy.errors import LabelError
from policy.label import ANYWHERE, BOTTOM, Bound, Label, Level, Territory

IDS = st.frozensets(st.sampled_from(["a", "b", "c", "d"]), max_size=3)
CODES = st.frozensets(st.sampled_from(["JP", "US", "DE"]), max_size=3)
TERRITORIES = st.builds(
    Territory,
    st.frozensets(st.builds(Bound, st.sampled_from("xyz"), st.none() | CODES, CODES), max_size=3),
)
LABELS = st.builds(
    Label,
    level=st.sampled_from(Level),
    integrity=st.integers(1, 2),
    availability=st.integers(1, 2),
    categories=IDS,
    regimes=IDS,
    obligations=IDS,
    placement=TERRITORIES,
    transit=TERRITORIES,
    operators=TERRITORIES,
    key_holders=TERRITORIES,
    accreditations=st.frozensets(
        st.frozensets(st.sampled_from(["ismap", "isms"]), min_size=1), max_size=2
    ),
    suite=st.integers(0, 1),
)
TERRITORY_FIELDS = ["placement", "transit", "operators", "key_holders"]


@given(LABELS)
def test_joining_a_label_with_itself_changes_nothing(label: Label) -> None:
    assert label.join(label) == label


@given(LABELS, LABELS)
def test_join_does_not_depend_on_the_order_of_two(one: Label, other: Label) -> None:
    assert one.join(other) == other.join(one)


@given(LABELS, LABELS, LABELS)
def test_join_does_not_depend_on_the_order_of_three(a: Label, b: Label, c: Label) -> None:
    assert a.join(b).join(c) == a.join(b.join(c))


@given(LABELS)
def test_bottom_is_the_label_of_nothing(label: Label) -> None:
    assert label.join(BOTTOM) == label
    assert BOTTOM.below(label)


@given(LABELS, LABELS, LABELS)
def test_join_is_monotone(low: Label, more: Label, other: Label) -> None:
    assert low.join(other).below(low.join(more).join(other))


@given(LABELS, LABELS)
def test_join_is_at_least_as_strict_on_every_axis(one: Label, other: Label) -> None:
    joined = one.join(other)
    assert joined.level == max(one.level, other.level)
    assert joined.integrity >= one.integrity
    assert joined.availability >= one.availability
    assert joined.suite >= one.suite
    assert joined.accreditations >= one.accreditations
    assert joined.regimes == one.regimes | other.regimes
    for field in TERRITORY_FIELDS:
        mine, theirs = getattr(one, field), getattr(joined, field)
        assert all(mine.permits(code) for code in ("JP", "US", "DE") if theirs.permits(code))


@given(LABELS, LABELS, LABELS)
def test_join_is_the_least_label_above_both(one: Label, other: Label, above: Label) -> None:
    above = above.join(one).join(other)
    assert one.join(other).below(above)


@given(LABELS, LABELS)
def test_two_labels_below_each_other_are_equal(one: Label, other: Label) -> None:
    assert (one.below(other) and other.below(one)) == (one == other)


@pytest.mark.parametrize("low", Level)
@pytest.mark.parametrize("high", Level)
def test_levels_compare_as_integers(low: Level, high: Level) -> None:
    assert (low < high) == (int(str(low)[1]) < int(str(high)[1]))
    assert max(low, high) == Level(max(int(low), int(high)))


@pytest.mark.parametrize(
    "text", ["l3", "L6", "3", "", " L3", "L3\n", "Ｌ3", 33, None, True, ["L3"]]
)
def test_reads_no_level_that_is_written_otherwise(text: object) -> None:
    with pytest.raises(LabelError):
        Level.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"integrity": 0},
        {"integrity": 3},
        {"availability": 0},
        {"suite": 2},
        {"suite": -1},
        {"accreditations": frozenset({frozenset[str]()})},
    ],
)
def test_no_label_lies_outside_its_axes(fields: dict[str, Any]) -> None:
    with pytest.raises(LabelError):
        Label(**fields)


@given(LABELS)
def test_a_label_survives_its_document(label: Label) -> None:
    written = json.loads(json.dumps(label.to_json()))
    assert Label.from_json(written) == label
    assert Label.from_json(written).digest == label.digest
    assert canonical(written) == canonical(label.to_json())


@given(LABELS, LABELS)
def test_labels_differ_exactly_when_their_digests_do(one: Label, other: Label) -> None:
    assert (one.digest == other.digest) == (one == other)


def test_the_document_of_bottom_never_changes() -> None:
    # Digests of labels are in logs for ever; another document for the same label breaks replay.
    anywhere = '{"allowed":null,"bounds":[],"denied":[]}'
    written = (
        '{"accreditations":[],"availability":1,"categories":[],"integrity":1,'
        f'"key_holders":{anywhere},"level":"L0","obligations":[],"operators":{anywhere},'
        f'"placement":{anywhere},"regimes":[],"suite":0,"transit":{anywhere}}}'
    )
    assert canonical(BOTTOM.to_json()) == written.encode()
    assert BOTTOM.digest == digest(written.encode())


RICH = Label(
    level=Level.L3,
    categories=frozenset({"medical", "personal"}),
    placement=Territory(
        frozenset(
            {Bound("jp.appi.pi", frozenset({"DE", "JP"})), Bound("us", None, frozenset({"CN"}))}
        )
    ),
    accreditations=frozenset({frozenset({"isms", "pmark"}), frozenset({"ismap"})}),
)
Damage = Callable[[dict[str, Any]], object]
DAMAGES: dict[str, Damage] = {
    "missing key": lambda doc: doc.pop("suite"),
    "unknown key": lambda doc: doc.update(jurisdictions=["JP"]),
    "level as number": lambda doc: doc.update(level=3),
    "boolean integrity": lambda doc: doc.update(integrity=True),
    "float integrity": lambda doc: doc.update(integrity=1.0),
    "huge suite": lambda doc: doc.update(suite=10**30),
    "categories as a string": lambda doc: doc.update(categories="medical"),
    "categories as an object": lambda doc: doc.update(categories={"medical": 1}),
    "unsorted categories": lambda doc: doc["categories"].reverse(),
    "repeated category": lambda doc: doc["categories"].insert(0, "medical"),
    "category that is no string": lambda doc: doc.update(categories=[1]),
    "category with a quote": lambda doc: doc.update(categories=['a"b']),
    "category with a surrogate": lambda doc: doc.update(categories=["\ud800"]),
    "empty category": lambda doc: doc.update(categories=[""]),
    "too many categories": lambda doc: doc.update(categories=[f"c{n:06}" for n in range(2000)]),
    "territory as a list": lambda doc: doc.update(placement=["JP"]),
    "territory without bounds": lambda doc: doc["placement"].pop("bounds"),
    "wider than its bounds": lambda doc: doc["placement"]["allowed"].append("US"),
    "anywhere despite bounds": lambda doc: doc["placement"].update(allowed=None),
    "denial forgotten": lambda doc: doc["placement"]["denied"].clear(),
    "bounds out of order": lambda doc: doc["placement"]["bounds"].reverse(),
    "bound repeated": lambda doc: doc["placement"]["bounds"].append(doc["placement"]["bounds"][1]),
    "bound with another key": lambda doc: doc["placement"]["bounds"][0].update(x=1),
    "bound that is null": lambda doc: doc["placement"]["bounds"].append(None),
    "code in lower case": lambda doc: doc["placement"]["bounds"][0].update(allowed=["jp"]),
    "too many bounds": lambda doc: doc["placement"].update(bounds=[{}] * 300),
    "empty demand": lambda doc: doc["accreditations"].append([]),
    "demand as a string": lambda doc: doc["accreditations"].append("ismap"),
    "demands out of order": lambda doc: doc["accreditations"].reverse(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_reads_no_document_that_it_would_not_have_written(damage: Damage) -> None:
    doc: dict[str, Any] = copy.deepcopy(json.loads(json.dumps(RICH.to_json())))
    assert Label.from_json(doc) == RICH
    damage(doc)
    with pytest.raises(LabelError):
        Label.from_json(doc)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_any_other_value_is_a_label_error(value: Any) -> None:
    with pytest.raises(LabelError):
        Label.from_json(value)


@settings(max_examples=200)
@given(st.sampled_from(sorted(RICH.to_json())), JSON_VALUES)
def test_any_value_in_any_place_is_read_exactly_or_not_at_all(key: str, value: Any) -> None:
    doc = {**RICH.to_json(), key: value}
    try:
        read = Label.from_json(doc)
    except LabelError:
        return
    assert canonical(read.to_json()) == canonical(doc)


def test_the_message_names_the_place() -> None:
    doc = json.loads(json.dumps(RICH.to_json()))
    doc["placement"]["bounds"][1]["denied"] = ["china"]
    with pytest.raises(LabelError, match="/placement/bounds/1/denied"):
        Label.from_json(doc)


def test_nothing_on_a_label_can_be_changed() -> None:
    with pytest.raises(AttributeError):
        RICH.level = Level.L0  # type: ignore[misc]
    assert RICH.transit is ANYWHERE
