"""A question worked out to its end, on many small networks: never a fault, never a bare no.

Every path that is found is checked again by another door; every refusal names a reason, and where
the rules leave no way, a cut that a third party can check.
"""

import asyncio
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from api.blockage import blockage
from api.checking import check_path
from api.offline import shipped_bundle
from api.reckoning import recheck, reckon
from api.world import World
from policy.constraints import EMPTY, parse_constraints
from policy.decision import Refusal
from policy.engines.embedded import EmbeddedEngine
from policy.errors import EngineError
from policy.label import BOTTOM, Label, Level
from policy.question import Kind, Question
from routing.errors import UnknownSiteError
from routing.network import Network, build_network
from routing.paths import Path
from routing.topology import Topology

NOW = 1_790_000_000
LABELS = (
    BOTTOM,
    Label(level=Level.L1),
    Label(level=Level.L2),
    Label(level=Level.L3),
    Label(level=Level.L4),
    Label(level=Level.L3, suite=1, accreditations=frozenset({frozenset({"ismap", "isms"})})),
)
RULES = (
    b"{}",
    b'{"deny": {"jurisdictions": ["US"]}}',
    b'{"deny": {"operators": ["b"]}, "max_operators": 2}',
    b'{"require": {"conduit": ["buried"]}, "max_km": 6}',
    b'{"max_hops": 2}',
)


def network_of(seed: int) -> Network:
    random = np.random.default_rng(seed)
    names = [f"n{n}" for n in range(random.integers(3, 8))]

    def pick(*choices: Any) -> Any:
        return choices[random.integers(len(choices))]

    def some(**values: Any) -> dict[str, Any]:
        return {key: value for key, value in values.items() if random.random() > 0.07}

    nodes = [
        {
            "id": name,
            "kind": pick("cluster", "cluster", "exchange"),
            **some(
                jurisdiction=pick("JP", "JP", "JP", "US"),
                operator=pick("a", "b"),
                owner_jurisdiction=pick("JP", "JP", "US"),
                accreditations=pick(["ismap", "isms"], ["isms"], []),
                zones=["internet"],
            ),
        }
        for name in names
    ]
    links = []
    for number in range(random.integers(len(names), 14)):
        ends = random.permutation(names)[:2].tolist()
        encryption = some(
            layer=pick("otnsec", "otnsec", "macsec", "none"),
            cipher="AES-256-GCM",
            authenticated=True,
            key_exchange=pick("hybrid", "hybrid", "qkd", "classical"),
            scope=pick("span", "end-to-end"),
            key_holder=pick("a", "b"),
            key_holder_jurisdiction=pick("JP", "JP", "US"),
        )
        encryption["segment"] = pick("one", "two")
        known = some(
            operator=pick("a", "b"),
            owner=pick("a", "b"),
            owner_jurisdiction=pick("JP", "JP", "US"),
            duct_owner="a",
            jurisdictions=pick(["JP"], ["JP"], ["JP", "US"]),
            conduit=pick("buried", "buried", "aerial", "submarine"),
            risk_groups=pick([], ["g1"], ["g2"]),
            encryption=encryption,
        )
        link = {"id": f"s{number}", "source": ends[0], "target": ends[1]}
        links.append({**link, "km": float(random.integers(1, 5)), **known})
    return build_network({"name": "drawn", "epoch": 1, "nodes": nodes, "links": links})


@pytest.fixture(scope="module")
def engine() -> EmbeddedEngine:
    return EmbeddedEngine(shipped_bundle())


def question(
    label: Label, source: str, rules: bytes = b"{}", target: str | None = None
) -> Question:
    constraints = EMPTY if rules == b"{}" else parse_constraints(rules)
    return Question(
        kind=Kind.PATH, now=NOW, label=label, source=source, destination=target,
        constraints=constraints,
    )  # fmt: skip


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 100_000),
    label=st.sampled_from(LABELS),
    rules=st.sampled_from(RULES),
    protect=st.sampled_from(["none", "none", "span", "node", "srlg"]),
)
def test_a_yes_passes_the_check_and_a_no_has_its_reasons(
    engine: EmbeddedEngine, seed: int, label: Label, rules: bytes, protect: str
) -> None:
    network = network_of(seed)
    world = World(shipped_bundle(), engine, Topology(network))
    source = network.sites[0].id
    targets = tuple(site.id for site in network.sites[1:3])
    answer = asyncio.run(reckon(world, question(label, source, rules), targets, protect=protect))
    if not answer.permitted:
        assert_reasoned(answer)
        return
    assert answer.paths
    for path in answer.paths:
        checked = asyncio.run(check_path(world, question(label, source, rules), path))
        assert checked["verdict"] == "permit"
        assert path.sites[0] == source
        assert path.sites[-1] in targets
        again = question(label, source, rules, path.sites[-1])
        rechecked = asyncio.run(recheck(world, replace(again, path=path.facts)))
        assert rechecked.permitted


def test_the_drawn_networks_are_neither_all_open_nor_all_closed(engine: EmbeddedEngine) -> None:
    """Else the claim above would claim nothing."""
    found = []
    for seed in range(60):
        network = network_of(seed)
        world = World(shipped_bundle(), engine, Topology(network))
        asked = question(LABELS[seed % len(LABELS)], network.sites[0].id)
        answer = asyncio.run(reckon(world, asked, [network.sites[1].id]))
        explanation = answer.explanation
        found.append("yes" if explanation is None else str(explanation.blocked))
    assert found.count("yes") > 8
    assert found.count("rules") > 3
    assert found.count("destination") > 3


def assert_reasoned(answer: Any) -> None:
    refusal = answer.document["refusal"]
    assert answer.document["paths"] == []
    assert refusal["reasons"]
    assert all(reason["code"] for reason in refusal["reasons"])
    assert answer.codes
    if answer.explanation is not None and answer.explanation.blocked == "rules":
        assert refusal["blocking_cut"] is not None
    json.dumps(answer.document)


@pytest.mark.parametrize(("source", "target"), [("nowhere", "n1"), ("n0", "nowhere")])
def test_a_site_that_is_not_there_is_said_to_be_unknown(
    engine: EmbeddedEngine, source: str, target: str
) -> None:
    world = World(shipped_bundle(), engine, Topology(network_of(1)))
    with pytest.raises(UnknownSiteError):
        asyncio.run(reckon(world, question(BOTTOM, source), [target]))


def test_the_same_question_gives_the_same_bytes(engine: EmbeddedEngine) -> None:
    for seed in range(20):
        network = network_of(seed)
        world = World(shipped_bundle(), engine, Topology(network))
        asked = question(LABELS[seed % len(LABELS)], network.sites[0].id)
        one, two = (asyncio.run(reckon(world, asked, [network.sites[1].id])) for _ in range(2))
        assert json.dumps(one.document) == json.dumps(two.document)


def test_the_order_of_sites_and_spans_in_the_document_decides_nothing(
    engine: EmbeddedEngine,
) -> None:
    for seed in range(20):
        network = network_of(seed)
        turned = build_network(
            {
                "name": "drawn",
                "epoch": 1,
                "nodes": network.to_json()["nodes"][::-1],
                "links": network.to_json()["links"][::-1],
            }
        )
        asked = question(LABELS[seed % len(LABELS)], network.sites[0].id)
        answers = [
            asyncio.run(
                reckon(World(shipped_bundle(), engine, Topology(each)), asked, [asked_for(network)])
            )
            for each in (network, turned)
        ]
        assert answers[0].permitted == answers[1].permitted
        if answers[0].permitted:
            assert answers[0].paths[0].km == answers[1].paths[0].km


def asked_for(network: Network) -> str:
    return network.sites[-1].id


def test_an_engine_that_changes_its_mind_about_the_whole_path_is_never_a_yes(
    bench: Any,
) -> None:
    class Fickle:
        """Answers the first question, then none."""

        name, version = "fickle", "1"

        def __init__(self) -> None:
            self.asked = 0

        async def ask(self, document: Any) -> Any:
            self.asked += 1
            if self.asked > 1:
                raise EngineError("engine.timeout", "gone")
            return await bench.gate.world.engine.ask(document)

    world = replace(bench.gate.world, engine=Fickle())
    decided = asyncio.run(replace(bench.gate, world=world).grant(bench.request()))
    assert decided.passage is None
    assert decided.reckoning.codes == ("engine.timeout",)


def test_a_whole_path_that_is_refused_after_the_search_is_a_fault_and_grants_nothing(
    bench: Any,
) -> None:
    from api.errors import FaultError  # noqa: PLC0415 - the one test that may see it

    class Contrary:
        """Says no to everything about the path once it is asked about it whole."""

        name, version = "contrary", "1"

        def __init__(self) -> None:
            self.asked = 0

        async def ask(self, document: Any) -> Any:
            self.asked += 1
            answer = dict(await bench.gate.world.engine.ask(document))
            if self.asked > 1:
                holds = answer["holds"]
                answer["holds"] = {
                    name: False if held is True else [] for name, held in holds.items()
                }
            return answer

    world = replace(bench.gate.world, engine=Contrary())
    with pytest.raises(FaultError):
        asyncio.run(replace(bench.gate, world=world).grant(bench.request()))
    assert bench.passages() == []


def test_a_refusal_without_a_reason_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="reason"):
        Refusal(reasons=())


def test_a_path_is_rechecked_only_if_there_is_one(engine: EmbeddedEngine) -> None:
    from api.errors import FaultError  # noqa: PLC0415 - the one test that may see it

    world = World(shipped_bundle(), engine, Topology(network_of(1)))
    with pytest.raises(FaultError):
        asyncio.run(recheck(world, question(BOTTOM, "n0")))


def test_a_path_read_backwards_is_the_same_way(bench: Any) -> None:
    topology = bench.gate.world.topology
    there = Path.of(topology, "tokyo", ["inzai-tokyo"])
    back = Path.of(topology, "inzai", ["inzai-tokyo"])
    assert there.sites == back.sites[::-1]


def test_what_could_not_be_settled_is_said_to_be_undetermined(bench: Any) -> None:
    decided = bench.grant("taoyuan")
    explanation = decided.reckoning.explanation
    judgement = asyncio.run(bench.gate.world.judge(decided.reckoning.question, ["taoyuan"]))
    (reason,) = blockage(judgement, explanation, undetermined=True)
    assert reason.code == "path.undetermined"
    assert blockage(judgement, explanation, undetermined=False)


def test_a_second_path_that_is_missing_is_the_reason(engine: EmbeddedEngine) -> None:
    nodes = [{"id": "a"}, {"id": "b"}]
    links = [{"id": "s", "source": "a", "target": "b", "km": 1, "risk_groups": []}]
    network = build_network({"name": "x", "epoch": 1, "nodes": nodes, "links": links})
    world = World(shipped_bundle(), engine, Topology(network))
    answer = asyncio.run(reckon(world, question(BOTTOM, "a"), ["b"], protect="span"))
    assert answer.codes == ("path.unprotected",)


@pytest.mark.parametrize(
    "rules", [b'{"max_km": 1}', b'{"max_hops": 1}', b'{"max_operators": 1}'], ids=str
)
def test_a_limit_that_blocks_is_the_reason_and_says_what_could_be_had(
    engine: EmbeddedEngine, rules: bytes
) -> None:
    nodes = [{"id": name} for name in "abc"]
    links = [
        {"id": "s", "source": "a", "target": "b", "km": 1, "operator": "x"},
        {"id": "t", "source": "b", "target": "c", "km": 1, "operator": "y"},
    ]
    network = build_network({"name": "x", "epoch": 1, "nodes": nodes, "links": links})
    world = World(shipped_bundle(), engine, Topology(network))
    answer = asyncio.run(reckon(world, question(BOTTOM, "a", rules), ["c"]))
    assert answer.codes == ("limits.blocking",)
    (reason,) = answer.document["refusal"]["reasons"]
    assert 2 in reason["args"].values()
