"""A decision is worked out once more: the same, different, or not replayable, and why."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import resources
from api.asking import placements, requester
from api.gate import Request
from api.registry import Registration
from api.replay import replay
from policy.canonical import canonical, digest
from policy.constraints import parse_constraints
from policy.errors import EngineError
from policy.question import Kind

RULES = parse_constraints(b'{"deny": {"operators": ["nagi"]}, "max_operators": 3}')


def worked_out(bench: Any, entry: Any) -> Any:
    engine = bench.gate.world.engine
    return asyncio.run(replay(entry, bench.instance.objects, lambda _: engine))


def decisions(bench: Any) -> list[Any]:
    entries = [bench.instance.ledger.entry(i) for i in range(bench.instance.log.size)]
    return [each for each in entries if each.kind == "decision"]


def file_of(home: Path, name: str) -> Path:
    bare = name.removeprefix("sha256:")
    return home / "objects" / bare[:2] / bare


def live(bench: Any) -> None:
    """What a demo does: places, routes, refuses, passes, releases; for several datasets."""
    tables = (
        ("residents.csv", "aoba-city", "sendai", "tax"),
        ("population.csv", "aoba-city", "sendai", "publication"),
        ("design-note.md", "hayate-works", "tokyo", "engineering"),
    )
    for name, tenant, site, purpose in tables:
        stated = Registration(tenant, site, frozenset({purpose}), name)
        dataset, _ = bench.instance.registry.register(resources.example(f"datasets/{name}"), stated)
        who = requester(dataset, name="steward", clearance="L4")
        asyncio.run(placements(bench.gate, dataset, who, purpose))
        request = Request(dataset, who, purpose, bench.gate.world.clusters, RULES)
        asyncio.run(bench.gate.grant(request))
    for protect in ("span", "node", "srlg"):
        asyncio.run(bench.gate.ask(Kind.PATH, replace(bench.request(), protect=protect)))
    passage = bench.granted()
    for site in ("tokyo", "itoshima"):
        asyncio.run(bench.gate.release(passage.permit, site=site, nonce=site))


def test_every_decision_of_a_story_replays_the_same(bench: Any) -> None:
    live(bench)
    found = decisions(bench)
    assert len(found) > 35
    assert {entry.facts["verdict"] for entry in found} == {"permit", "refuse"}
    assert {entry.facts["kind"] for entry in found} == {"placement", "passage", "path", "release"}
    for entry in found:
        again = worked_out(bench, entry)
        assert (again.result, again.differences) == ("same", ()), entry.facts["id"]


def test_a_decision_replays_the_same_after_network_and_label_have_changed(
    bench: Any, example_network: Any
) -> None:
    bench.granted()
    (entry,) = decisions(bench)
    bench.now_on(replace(example_network, spans=example_network.spans[1:]))
    bench.relabel(replace(bench.patients, provisional=True))
    assert worked_out(bench, entry).result == "same"


def test_a_release_that_found_its_path_gone_replays_the_same(
    bench: Any, example_network: Any
) -> None:
    passage = bench.granted()
    sites = set(bench.gate.sites_of(passage))
    spans = tuple(s for s in example_network.spans if not {s.source, s.target} <= sites)
    later = bench.now_on(replace(example_network, spans=spans))
    asyncio.run(later.gate.release(passage.permit, site="itoshima", nonce="n"))
    entry = decisions(bench)[-1]
    assert entry.facts["codes"] == ["path.gone"]
    assert worked_out(bench, entry).result == "same"


@pytest.mark.parametrize("what", ["question", "outcome", "revision", "epoch"])
@pytest.mark.parametrize("change", ["removed", "changed"])
def test_what_is_gone_or_changed_is_not_replayable_and_named(
    bench: Any, home: Path, what: str, change: str
) -> None:
    bench.grant("taoyuan")
    (entry,) = decisions(bench)
    path = file_of(home, entry.facts[what])
    if change == "removed":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b"tokyo", b"osaka") + b" ")
    found = worked_out(bench, entry)
    assert found.result == "not replayable"
    assert entry.facts[what] in found.differences[0]
    assert found.to_json()["verdict"] == "refuse"


def test_another_outcome_than_follows_is_different_and_the_difference_is_named(
    bench: Any,
) -> None:
    bench.grant("taoyuan")
    (entry,) = decisions(bench)
    outcome = json.loads(bench.instance.objects.get(entry.facts["outcome"]))
    outcome["verdict"] = "permit"
    forged = bench.instance.objects.put(canonical(outcome))
    found = worked_out(bench, replace(entry, facts={**entry.facts, "outcome": forged}))
    assert found.result == "different"
    assert found.differences == ('/verdict: recorded "permit", now "refuse"',)


def test_a_question_that_is_none_is_not_replayable(bench: Any) -> None:
    bench.grant()
    (entry,) = decisions(bench)
    name = bench.instance.objects.put(b"{}")
    found = worked_out(bench, replace(entry, facts={**entry.facts, "question": name}))
    assert found.result == "not replayable"


def test_an_engines_silence_is_not_replayable(bench: Any) -> None:
    class Silent:
        name, version = "silent", "1"

        async def ask(self, document: Any) -> Any:
            raise EngineError("engine.timeout", f"no answer to {len(document)} parts")

    world = replace(bench.gate.world, engine=Silent())
    asyncio.run(replace(bench.gate, world=world).grant(bench.request()))
    found = worked_out(bench, decisions(bench)[-1])
    assert found.result == "not replayable"
    assert "engine.timeout" in found.differences[0]


def test_the_bytes_that_an_entry_names_are_its_own(bench: Any) -> None:
    decided = bench.grant()
    facts = bench.instance.ledger.entry(decided.index).facts
    for what in ("question", "outcome", "revision", "epoch"):
        assert digest(bench.instance.objects.get(facts[what])) == facts[what]
    assert facts["revision"] == bench.gate.world.bundle.revision
    assert facts["engine"] == bench.gate.world.engine_id
