"""The whole network at once, against brute force: pairs, single points, openings, upgrades."""

import json
from itertools import combinations, permutations

import networkx as nx
import numpy as np
import pytest

from policy.constraints import Limits
from policy.verdicts import Verdict
from routing.barriers import UNJUDGED, Barriers, barriers
from routing.errors import UnknownSiteError
from routing.plan import Plan, plan
from routing.posture import Posture, posture
from routing.reach import hanging
from tests.routing.brute import graph_of, ways
from tests.routing.plant import Plant, Seed
from tests.routing.test_routing_explain import CLUSTER_RULES, Judged, failing, verdicts

ACTIONS = {"conduit": "bury", "encryption": "encrypt", "accreditation": "certify"}
BLOCKS = range(4)
Fixed = frozenset[tuple[str, str]]


class World:
    """One judged case, its clusters, and its own reading of what may be used."""

    def __init__(self, seed: int, *, limited: bool = False) -> None:
        self.judged = Judged(seed, limited=limited)
        case, network = self.judged.case, self.judged.case.network
        self.network, self.limits = network, self.judged.limits
        self.clusters = sorted(case.names)[:4]
        self.judgement = {
            "span": self.judged.spans,
            "site": self.judged.sites,
            "cluster": self.judged.clusters,
        }
        self.barriers: Barriers = barriers(
            case.topology, self.judged.spans, self.judged.sites, self.judged.clusters, self.limits
        )

    def bad(self, kind: str, name: str, fixed: Fixed) -> bool:
        return (kind, name) not in fixed and bool(failing(self.judgement[kind], name))

    def graph(self, fixed: Fixed = frozenset()) -> "nx.MultiDiGraph[str]":
        spans = np.array([not self.bad("span", s.id, fixed) for s in self.network.spans])
        sites = np.array([not self.bad("site", s.id, fixed) for s in self.network.sites])
        for place, span in enumerate(self.network.spans):
            unclear = self.limits.operators is not None and span.operator is None
            sealed = span.encryption
            clear = sealed and (sealed.layer == "none" or sealed.segment or sealed.scope)
            unclear |= self.limits.decryption_points is not None and not clear
            spans[place] &= not unclear
        return graph_of(self.network, spans, sites)

    def pairs(
        self, fixed: Fixed = frozenset(), *, span: str = "", site: str = ""
    ) -> set[tuple[str, str]]:
        graph = self.graph(fixed)
        graph.remove_edges_from([edge for edge in graph.edges(keys=True) if edge[2] == span])
        graph.remove_nodes_from([site])
        return {
            (a, b)
            for a, b in permutations(self.clusters, 2)
            if a in graph
            and b in graph
            and nx.has_path(graph, a, b)
            and not self.bad("cluster", b, fixed)
        }

    @property
    def posture(self) -> Posture:
        return posture(self.barriers, self.limits, self.clusters)

    @property
    def plan(self) -> Plan:
        return plan(self.barriers, self.clusters, ACTIONS)

    def mendable(self, *, curable: set[str]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for kind, judged in self.judgement.items():
            for place, name in enumerate(judged.subjects):
                said = judged.of(place)
                no = {rule for rule, verdict in said.items() if verdict is Verdict.NO}
                if any(v is not Verdict.YES for v in said.values()) and no <= curable:
                    found.append((kind, name))
        return found


def sweep(block: int, size: int) -> list[int]:
    return list(range(80_000 + block * size, 80_000 + (block + 1) * size))


@pytest.mark.parametrize("block", BLOCKS)
def test_pairs_have_the_verdict_that_all_simple_paths_have(block: int) -> None:
    seen: set[str] = set()
    for seed in sweep(block, 60):
        world = World(seed, limited=bool(seed % 2))
        joined, graph = world.pairs(), world.graph()
        found = world.posture
        assert len(found.pairs) == len(world.clusters) * (len(world.clusters) - 1)
        for pair in found.pairs:
            here = (pair.source, pair.target)
            kept = [way.km for way in ways(graph, here[0], [here[1]]) if way.keeps(world.limits)]
            expected = "no" if here not in joined else "yes" if kept else "limits"
            assert pair.verdict == expected, seed
            assert pair.km == (min(kept) if expected == "yes" else None), seed
            seen.add(expected)
        assert found.joined == len(joined)
    assert seen == {"yes", "no", "limits"}


@pytest.mark.parametrize("block", BLOCKS)
def test_single_points_are_those_whose_loss_parts_a_pair(block: int) -> None:
    told = 0
    for seed in sweep(block, 60):
        world = World(seed)
        before = world.pairs()
        expected = {}
        for span in world.network.spans:
            expected["span", span.id] = len(before - world.pairs(span=span.id))
        for site in world.network.sites:
            lost = before - world.pairs(site=site.id)
            expected["site", site.id] = sum(site.id not in pair for pair in lost)
        found = {(point.kind, point.id): point.pairs for point in world.posture.points}
        assert found == {key: pairs for key, pairs in expected.items() if pairs}, seed
        told += len(found)
    assert told > 50


@pytest.mark.parametrize("block", BLOCKS)
def test_openings_say_what_recording_one_subject_well_would_open(block: int) -> None:
    for seed in sweep(block, 60):
        world = World(seed)
        before = world.pairs()
        subjects = world.mendable(curable=set())
        expected = {s: len(world.pairs(frozenset({s}))) - len(before) for s in subjects}
        found = world.posture
        assert {(row.kind, row.id): row.pairs for row in found.openings} == expected, seed
        assert found.if_recorded == len(world.pairs(frozenset(subjects))), seed


def test_a_walk_finds_the_points_of_every_pair_of_sites() -> None:
    for seed in range(400):
        case = Seed(90_000 + seed)
        masked = case.topology.cut(case.spans, case.sites)
        graph = graph_of(case.network, case.spans, case.sites)
        source, target = case.source, case.targets[0]
        found = hanging(masked, case.topology.site_index[source], case.topology.site_index[target])
        every = list(ways(graph, source, [target]))
        if not every:
            assert found is None or not masked.sites[case.topology.site_index[source]], seed
            continue
        assert found is not None
        spans = set.intersection(*({*way.ids} for way in every))
        between = set.intersection(*({*way.sites[1:-1]} for way in every))
        assert {case.network.spans[place].id for place in found[0]} == spans, seed
        assert {case.network.sites[place].id for place in found[1]} == between, seed


@pytest.mark.parametrize("block", BLOCKS)
def test_every_step_opens_the_pairs_it_names_and_the_list_ends_at_the_ceiling(block: int) -> None:
    stepped = 0
    for seed in sweep(block, 40):
        world, found = World(seed), World(seed).plan
        subjects = frozenset(world.mendable(curable=set(ACTIONS)))
        everything, joined = world.pairs(subjects), world.pairs()
        assert found.now == len(joined), seed
        assert found.ceiling == len(everything), seed
        every = set(permutations(world.clusters, 2))
        assert set(found.never) == every - everything, seed
        made: Fixed = frozenset()
        for step in found.steps:
            made |= {(upgrade.kind, upgrade.id) for upgrade in step.upgrades}
            assert made <= subjects
            after = world.pairs(made)
            assert set(step.opens) == after - joined, seed
            assert step.demand == len(step.opens) > 0
            joined = after
            stepped += 1
        assert joined == everything, seed
    assert stepped > 20


def test_the_fewest_upgrades_of_a_pair_are_the_fewest_by_trying_all() -> None:
    checked = 0
    for seed in sweep(9, 60):
        world = World(seed)
        subjects = world.mendable(curable=set(ACTIONS))
        for pair, fewest in world.plan.fewest.items():
            if fewest > 3 or len(subjects) > 12:
                continue
            for size in range(fewest + 1):
                tried = any(
                    pair in world.pairs(frozenset(some)) for some in combinations(subjects, size)
                )
                assert tried == (size == fewest), (seed, pair)
            checked += 1
    assert checked > 30


def test_each_step_is_the_best_per_upgrade_among_the_fewest_of_every_pair() -> None:
    for seed in sweep(10, 60):
        world, found = World(seed), World(seed).plan
        before = world.pairs()
        ratios = [step.demand / len(step.upgrades) for step in found.steps[:1]]
        for pair, fewest in found.fewest.items():
            assert pair not in before
            assert ratios[0] >= 1 / fewest, seed


def line() -> tuple[Plant, dict[str, list[Verdict]]]:
    plant = Plant().span("ab", "a", "b", 5).span("bc", "b", "c", 7).span("ad", "a", "d", 9)
    return plant, {"ab": [Verdict.NO], "bc": [Verdict.UNKNOWN], "ad": [Verdict.NO]}


def judged(demand: dict[tuple[str, str], float] | None = None) -> Plan:
    plant, spans = line()
    rows = verdicts(("conduit",), "span", ["ab", "ad", "bc"], [[0, 0, 2]])
    assert [spans[name] for name in ("ab", "ad", "bc")] == [[0], [0], [2]]
    sites = verdicts(("site",), "site", ["a", "b", "c", "d"], [[1] * 4])
    found = barriers(plant.topology(), rows, sites, None, Limits())
    return plan(found, ["a", "c", "d"], {"conduit": "bury"}, demand)


def test_upgrades_say_what_to_do_and_demand_decides_what_comes_first() -> None:
    first, second = judged().steps
    assert [(u.id, u.actions, u.km) for u in first.upgrades] == [("ad", ("bury",), 9)]
    assert [(u.id, u.actions) for u in second.upgrades] == [("ab", ("bury",)), ("bc", ("record",))]
    wanted = judged({("a", "c"): 10})
    assert [u.id for u in wanted.steps[0].upgrades] == ["ab", "bc"]
    assert (wanted.now, wanted.ceiling) == (0, 15)
    printed = json.loads(json.dumps(wanted.to_json()))
    assert printed["steps"][0]["opens"] == [["a", "c"], ["c", "a"]]
    assert ["a", "c", 2] in printed["fewest"]


def test_what_nobody_can_upgrade_stays_as_it_is() -> None:
    plant, _ = line()
    rows = verdicts(("conduit",), "span", ["ab", "ad", "bc"], [[0, 0, 2]])
    sites = verdicts(("site",), "site", ["a", "b", "c", "d"], [[1] * 4])
    found = barriers(plant.topology(), rows, sites, None, Limits())
    made = plan(found, ["a", "c", "d"], {"conduit": "bury"}, fixed=[("span", "ab")])
    assert (made.ceiling, len(made.steps)) == (2, 1)
    assert set(made.never) == {("a", "c"), ("c", "a"), ("c", "d"), ("d", "c")}


def test_what_was_never_judged_is_neither_an_opening_nor_an_upgrade() -> None:
    plant, _ = line()
    none = verdicts((), "span", [], [])
    sites = verdicts(("site",), "site", ["a", "b", "c", "d"], [[1] * 4])
    found = barriers(plant.topology(), none, sites, None, Limits())
    assert UNJUDGED in found.rules
    assert posture(found, Limits(), ["a", "c"]).openings == ()
    assert plan(found, ["a", "c"], {UNJUDGED: "judge"}).steps == ()


def test_an_unknown_cluster_is_refused() -> None:
    world = World(1)
    assert CLUSTER_RULES
    for ask in (
        lambda: posture(world.barriers, Limits(), ["nowhere"]),
        lambda: plan(world.barriers, ["nowhere"], {}),
    ):
        with pytest.raises(UnknownSiteError):
            ask()


def test_what_cannot_be_settled_is_undetermined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.labels.MOST_LABELS", 0)
    plant = Plant().span("ab", "a", "b", 1, operator="x").span("bc", "b", "c", 1, operator="y")
    rows = verdicts(("conduit",), "span", ["ab", "bc"], [[1, 1]])
    sites = verdicts(("site",), "site", ["a", "b", "c"], [[1] * 3])
    limits = Limits(operators=1)
    found = posture(barriers(plant.topology(), rows, sites, None, limits), limits, ["a", "c"])
    assert {pair.verdict for pair in found.pairs} == {"undetermined"}
    assert json.loads(json.dumps(found.to_json()))["reachable"] == 0


def test_more_rules_than_a_machine_word_holds_are_folded_alike() -> None:
    names = tuple(f"rule{number:02}" for number in range(70))
    status = np.ones((70, 3), dtype=np.int64)
    status[69, 0], status[3, 1], status[65, 2] = Verdict.NO, Verdict.UNKNOWN, Verdict.UNKNOWN
    plant, _ = line()
    rows = verdicts(names, "span", ["ab", "ad", "bc"], status)
    sites = verdicts(("site",), "site", ["a", "b", "c", "d"], [[1] * 4])
    found = barriers(plant.topology(), rows, sites, None, Limits())
    assert [found.names(rules) for rules in found.spans.violated] == [["rule69"], [], []]
    assert [found.names(rules) for rules in found.spans.unknown] == [[], ["rule03"], ["rule65"]]
