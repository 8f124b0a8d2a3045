import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from api.policytest import Report, run
from policy.bundle import Bundle
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OPAEngine
from policy.errors import PolicyError, TermError
from policy.judge import Inquiry
from policy.vectors import Case, differences, outcome

# `sekisho policy test` runs 2,000; here enough of them that a difference shows.
DRAWN: Final = 250
Vectors = Mapping[str, bytes]


def test_the_embedded_engine_decides_as_the_vectors_say(
    bundle: Bundle, embedded: EmbeddedEngine, vectors: Vectors
) -> None:
    report = asyncio.run(run(bundle, [embedded], vectors, generated=0))
    assert report == Report(len(vectors), 0, ())
    assert report.ok


def test_both_engines_agree_on_vectors_and_drawn_questions(
    bundle: Bundle, embedded: EmbeddedEngine, vectors: Vectors, opa_port: int
) -> None:
    async def both() -> Report:
        async with OPAEngine(bundle, "127.0.0.1", opa_port, deadline=5) as opa:
            await opa.activate()
            return await run(bundle, [embedded, opa], vectors, generated=DRAWN, seed=2)

    assert asyncio.run(both()) == Report(len(vectors), DRAWN, ())


def test_there_are_vectors_for_every_verdict_of_every_rule(
    bundle: Bundle, vectors: Vectors
) -> None:
    assert len(vectors) >= 60
    seen: set[tuple[str, str]] = set()
    for raw in vectors.values():
        expect = json.loads(raw)["expect"]
        for part in ("spans", "sites", "clusters"):
            for words in expect[part].values():
                seen |= set(words.items())
        seen |= {(code.split(".")[0], "not " + code.split(".")[1]) for code in expect["request"]}
        seen |= {(code.split(".")[0], "not " + code.split(".")[1]) for code in expect["path"]}
    for name, rule in bundle.rules.items():
        if rule.subject in {"span", "site", "cluster"}:
            wanted = {"yes", "no"} if name == "site_constraints" else {"yes", "no", "unknown"}
            assert wanted <= {word for rule_name, word in seen if rule_name == name}, name
        else:
            codes = {word for rule_name, word in seen if rule_name == name}
            assert codes, name
            assert not rule.reads or "not unknown" in codes or name == "provisional", name


def test_a_vector_says_first_what_it_expects(vectors: Vectors) -> None:
    for name, raw in vectors.items():
        assert next(iter(json.loads(raw))) == "expect", name


def test_a_vector_that_is_none_is_refused() -> None:
    for raw in (b"", b"[]", b'{"about": 1}', b'{"about": "x", "question": {}}'):
        with pytest.raises(PolicyError):
            Case.from_bytes("v", raw)
    with pytest.raises(TermError):
        Case.from_bytes("v", b'{"about": 1}')


def test_drawn_questions_follow_from_their_seed() -> None:
    assert case(1, 7) == case(1, 7)
    assert case(1, 7) != case(2, 7)


def test_drawn_questions_are_worth_asking(bundle: Bundle, embedded: EmbeddedEngine) -> None:
    decisions: Counter[object] = Counter()
    for number in range(120):
        drawn = case(1, number)
        inquiry = Inquiry.prepare(
            bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
        )
        judgement = inquiry.read(embedded.ask_now(inquiry.document))
        decisions[outcome(drawn, judgement, bundle)["decision"]] += 1
    assert min(decisions["permit"], decisions["refuse"]) >= 12


def test_an_engine_of_a_weaker_policy_disagrees(
    bundle: Bundle, embedded: EmbeddedEngine, vectors: Vectors
) -> None:
    # Broken on purpose, once and for all: a rule that forgets to look at the cipher.
    path = "sekisho/rules/encryption/encryption.rego"
    line = '\tp.facts["encryption.cipher"] in _accepted.ciphers\n'
    assert line in bundle.modules[path]
    weaker = {**bundle.modules, path: bundle.modules[path].replace(line, "", 1)}
    engine = EmbeddedEngine(replace(bundle, modules=weaker))
    engine.name = "weaker"  # type: ignore[misc]
    report = asyncio.run(run(bundle, [embedded, engine], vectors, generated=0))
    assert not report.ok
    assert "encryption-128-l3.json" in {found["case"] for found in report.disagreements}
    assert report.to_json()["vectors"] == len(vectors)


def test_a_report_of_nothing_is_not_ok() -> None:
    assert not Report(0, 0, ()).ok


def test_differences_name_the_part() -> None:
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ["b"]
