import ast
import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import policy.engines.embedded as module
from policy.bundle import Bundle
from policy.canonical import JSON
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.engines.probe import probe
from policy.errors import BundleError, EngineError
from policy.judge import Inquiry, judge
from policy.label import Level
from policy.question import Question


def prepared(bundle: Bundle, number: int) -> Inquiry:
    drawn = case(11, number)
    return Inquiry.prepare(
        bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
    )


def without(bundle: Bundle, rule: str) -> Bundle:
    """Return the bundle as an engine would have it that lost a rule, its revision unchanged."""
    kept = {path: source for path, source in bundle.modules.items() if f"/{rule}/" not in path}
    return replace(bundle, modules=kept)


@pytest.mark.parametrize("gone", ["conduit", "ceiling", "limits", "accreditation", "waypoint"])
def test_a_deleted_rule_closes_the_gate(
    bundle: Bundle, question: Question, asked: Callable[[Question], Inquiry], gone: str
) -> None:
    demanding = replace(
        question, label=replace(question.label, accreditations=frozenset({frozenset({"ismap"})}))
    )
    inquiry = asked(demanding)
    with pytest.raises(EngineError) as caught:
        inquiry.read(EmbeddedEngine(without(bundle, gone)).ask_now(inquiry.document))
    assert caught.value.code == "engine.malformed"


@pytest.mark.parametrize("part", ["levels", "demands", "obligations"])
def test_missing_data_closes_the_gate(
    bundle: Bundle, question: Question, asked: Callable[[Question], Inquiry], part: str
) -> None:
    data = {name: held for name, held in bundle.data.items() if name != part}
    engine = EmbeddedEngine(replace(bundle, data=data))
    label = replace(question.label, level=Level.L1, obligations=frozenset({"encrypt-at-rest"}))
    inquiry = asked(replace(question, label=label))
    assert not inquiry.read(EmbeddedEngine(bundle).ask_now(inquiry.document)).request
    try:
        found = inquiry.read(engine.ask_now(inquiry.document))
    except EngineError:
        return
    assert found.request


def test_another_revision_is_stale(bundle: Bundle, question: Question) -> None:
    engine = EmbeddedEngine(replace(bundle, revision="sha256:other"))
    with pytest.raises(EngineError) as caught:
        asyncio.run(judge(engine, bundle, question, spans={}, sites={}, clusters={}))
    assert caught.value.code == "engine.stale"


def test_an_answer_without_the_revision_never_leaves_the_engine(bundle: Bundle) -> None:
    path = "sekisho/decision/decision.rego"
    source = 'package sekisho.decision\n\nanswer := {"revision": "other"}\n'
    engine = EmbeddedEngine(replace(bundle, modules={path: source}))
    with pytest.raises(EngineError) as caught:
        engine.ask_now({})
    assert caught.value.code == "engine.stale"


@pytest.mark.parametrize(
    "document",
    [{}, {"label": {}}, {"label": {"level": "L9"}}, {"profiles": None}, {"label": None}],
)
def test_a_document_without_a_question_permits_nothing(
    bundle: Bundle, embedded: EmbeddedEngine, document: Mapping[str, JSON], question: Question
) -> None:
    inquiry = Inquiry.prepare(bundle, question, spans={}, sites={}, clusters={})
    with pytest.raises(EngineError):
        inquiry.read(embedded.ask_now(document))


def test_a_conflict_is_a_failure(bundle: Bundle, capfd: pytest.CaptureFixture[str]) -> None:
    path = "sekisho/decision/decision.rego"
    source = bundle.modules[path] + '\nanswer := {"revision": "other"}\n'
    engine = EmbeddedEngine(replace(bundle, modules={**bundle.modules, path: source}))
    with pytest.raises(EngineError) as caught:
        engine.ask_now(prepared(bundle, 1).document)
    assert caught.value.code in {"engine.failed", "engine.malformed", "engine.undefined"}
    capfd.readouterr()


def test_an_undefined_answer_is_an_error(bundle: Bundle) -> None:
    path = "sekisho/decision/decision.rego"
    source = "package sekisho.decision\n\nanswer := {} if input.nothing\n"
    engine = EmbeddedEngine(replace(bundle, modules={path: source}))
    with pytest.raises(EngineError) as caught:
        engine.ask_now({"label": {"level": "L0"}})
    assert caught.value.code in {"engine.undefined", "engine.malformed"}


def test_an_answer_that_is_no_object_is_malformed(bundle: Bundle) -> None:
    path = "sekisho/decision/decision.rego"
    engine = EmbeddedEngine(
        replace(bundle, modules={path: "package sekisho.decision\n\nanswer := 7\n"})
    )
    with pytest.raises(EngineError) as caught:
        engine.ask_now({})
    assert caught.value.code == "engine.malformed"


def test_rego_that_does_not_compile_is_no_engine(bundle: Bundle) -> None:
    path = "sekisho/decision/decision.rego"
    with pytest.raises(BundleError):
        EmbeddedEngine(replace(bundle, modules={path: "package sekisho.decision\n\nanswer := {\n"}))


def test_what_is_not_json_is_not_asked(embedded: EmbeddedEngine) -> None:
    with pytest.raises(EngineError):
        embedded.ask_now({"km": float("nan")})


def test_threads_get_their_own_answers(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    # One interpreter shared by threads answers with another thread's input.
    inquiries = [prepared(bundle, number) for number in range(24)]
    alone = [embedded.ask_now(inquiry.document) for inquiry in inquiries]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda one: embedded.ask_now(one.document), inquiries * 4))
    assert together == alone * 4


def test_a_question_asked_twice_has_one_answer(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    for number in range(12):
        inquiry = prepared(bundle, number)
        assert embedded.ask_now(inquiry.document) == embedded.ask_now(inquiry.document)


def test_the_engine_passes_the_probe(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    asyncio.run(probe(embedded, bundle))
    assert embedded.version.startswith("rego-cpp 1.")


class Forgetful:
    """An engine that answers every question like the first it was asked."""

    name = "forgetful"
    version = "1"

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine
        self._first: Mapping[str, JSON] | None = None

    async def ask(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        if self._first is None:
            self._first = await self._engine.ask(document)
        return self._first


def test_the_probe_refuses_an_engine_that_answers_another_question(
    bundle: Bundle, embedded: EmbeddedEngine
) -> None:
    with pytest.raises(EngineError):
        asyncio.run(probe(Forgetful(embedded), bundle))


def test_the_probe_refuses_a_rule_that_lets_everything_pass(bundle: Bundle) -> None:
    path = "sekisho/rules/constraints/constraints.rego"
    source = """package sekisho.rules.constraints

holds contains p.id if some p in input.profiles.constraints

refusals contains {} if false
"""
    engine = EmbeddedEngine(replace(bundle, modules={**bundle.modules, path: source}))
    with pytest.raises(EngineError, match="trap"):
        asyncio.run(probe(engine, bundle))


def test_set_union_is_known_to_be_broken_so_the_lint_keeps_it_out(bundle: Bundle) -> None:
    # If this fails, rego-cpp no longer changes the operands of a union: the lint may be relaxed.
    path = "sekisho/decision/decision.rego"
    source = """package sekisho.decision

lists := {"a": ["a"], "b": ["b"]}

joined(name) := {item | some item in lists[name]} | {item | some item in input.more}

answer := {"revision": data.sekisho.revision.id, "a": joined("a"), "b": joined("b")}
"""
    engine = EmbeddedEngine(replace(bundle, modules={path: source}))
    answer = engine.ask_now({"more": []})
    assert (answer["a"], answer["b"]) != (["a"], ["b"])


def test_only_the_safe_ways_in_are_used() -> None:
    names = {
        node.attr
        for node in ast.walk(ast.parse(Path(module.__file__).read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert {"set_input_term", "add_data_json", "query_bundle_entrypoint"} <= names
    assert names.isdisjoint({"set_input", "add_data", "query", "query_bundle", "load_bundle"})
