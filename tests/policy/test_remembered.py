"""What is remembered is what would be answered, and nothing else is."""

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.decide import decide
from policy.decision import Permit
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.errors import EngineError
from policy.judge import Judgement, judge
from policy.label import Label, Level
from policy.question import Kind, Question
from policy.remembered import Recent, Remembered
from policy.vectors import Case, verdicts

GOOD_SPAN: Final[dict[str, JSON]] = {
    "operator": "op-1",
    "owner_jurisdiction": "JP",
    "jurisdictions": ["JP"],
    "conduit": "buried",
    "encryption.layer": "otnsec",
    "encryption.cipher": "AES-256-GCM",
    "encryption.authenticated": True,
    "encryption.key_exchange": "hybrid",
    "encryption.key_holder_jurisdiction": "JP",
}
GOOD_SITE: Final[dict[str, JSON]] = {
    "jurisdiction": "JP",
    "operator": "op-1",
    "owner_jurisdiction": "JP",
    "accreditations": ["ismap"],
}
SPANS: Final = {"s1": GOOD_SPAN, "s2": {**GOOD_SPAN, "conduit": "aerial"}}
SITES: Final = {"n1": GOOD_SITE, "n2": GOOD_SITE}


@dataclass
class Counting:
    """An engine that counts what it is asked, and fails when told to."""

    inner: EmbeddedEngine
    name: str = "counting"
    version: str = "1"
    asked: list[Mapping[str, JSON]] = field(default_factory=list)
    failing: bool = False

    async def ask(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        self.asked.append(document)
        if self.failing:
            raise EngineError("engine.timeout", "too late")
        return await self.inner.ask(document)


@pytest.fixture
def engine(embedded: EmbeddedEngine) -> Counting:
    return Counting(embedded)


@pytest.fixture
def memory(engine: Counting, bundle: Bundle) -> Remembered:
    return Remembered(engine, bundle, spans=SPANS, sites=SITES)


def whole(memory: Remembered, question: Question) -> Judgement:
    return asyncio.run(memory.everywhere(question, ["n2"]))


def way(memory: Remembered, question: Question) -> Judgement:
    return asyncio.run(memory.along(question, ["s1"], ["n1", "n2"]))


def test_the_same_question_later_is_answered_without_asking(
    memory: Remembered, engine: Counting, question: Question, bundle: Bundle
) -> None:
    later = replace(question, now=question.now + 60)
    for ask in (whole, way):
        assert verdicts(ask(memory, question)) == verdicts(ask(memory, later))
    assert len(engine.asked) == 2
    found = way(memory, later)
    assert found.question_digest == later.digest
    permit = decide(later, found, bundle=bundle, engine="e", epoch="1")
    assert isinstance(permit, Permit)
    assert permit.issued == later.now


def test_another_question_is_asked(
    memory: Remembered, engine: Counting, question: Question
) -> None:
    others = [
        replace(question, label=Label(level=Level.L3)),
        replace(question, purpose="research"),
        replace(question, principal=None),
        replace(question, dataset=None),
        replace(question, kind=Kind.PATH),
        replace(question, path=None),
    ]
    for count, other in enumerate(others, start=1):
        way(memory, other)
        assert len(engine.asked) == count


def test_questions_that_no_rule_tells_apart_share_an_answer(
    memory: Remembered, engine: Counting, question: Question
) -> None:
    assert question.dataset is not None
    other = replace(question, dataset=replace(question.dataset, id="d-2"))
    assert way(memory, question).question_digest != way(memory, other).question_digest
    assert len(engine.asked) == 1


def test_whoever_releases_a_key_is_answered_anew(
    memory: Remembered, engine: Counting, question: Question
) -> None:
    release = replace(question, kind=Kind.RELEASE)
    for count in (1, 2, 3):
        way(memory, release)
        assert len(engine.asked) == count


def test_a_failure_is_never_remembered(
    memory: Remembered, engine: Counting, question: Question
) -> None:
    engine.failing = True
    for _ in range(2):
        with pytest.raises(EngineError):
            way(memory, question)
    engine.failing = False
    way(memory, question)
    assert len(engine.asked) == 3


def test_one_changed_span_is_judged_as_if_the_network_had_been_read_anew(
    memory: Remembered, engine: Counting, question: Question
) -> None:
    assert whole(memory, question).spans.admitted == {"s1"}
    following = memory.changed("s2", GOOD_SPAN)
    assert whole(following, question).spans.admitted == {"s1", "s2"}
    assert whole(memory, question).spans.admitted == {"s1"}
    asked = len(engine.asked)
    back = following.changed("s2", SPANS["s2"])
    assert whole(back, question).spans.admitted == {"s1"}
    assert len(engine.asked) == asked
    with pytest.raises(KeyError):
        memory.changed("s9", GOOD_SPAN)


def test_a_span_that_is_not_there_is_no_path(memory: Remembered, question: Question) -> None:
    with pytest.raises(KeyError):
        asyncio.run(memory.along(question, ["s9"], ["n1", "n2"]))


async def remembered_and_plain(
    bundle: Bundle, engine: EmbeddedEngine, drawn: Case
) -> tuple[Judgement, Judgement]:
    memory = Remembered(engine, bundle, spans=drawn.spans, sites=drawn.sites)
    later, ends = replace(drawn.question, now=drawn.question.now + 1), tuple(drawn.clusters)
    await memory.everywhere(drawn.question, ends)
    plain = await judge(
        engine, bundle, later, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
    )
    return await memory.everywhere(later, ends), plain


def test_what_is_remembered_is_what_would_be_answered(
    bundle: Bundle, embedded: EmbeddedEngine
) -> None:
    for number in range(40):
        drawn = case(11, number)
        found, expected = asyncio.run(remembered_and_plain(bundle, embedded, drawn))
        assert verdicts(found) == verdicts(expected)
        assert found.question_digest == expected.question_digest


def test_the_latest_used_are_kept_and_no_more() -> None:
    recent: Recent[int] = Recent(2)
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
    with pytest.raises(ValueError, match="kept"):
        Recent(0)


def test_threads_share_what_is_kept() -> None:
    recent: Recent[int] = Recent(8)

    def use(start: int) -> None:
        for number in range(start, start + 2_000):
            recent.put(number % 16, number % 16)
            assert recent.get(number % 16) in {None, number % 16}

    threads = [threading.Thread(target=use, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(recent.get(key) is not None for key in range(16)) == 8
