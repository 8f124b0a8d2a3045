import asyncio
import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from policy.bundle import Bundle
from policy.constraints import Constraints, constraints_from
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.errors import EngineError
from policy.judge import Inquiry, Judgement, judge
from policy.label import BOTTOM
from policy.question import Question
from policy.verdicts import Verdict

Asked = Callable[[Question], Inquiry]
Judged = Callable[[Question], Judgement]


def spans_of(bundle: Bundle, question: Question, spans: Mapping[str, Any]) -> Inquiry:
    return Inquiry.prepare(bundle, question, spans=spans, sites={}, clusters={})


def test_good_subjects_pass(judged: Judged, question: Question) -> None:
    found = judged(question)
    assert found.spans.admissible.all()
    assert found.sites.admissible.all()
    assert found.clusters.admissible.all()
    assert (found.request, found.path) == ((), ())


@given(st.integers(0, 2_000))
def test_the_document_does_not_depend_on_order_or_ids(bundle: Bundle, number: int) -> None:
    drawn = case(3, number)

    def renamed(subjects: Mapping[str, Any]) -> dict[str, Any]:
        return {f"x-{name}": subjects[name] for name in reversed(subjects)}

    def prepare(rename: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Inquiry:
        return Inquiry.prepare(
            bundle,
            drawn.question,
            spans=rename(drawn.spans),
            sites=rename(drawn.sites),
            clusters=rename(drawn.clusters),
        )

    one, other = prepare(dict), prepare(renamed)
    assert one.document == other.document
    assert one.digest == other.digest


def test_alike_spans_are_one_projection(bundle: Bundle, question: Question) -> None:
    spans = {f"s{n}": {"conduit": ("buried", "aerial")[n % 2], "km": n} for n in range(50)}
    profiles = spans_of(bundle, question, spans).document["profiles"]
    assert isinstance(profiles, dict)
    assert len(profiles["conduit"]) == 2


def test_sets_are_alike_in_any_order(bundle: Bundle, question: Question) -> None:
    spans = {"a": {"jurisdictions": ["JP", "US", "JP"]}, "b": {"jurisdictions": ["US", "JP"]}}
    profiles = spans_of(bundle, question, spans).document["profiles"]
    assert isinstance(profiles, dict)
    assert profiles["residency"] == [{"id": "0", "facts": {"jurisdictions": ["JP", "US"]}}]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        'a"b',
        "a\nb",
        [],
        {},
        {"JP": 1},
        [None],
        [["JP"]],
        ['J"P'],
        "JP",
        float("nan"),
        2**60,
    ],
)
def test_what_is_not_fit_to_ask_about_is_unknown(
    bundle: Bundle, embedded: EmbeddedEngine, question: Question, value: object
) -> None:
    spans = {"s": {"jurisdictions": value}}
    found = asyncio.run(judge(embedded, bundle, question, spans=spans, sites={}, clusters={}))  # type: ignore[arg-type]
    assert found.spans.of(0)["residency"] is Verdict.UNKNOWN
    codes = {reason.code: reason.args for reason in found.spans.reasons(0)}
    assert codes["residency.unknown"] == {"attributes": ["jurisdictions"]}


def test_true_and_one_are_not_alike(bundle: Bundle, question: Question) -> None:
    asked = replace(question, constraints=constraints_from({"require": {"directed": [True]}}))
    spans = {"a": {"directed": True}, "b": {"directed": 1}, "c": {"directed": 1.0}}
    profiles = spans_of(bundle, asked, spans).document["profiles"]
    assert isinstance(profiles, dict)
    assert [found["facts"]["directed"] for found in profiles["constraints"]] == [1, True]


def test_no_spans_at_all_are_no_permission(
    bundle: Bundle, embedded: EmbeddedEngine, question: Question
) -> None:
    found = asyncio.run(judge(embedded, bundle, question, spans={}, sites={}, clusters={}))
    assert found.spans.admissible.tolist() == []


def test_a_path_reason_says_how_far_off(judged: Judged, question: Question) -> None:
    (reason,) = judged(replace(question, constraints=Constraints(max_km=9))).path
    assert reason.code == "limits.exceeded"
    assert reason.args == {"limit": "km", "most": 9, "measured": 10}


def spoilt(answer: Mapping[str, Any], path: str, value: object) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(dict(answer))
    *above, last = path.split(".")
    part: Any = document
    for name in above:
        part = part[name]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return document


REFUSAL = {"code": "conduit.x", "args": {}, "profile": "0"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("required", ...),
        ("required", []),
        ("required.span", ...),
        ("required.span", []),
        ("required.span", "conduit"),
        ("required.path", ["limits", "limits"]),
        ("required.bus", []),
        ("obligations", ["dance"]),
        ("obligations", None),
        ("holds", ...),
        ("holds", []),
        ("holds.conduit", ...),
        ("holds.dance", True),
        ("holds.conduit", True),
        ("holds.conduit", "0"),
        ("holds.conduit", ["7"]),
        ("holds.conduit", ["0", "0"]),
        ("holds.conduit", [0]),
        ("holds.ceiling", ["0"]),
        ("holds.ceiling", "true"),
        ("holds.ceiling", 1),
        ("holds.limits", None),
        ("refusals", ...),
        ("refusals.conduit", ...),
        ("refusals.conduit", {}),
        ("refusals.conduit", ["conduit.x"]),
        ("refusals.conduit", [REFUSAL]),
        ("refusals.conduit", [{**REFUSAL, "code": "other.x"}]),
        ("refusals.conduit", [{**REFUSAL, "code": 1}]),
        ("refusals.conduit", [{**REFUSAL, "args": None}]),
        ("refusals.conduit", [{**REFUSAL, "profile": 0}]),
        ("refusals.conduit", [{**REFUSAL, "profile": "9"}]),
        ("refusals.conduit", [{**REFUSAL, "more": 1}]),
        ("refusals.conduit", [{**REFUSAL, "args": {"n": float("nan")}}]),
        ("obligations", [float("inf")]),
        ("refusals.ceiling", [{"code": "ceiling.x", "args": {}}]),
        ("refusals.ceiling", [{"code": "ceiling.x", "args": {}, "profile": "0"}]),
    ],
)
def test_an_answer_that_is_not_exactly_what_was_asked_is_malformed(
    asked: Asked, embedded: EmbeddedEngine, question: Question, path: str, value: object
) -> None:
    inquiry = asked(question)
    answer = embedded.ask_now(inquiry.document)
    with pytest.raises(EngineError) as caught:
        inquiry.read(spoilt(answer, path, value))
    assert caught.value.code == "engine.malformed"


@pytest.mark.parametrize("revision", [..., None, "sha256:other", 1])
def test_an_answer_of_another_revision_is_stale(
    asked: Asked, embedded: EmbeddedEngine, question: Question, revision: object
) -> None:
    inquiry = asked(question)
    answer = embedded.ask_now(inquiry.document)
    with pytest.raises(EngineError) as caught:
        inquiry.read(spoilt(answer, "revision", revision))
    assert caught.value.code == "engine.stale"


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("abc", max_size=4),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text("abc", max_size=4), part, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(
        ["required", "holds", "refusals", "obligations", "holds.conduit", "refusals.limits"]
    ),
    JSONS,
)
def test_no_answer_makes_reading_fail_otherwise_or_permit(
    bundle: Bundle, embedded: EmbeddedEngine, path: str, value: object
) -> None:
    drawn = case(5, 0)
    inquiry = Inquiry.prepare(
        bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
    )
    answer = embedded.ask_now(inquiry.document)
    if path.rpartition(".")[2] not in (answer if "." not in path else answer["holds"]):  # type: ignore[operator]
        return
    honest = inquiry.read(answer)
    try:
        found = inquiry.read(spoilt(answer, path, value))
    except EngineError:
        return
    assert not (found.spans.admissible & ~honest.spans.admissible).any()


def test_a_rule_that_holds_without_being_explained_says_so(
    asked: Asked, embedded: EmbeddedEngine, question: Question
) -> None:
    inquiry = asked(question)
    answer = spoilt(embedded.ask_now(inquiry.document), "holds.conduit", [])
    found = inquiry.read(answer)
    assert [reason.code for reason in found.spans.reasons(0)] == ["conduit.unexplained"]
    silent = spoilt(embedded.ask_now(inquiry.document), "holds.ceiling", value=False)
    assert [reason.code for reason in inquiry.read(silent).request] == ["ceiling.unexplained"]


def test_an_engine_cannot_pass_what_settles_against_a_span(
    bundle: Bundle, embedded: EmbeddedEngine, question: Question
) -> None:
    inquiry = spans_of(bundle, question, {"s": {"encryption.layer": "none"}})
    answer = embedded.ask_now(inquiry.document)
    assert answer["holds"]["encryption"] == []  # type: ignore[index, call-overload]
    passed = spoilt(spoilt(answer, "holds.encryption", ["0"]), "refusals.encryption", [])
    with pytest.raises(EngineError):
        inquiry.read(passed)


def test_a_question_without_path_has_no_path_reasons(judged: Judged, question: Question) -> None:
    asked = replace(question, path=None, constraints=Constraints(max_km=1))
    assert judged(asked).path == ()


def test_now_is_not_asked_so_answers_can_be_kept(asked: Asked, question: Question) -> None:
    assert asked(question).digest == asked(replace(question, now=question.now + 9)).digest
    assert asked(question).digest != asked(replace(question, label=BOTTOM)).digest


def test_the_document_is_json_of_terms(asked: Asked, question: Question) -> None:
    text = json.dumps(asked(question).document, ensure_ascii=False)
    assert "\\" not in text
