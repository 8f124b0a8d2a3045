"""What a candidate policy would change is said before it changes anything."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from api import resources
from api.candidates import candidate
from api.errors import UsageError
from api.impact import PERMITTED, REFUSED, UNCHANGED, UNREPLAYABLE, Impact, Simulation
from api.offline import shipped_bundle
from api.policydiff import compare
from policy.bundle import Bundle
from policy.canonical import JSON
from policy.engines.embedded import EmbeddedEngine
from policy.question import Kind

LEVELS = "sekisho/levels/data.json"
FAR, NEAR = "itoshima", "inzai"


def _with_levels(change: Callable[[dict[str, dict[str, JSON]]], None]) -> Bundle:
    """Return the shipped policy with its levels changed."""
    modules = dict(resources.policy_modules())
    levels = json.loads(modules[LEVELS])
    change(levels)
    modules[LEVELS] = json.dumps(levels).encode()
    return Bundle.build(modules, {}, shipped_bundle().taxonomy_digest)


def _dry(levels: dict[str, dict[str, JSON]]) -> None:
    levels["L3"]["conduits"] = ["buried"]


def _simulate(bench: Any, bundle: Bundle, **options: Any) -> Impact:
    now = bool(options.pop("now", False))
    work = Simulation(bench.instance, bundle, EmbeddedEngine, now=now)
    return asyncio.run(work.run(**options))


def test_the_policy_in_force_changes_nothing(bench: Any) -> None:
    bench.granted(FAR)
    bench.grant("taoyuan")
    impact = _simulate(bench, shipped_bundle())
    assert impact.effects() == {UNCHANGED: 2}
    assert impact.under_way == ()


def test_a_narrower_policy_names_what_it_would_refuse_and_which_passages_it_would_stop(
    bench: Any,
) -> None:
    far, near = bench.granted(FAR), bench.granted(NEAR)
    impact = _simulate(bench, _with_levels(_dry))
    assert impact.effects() == {REFUSED: 1, UNCHANGED: 1}
    assert impact.under_way == (far.id,)
    assert near.id not in impact.under_way
    (change,) = [each for each in impact.changes if each.effect == REFUSED]
    assert "conduit.submarine" in change.codes
    assert impact.grouped(REFUSED, "level") == {"L3": 1}
    assert impact.grouped(REFUSED, "tenant") == {"midori-hospital": 1}


def test_a_wider_policy_names_what_it_would_permit(bench: Any) -> None:
    asyncio.run(bench.gate.ask(Kind.PLACEMENT, bench.request("tomakomai")))
    narrow = _with_levels(_dry)
    gate = replace(
        bench.gate,
        world=replace(bench.gate.world, bundle=narrow, engine=EmbeddedEngine(narrow)),
    )
    bench.instance.objects.put(narrow.to_bytes())
    refused = asyncio.run(gate.ask(Kind.PLACEMENT, bench.request(FAR)))
    assert not refused.reckoning.permitted
    impact = _simulate(bench, shipped_bundle())
    assert [c.decision for c in impact.changes if c.effect == PERMITTED] == [refused.id]


def test_nothing_is_recorded_by_a_simulation(bench: Any) -> None:
    bench.granted(FAR)
    before = bench.instance.log.size
    _simulate(bench, _with_levels(_dry))
    assert bench.instance.log.size == before


def test_the_network_in_force_may_answer_otherwise_than_that_of_the_time(
    bench: Any,
    example_network: Any,
) -> None:
    bench.granted(FAR)
    gone = {"itoshima-hakata", "itoshima-hakata-2"}
    cut = [s for s in example_network.spans if FAR not in {s.source, s.target} or s.id in gone]
    cut = [s for s in cut if s.id not in gone]
    later = bench.now_on(replace(example_network, spans=tuple(cut), epoch=2))
    assert _simulate(later, shipped_bundle()).effects() == {UNCHANGED: 1}
    assert _simulate(later, shipped_bundle(), now=True).effects() == {REFUSED: 1}


def test_what_was_removed_is_said_to_be_not_replayable(bench: Any) -> None:
    decided = bench.grant(FAR)
    name = decided.reckoning.question.digest.removeprefix("sha256:")
    (bench.instance.layout.objects / name[:2] / name).unlink()
    assert _simulate(bench, shipped_bundle()).effects() == {UNREPLAYABLE: 1}


def test_only_the_chosen_decisions_are_simulated(bench: Any) -> None:
    bench.granted(FAR)
    bench.grant("taoyuan")
    chosen: Callable[..., bool] = lambda entry: entry.facts["verdict"] == "refuse"  # noqa: E731
    assert len(_simulate(bench, shipped_bundle(), chosen=chosen).changes) == 1
    assert len(_simulate(bench, shipped_bundle(), since=bench.clock() + 1).changes) == 0


def _compared(before: Bundle, after: Bundle) -> Mapping[str, JSON]:
    engines = EmbeddedEngine(before), EmbeddedEngine(after)
    vectors = resources.decision_vectors()
    found = asyncio.run(compare((before, after), engines, vectors, generated=60, seed=1))
    return {**found.to_json(), "same": found.same}


def test_a_policy_does_not_differ_from_itself() -> None:
    found = _compared(shipped_bundle(), shipped_bundle())
    assert (found["same"], found["differing"], found["rules"], found["data"]) == (True, 0, {}, [])


def test_a_difference_names_the_data_and_shows_questions_answered_otherwise() -> None:
    found = _compared(shipped_bundle(), _with_levels(_dry))
    assert found["data"] == ["/levels/L3/conduits"]
    examples = found["examples"]
    assert isinstance(examples, list)
    assert examples
    assert all("conduit.submarine" in each["codes_new"] for each in examples)


def test_a_rule_whose_source_changed_is_named() -> None:
    modules = dict(resources.policy_modules())
    path = "sekisho/rules/conduit/conduit.rego"
    modules[path] += b"\n# another comment\n"
    other = Bundle.build(modules, {}, shipped_bundle().taxonomy_digest)
    assert _compared(shipped_bundle(), other)["rules"] == {"conduit": "changed"}


def test_a_candidate_is_the_shipped_policy_or_a_folder() -> None:
    assert candidate("shipped") is shipped_bundle()
    with pytest.raises(UsageError, match="neither"):
        candidate("/nowhere/at/all")
