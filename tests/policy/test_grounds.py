"""A reason says "law" where the taxonomy does, and nowhere else."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from policy.bundle import Bundle
from policy.engines.embedded import EmbeddedEngine
from policy.grounds import grounds_document
from policy.judge import Inquiry
from policy.label import Bound, Label, Territory
from policy.question import Question
from policy.regimes import load_taxonomy

POLICY = Path(__file__).parents[2] / "policy"


def test_the_shipped_grounds_are_those_of_the_shipped_taxonomy() -> None:
    documents = {path.name: path.read_bytes() for path in (POLICY / "taxonomy").glob("*.yaml")}
    written = json.loads((POLICY / "rego" / "sekisho" / "grounds" / "data.json").read_bytes())
    assert written == grounds_document(load_taxonomy(documents).regimes)


def test_no_unsettled_ground_is_called_a_law(bundle: Bundle) -> None:
    grounds = bundle.data["grounds"]
    assert isinstance(grounds, Mapping)
    stands = [stand for axes in grounds.values() for stand in axes.values()]
    assert stands
    assert not [stand for stand in stands if stand[2] in {"P", "U"} and stand[0] != "policy"]


def _reasons(
    question: Question, label: Label, bundle: Bundle, embedded: EmbeddedEngine
) -> set[tuple[str, str, str]]:
    asked = Inquiry.prepare(
        bundle,
        replace(question, label=label),
        spans={},
        sites={},
        clusters={"n2": {"jurisdiction": "TW"}},
    )
    reasons = asked.read(embedded.ask_now(asked.document)).clusters.reasons(0)
    return {(r.basis, r.citation, r.certainty) for r in reasons if r.code == "placement.outside"}


def test_a_reason_stands_on_the_ground_of_the_regime_that_set_the_bound(
    question: Question, bundle: Bundle, embedded: EmbeddedEngine
) -> None:
    bound = Bound("jp.appi.pi", frozenset({"JP"}))
    label = replace(question.label, placement=Territory(frozenset({bound})))
    ((basis, citation, certainty),) = _reasons(question, label, bundle, embedded)
    assert (basis, certainty) == ("law", "V")
    assert "28条" in citation


def test_a_bound_of_nobody_known_is_a_policy_of_this_deployment(
    question: Question, bundle: Bundle, embedded: EmbeddedEngine
) -> None:
    label = replace(
        question.label, placement=Territory(frozenset({Bound("tenant.own", frozenset({"JP"}))}))
    )
    ((basis, _, certainty),) = _reasons(question, label, bundle, embedded)
    assert (basis, certainty) == ("policy", "P")


def test_grounds_are_part_of_the_revision(modules: Mapping[str, bytes], bundle: Bundle) -> None:
    path = "sekisho/grounds/data.json"
    changed = Bundle.build({**modules, path: b"{}"}, {}, "sha256:taxonomy")
    assert changed.revision != bundle.revision
