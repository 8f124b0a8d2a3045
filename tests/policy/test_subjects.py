from typing import Final

import pytest
from hypothesis import given, strategies as st

from policy.bundle import Bundle
from policy.projection import project
from policy.subjects import Subjects

VALUES: Final = st.sampled_from([None, True, 1, 1.5, "buried", "aerial", ["JP"], ["JP", "US"], []])
NETWORK: Final = st.dictionaries(
    st.sampled_from(["s1", "s2", "s3", "s4", "s5"]),
    st.dictionaries(st.sampled_from(["conduit", "jurisdictions"]), VALUES),
    min_size=1,
)


@given(NETWORK, st.data())
def test_a_changed_network_looks_as_if_it_had_been_read_anew(
    bundle: Bundle, network: dict[str, dict[str, object]], data: st.DataObject
) -> None:
    subject = data.draw(st.sampled_from(sorted(network)))
    attributes = data.draw(st.dictionaries(st.just("conduit"), VALUES))
    before = Subjects(network)  # type: ignore[arg-type]
    for name in ("conduit", "residency"):
        before.alike(bundle.rules[name].reads)
    after = before.changed(subject, attributes)
    anew = Subjects({**network, subject: attributes})  # type: ignore[dict-item]
    assert dict(after) == dict(anew)
    for rule in (bundle.rules["conduit"], bundle.rules["residency"]):
        found, expected = (
            project(rule, rule.reads, {"span": subjects}) for subjects in (after, anew)
        )
        assert found.distinct == expected.distinct
        assert found.place["span"].tolist() == expected.place["span"].tolist()


def test_subjects_are_a_mapping_in_the_order_given() -> None:
    subjects = Subjects({"b": {"x": 1}, "a": {}})
    assert (list(subjects), len(subjects), subjects["b"]) == (["b", "a"], 2, {"x": 1})
    assert Subjects.of(subjects) is subjects


def test_only_a_subject_that_is_there_changes() -> None:
    with pytest.raises(KeyError):
        Subjects({}).changed("s1", {})
