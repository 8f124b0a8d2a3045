import ast
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from policy.bundle import Bundle
from policy.decide import decide, refuse, unanswered
from policy.decision import Permit, Reason, Refusal
from policy.judge import Judgement
from policy.label import BOTTOM, Level
from policy.question import Kind, PathFacts, Question

Judged = Callable[[Question], Judgement]
ROOT = Path(__file__).parents[2]


def decided(bundle: Bundle, judged: Judged, question: Question) -> Permit | Refusal:
    return decide(question, judged(question), bundle=bundle, engine="embedded 1", epoch="e1")


def codes(decision: Permit | Refusal) -> list[str]:
    assert isinstance(decision, Refusal)
    return [reason.code for reason in decision.reasons]


def test_a_permit_says_what_for_and_how_long(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    permit = decided(bundle, judged, question)
    assert isinstance(permit, Permit)
    assert permit.question_digest == question.digest
    assert (permit.revision, permit.epoch, permit.engine) == (bundle.revision, "e1", "embedded 1")
    assert (permit.dataset, permit.content, permit.label_digest) == (
        "d-1",
        "sha256:c",
        question.label.digest,
    )
    assert permit.expires - permit.issued == bundle.lifetime(question)
    assert permit.to_json()["verdict"] == "permit"


def test_a_refusal_needs_a_reason(bundle: Bundle) -> None:
    with pytest.raises(ValueError, match="at least one reason"):
        Refusal(())
    with pytest.raises(ValueError, match="at least one reason"):
        refuse((), bundle)


def test_a_refusal_carries_each_remedy_once(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    refusal = decided(
        bundle, judged, replace(question, label=replace(question.label, level=Level.L5))
    )
    assert isinstance(refusal, Refusal)
    remedies = [remedy.code for remedy in refusal.remedies]
    assert "remedy.ceiling" in remedies
    assert len(set(remedies)) == len(remedies)
    assert refusal.to_json()["verdict"] == "refuse"


@pytest.mark.parametrize(
    ("hops", "code"),
    [
        (((), ()), "path.empty"),
        ((("n1",), ()), "path.broken"),
        ((("n2",), ()), "path.broken"),
        ((("n2", "n1"), ("s1",)), "path.broken"),
        ((("n1", "n2"), ()), "path.broken"),
        ((("n1", "n2"), ("s1", "s2")), "path.broken"),
        ((("n1", "n9", "n2"), ("s1", "s2")), "path.unjudged"),
        ((("n1", "n2"), ("s9",)), "path.unjudged"),
    ],
)
def test_only_a_whole_judged_path_is_permitted(
    bundle: Bundle,
    judged: Judged,
    question: Question,
    hops: tuple[tuple[str, ...], tuple[str, ...]],
    code: str,
) -> None:
    path = PathFacts(*hops, 1, 1, (), 0)
    assert code in codes(decided(bundle, judged, replace(question, path=path)))


def test_no_path_is_a_refusal(bundle: Bundle, judged: Judged, question: Question) -> None:
    assert codes(decided(bundle, judged, replace(question, path=None))) == ["path.empty"]


def test_a_path_from_nowhere_is_a_refusal(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    assert codes(decided(bundle, judged, replace(question, source=None))) == ["path.broken"]
    assert codes(decided(bundle, judged, replace(question, destination=None))) == ["path.broken"]


def test_a_judgement_decides_only_its_own_question(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    other = judged(replace(question, now=question.now + 1))
    with pytest.raises(ValueError, match="only the question"):
        decide(question, other, bundle=bundle, engine="e", epoch="e")
    stale = replace(judged(question), revision="sha256:other")
    with pytest.raises(ValueError, match="only the question"):
        decide(question, stale, bundle=bundle, engine="e", epoch="e")


def test_no_required_rules_are_no_permission(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    whole = judged(question)
    for part in ("spans", "sites", "clusters"):
        verdicts = getattr(whole, part)
        hollow = replace(verdicts, rules=(), findings=(), profile=verdicts.profile[:0])
        decision = decide(
            question, replace(whole, **{part: hollow}), bundle=bundle, engine="e", epoch="e"
        )
        assert codes(decision) == ["policy.empty"]


def test_a_destination_that_was_not_judged_is_no_place_to_send_to(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    whole = judged(question)
    unplaced = replace(whole.clusters, subjects=("n9",), profile=whole.clusters.profile)
    decision = decide(
        question, replace(whole, clusters=unplaced), bundle=bundle, engine="e", epoch="e"
    )
    assert codes(decision) == ["path.unjudged"]


def test_every_unknown_is_a_reason(bundle: Bundle, judged: Judged, question: Question) -> None:
    decision = decided(bundle, judged, replace(question, principal=None, purpose=None))
    assert set(codes(decision)) == {
        "clearance.unknown",
        "delegation.unknown",
        "purpose.unknown",
        "tenancy.unknown",
    }


def test_a_bare_public_question_may_pass(
    bundle: Bundle, judged: Judged, question: Question
) -> None:
    bare = replace(
        question, kind=Kind.PATH, label=BOTTOM, dataset=None, principal=None, purpose=None
    )
    permit = decided(bundle, judged, bare)
    assert isinstance(permit, Permit)
    assert (permit.dataset, permit.content) == (None, None)


def test_an_engine_without_answer_is_a_refusal() -> None:
    (reason,) = unanswered("engine.timeout").reasons
    assert reason == Reason("engine.timeout", "engine")


def test_only_decide_constructs_permits() -> None:
    # A permit is a key: whoever could construct one could skip the policy.
    for package in ("policy", "routing", "crypto", "api"):
        for path in (ROOT / package).rglob("*.py"):
            calls = {
                node.func.id
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert "Permit" not in calls or path == ROOT / "policy" / "decide.py", path
