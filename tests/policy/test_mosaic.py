"""Closure under regimes and mosaic rules: its laws, and the same result by the dumbest means."""

from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from policy.label import Label, Level
from policy.regimes import Taxonomy, load_taxonomy

FILES = sorted((Path(__file__).parents[2] / "policy/taxonomy").glob("*.yaml"))


@cache
def taxonomy() -> Taxonomy:
    return load_taxonomy({path.name: path.read_bytes() for path in FILES})


class Shuffler(Protocol):
    def shuffle(self, items: list[Any], /) -> None: ...


CATEGORY_SETS = st.frozensets(st.sampled_from(sorted(taxonomy().categories)), max_size=5)
COUNTS = st.dictionaries(
    st.sampled_from(sorted(taxonomy().counts)),
    st.sampled_from([0, 99, 100, 1000, 1001, 9999, 10_000, 100_000, 5_000_000, 10_000_000]),
)
LABELS = st.builds(Label, categories=CATEGORY_SETS, level=st.sampled_from(Level))


@given(LABELS, COUNTS)
def test_closing_only_raises(label: Label, counts: dict[str, int]) -> None:
    assert label.below(taxonomy().close(label, counts))


@given(LABELS, COUNTS)
def test_closing_twice_changes_nothing(label: Label, counts: dict[str, int]) -> None:
    closed = taxonomy().close(label, counts)
    assert taxonomy().close(closed, counts) == closed


@given(LABELS, LABELS, COUNTS)
def test_closing_is_monotone_in_the_label(low: Label, more: Label, counts: dict[str, int]) -> None:
    assert taxonomy().close(low, counts).below(taxonomy().close(low.join(more), counts))


@given(LABELS, COUNTS, COUNTS)
def test_closing_is_monotone_in_the_counts(
    label: Label, few: dict[str, int], more: dict[str, int]
) -> None:
    high = {name: max(few.get(name, 0), more.get(name, 0)) for name in few | more}
    assert taxonomy().close(label, few).below(taxonomy().close(label, high))


@given(LABELS, LABELS, COUNTS)
def test_it_does_not_matter_when_one_closes(
    one: Label, other: Label, counts: dict[str, int]
) -> None:
    early = taxonomy().close(one, counts).join(taxonomy().close(other, counts))
    assert taxonomy().close(early, counts) == taxonomy().close(one.join(other), counts)


@cache
def steps() -> list[tuple[set[str], dict[str, int], set[str], set[str], int]]:
    """From the raw YAML: (has, counts, adds categories, adds regimes, level)."""
    found: list[tuple[set[str], dict[str, int], set[str], set[str], int]] = []
    documents: list[dict[str, Any]] = [yaml.safe_load(path.read_bytes()) for path in FILES]
    for document in documents:
        for entry in document.get("categories", []):
            level, implied = int(entry["level"][1]), set(entry.get("implies", []))
            found.append(({entry["id"]}, {}, implied, set(), level))
        for entry in document.get("records", []):
            level = int(entry.get("level", "L0")[1])
            regime = f"regime {entry['id']}"
            found += [({name}, {}, set(), {regime}, 0) for name in entry.get("applies_to", [])]
            found.append(({regime}, {}, set(entry.get("adds", [])), set(), level))
        for entry in document.get("rules", []):
            when, then = entry["when"], entry["then"]
            regimes = {f"regime {name}" for name in then.get("regimes", [])}
            added = set(then.get("categories", []))
            found.append((set(when["categories"]), when.get("counts", {}), added, regimes, 0))
    return found


def closed_one_step_at_a_time(
    categories: frozenset[str], level: int, counts: dict[str, int], order: Shuffler
) -> tuple[set[str], int]:
    """Apply single steps in a random order until none changes anything."""
    have = set(categories)
    todo = list(steps())
    changed = True
    while changed:
        changed = False
        order.shuffle(todo)
        for needed, least, added, regimes, floor in todo:
            if needed <= have and all(counts.get(name, 0) >= n for name, n in least.items()):
                changed |= not (added | regimes) <= have or floor > level
                have |= added | regimes
                level = max(level, floor)
    return have, level


@settings(max_examples=150)
@given(CATEGORY_SETS, st.sampled_from(Level), COUNTS, st.randoms(use_true_random=False))
def test_any_order_of_single_steps_ends_at_the_same_label(
    categories: frozenset[str], level: Level, counts: dict[str, int], order: Shuffler
) -> None:
    have, highest = closed_one_step_at_a_time(categories, int(level), counts, order)
    label = taxonomy().label_of(categories, level=level, counts=counts)
    assert label.level == highest
    assert label.categories | {f"regime {name}" for name in label.regimes} == have


@pytest.mark.parametrize("rule", taxonomy().mosaic, ids=lambda rule: rule.id)
def test_each_rule_fires_on_all_of_its_conditions_and_on_no_fewer(rule: Any) -> None:
    enough = Label(categories=rule.categories)
    assert rule.fires(enough, rule.counts)
    assert rule.effect.categories | rule.effect.regimes
    for missing in rule.categories:
        assert not rule.fires(Label(categories=rule.categories - {missing}), rule.counts)
    for name, least in rule.counts.items():
        assert not rule.fires(enough, {**rule.counts, name: least - 1})
        assert not rule.fires(enough, {})


def test_the_thresholds_are_those_of_the_reference() -> None:
    counts = {rule.id: dict(rule.counts) for rule in taxonomy().mosaic if rule.counts}
    assert counts == {
        "mosaic.my-number-in-bulk": {"persons": 100},
        "mosaic.leak-thousand": {"persons": 1001},
        "mosaic.leak-thousand-codes": {"persons": 1001},
        "mosaic.us-genomic": {"persons": 100},
        "mosaic.us-omic": {"persons": 1000},
        "mosaic.us-biometric": {"persons": 1000},
        "mosaic.us-location": {"persons": 1000},
        "mosaic.us-health": {"persons": 10_000},
        "mosaic.us-financial": {"persons": 10_000},
        "mosaic.us-identifiers": {"persons": 100_000},
        "mosaic.telecom-free": {"free-users": 10_000_000},
        "mosaic.telecom-paid": {"paid-users": 5_000_000},
    }
