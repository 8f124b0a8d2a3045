import numpy as np
from hypothesis import given, strategies as st

from policy.metadata import Rule
from policy.verdicts import Code, Finding, Verdict, Verdicts


def rule(name: str) -> Rule:
    return Rule(
        name=name,
        subject="span",
        reads=(),
        waivable=True,
        basis="law",
        citation="Act 1",
        certainty="V",
        title=name,
        remedy=f"remedy.{name}",
    )


YES = Finding(Verdict.YES)
NO = Finding(Verdict.NO, (Code("a.bad", {"n": 1}), Code("a.worse")))
UNKNOWN = Finding(Verdict.UNKNOWN, (Code("a.unknown"),))


def verdicts(rows: list[list[int]], subjects: int) -> Verdicts:
    return Verdicts(
        rules=tuple(rule("abcdefgh"[place]) for place in range(len(rows))),
        subjects=tuple(f"s{place}" for place in range(subjects)),
        profile=np.array(rows, dtype=np.int64).reshape(len(rows), subjects),
        findings=tuple((YES, NO, UNKNOWN) for _ in rows),
    )


@given(
    st.integers(0, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), max_size=5).map(
            lambda rows: (n, rows)
        )
    )
)
def test_admissible_is_a_yes_of_every_rule_and_of_at_least_one(
    shape: tuple[int, list[list[int]]],
) -> None:
    subjects, rows = shape
    found = verdicts(rows, subjects)
    for place in range(subjects):
        words = [row[place] for row in rows]
        assert found.admissible[place] == (bool(words) and set(words) == {0})
        assert bool(found.reasons(place)) == any(words)
        assert list(found.of(place).values()) == [
            (Verdict.YES, Verdict.NO, Verdict.UNKNOWN)[word] for word in words
        ]


def test_without_rules_nobody_is_admissible() -> None:
    assert verdicts([], 3).admissible.tolist() == [False, False, False]


def test_no_subjects_are_no_verdicts() -> None:
    found = verdicts([[], []], 0)
    assert found.status.shape == (2, 0)
    assert found.admissible.tolist() == []


def test_a_reason_names_rule_subject_and_authority() -> None:
    first, second = verdicts([[1]], 1).reasons(0)
    assert (first.code, first.rule, first.subject, first.args) == ("a.bad", "a", "s0", {"n": 1})
    assert (first.basis, first.citation, first.certainty, first.waivable) == (
        "law",
        "Act 1",
        "V",
        True,
    )
    assert second.to_json()["code"] == "a.worse"


def test_verdicts_have_words() -> None:
    assert [verdict.word for verdict in Verdict] == ["no", "yes", "unknown"]
