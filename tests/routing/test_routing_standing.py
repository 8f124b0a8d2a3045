"""Standing paths against a check of each by itself, on networks that changed under them."""

from dataclasses import replace

import numpy as np
import pytest

from policy.constraints import Limits
from routing.barriers import Failing, barriers
from routing.diff import difference
from routing.network import Network
from routing.observed import compare
from routing.paths import Path
from routing.standing import GONE, Baseline, Cause, Standing, bits_of
from routing.topology import Topology
from tests.routing.brute import graph_of, ways
from tests.routing.plant import Plant, Seed
from tests.routing.test_routing_explain import Judged, failing


def every_baseline(case: Seed) -> list[Baseline]:
    network = case.network
    graph = graph_of(
        network, np.ones(len(network.spans), np.bool_), np.ones(len(network.sites), np.bool_)
    )
    found = [
        Baseline(way.sites, way.ids)
        for source in case.names[:2]
        for way in ways(graph, source, [name for name in case.names if name != source])
    ]
    return found[:200]


def changed(network: Network, case: Seed) -> Network:
    """Lose some spans and sites, and turn others round."""
    sites = tuple(site for site in network.sites if case.chance(0.93))
    there = {site.id for site in sites}
    spans = []
    for span in network.spans:
        if {span.source, span.target} <= there and case.chance(0.9):
            turned = replace(span, source=span.target, target=span.source)
            spans.append(turned if case.chance(0.2) else span)
    return Network(network.name, 2, sites, tuple(spans))


def leads(network: Network, baseline: Baseline) -> bool:
    spans = {span.id: span for span in network.spans}
    there = {site.id for site in network.sites}
    for name, tail, head in zip(baseline.spans, baseline.sites, baseline.sites[1:], strict=False):
        ends = [(spans[name].source, spans[name].target)] if name in spans else []
        if ends and not spans[name].directed:
            ends.append(ends[0][::-1])
        if (tail, head) not in ends:
            return False
    return set(baseline.sites) <= there


@pytest.mark.parametrize("block", range(4))
def test_the_paths_that_fail_are_those_that_fail_one_by_one(block: int) -> None:
    lost = barred = 0
    for seed in range(block * 40, block * 40 + 40):
        judged = Judged(110_000 + seed, limited=False)
        baselines = every_baseline(judged.case)
        after = changed(judged.case.network, judged.case)
        topology = Topology(after)
        found = barriers(topology, judged.spans, judged.sites, None, Limits())
        standing = Standing(topology, baselines)
        failed = standing.recheck(bits_of(found.spans), bits_of(found.sites))
        for place, baseline in enumerate(baselines):
            expected = set[str]().union(
                *(failing(judged.spans, span) for span in baseline.spans),
                *(failing(judged.sites, site) for site in baseline.sites),
            )
            gone = not leads(after, baseline)
            assert bool(failed[place] & GONE) == gone, seed
            causes = standing.causes(place, found.spans, found.sites, found.rules)
            assert bool(causes) == bool(failed[place])
            assert any(not cause.rules for cause in causes) == gone
            lost += gone
            if not gone:
                assert set(found.names(int(failed[place]))) == expected, seed
                assert set().union(*(cause.rules for cause in causes)) == expected
                barred += bool(expected)
    assert min(lost, barred) > 100


def test_only_what_a_label_asks_counts_but_a_path_that_is_gone_always_does() -> None:
    plant = Plant().span("ab", "a", "b").span("bc", "b", "c")
    standing = Standing(
        plant.topology(),
        [Baseline(("a", "b", "c"), ("ab", "bc")), Baseline(("a", "b"), ("old",))],
    )
    spans = bits_of(Failing([1, 2], [0, 4]))
    sites = bits_of(Failing.none(3))
    assert standing.recheck(spans, sites).tolist() == [7, int(GONE)]
    asked = np.array([2, 0], dtype=np.uint64)
    assert standing.recheck(spans, sites, asked).tolist() == [2, int(GONE)]


def test_the_change_that_did_it_is_named_or_it_was_the_policy() -> None:
    before = Plant().span("ab", "a", "b", conduit="buried").network()
    after = Plant().span("ab", "a", "b", conduit="aerial").network()
    cause = Cause("span", "ab", ("conduit",))
    change = cause.change(difference(before, after))
    assert change is not None
    assert change.attributes == (("conduit", "buried", "aerial"),)
    assert cause.change(difference(before, before)) is None
    assert cause.to_json() == {"kind": "span", "id": "ab", "rules": ["conduit"]}


def test_the_paths_over_a_span_are_all_found() -> None:
    for seed in range(40):
        case = Seed(120_000 + seed)
        baselines = every_baseline(case)
        standing = Standing(case.topology, baselines)
        for place, span in enumerate(case.network.spans):
            expected = [n for n, baseline in enumerate(baselines) if span.id in baseline.spans]
            assert standing.passing(place).tolist() == expected, seed


def test_no_paths_and_no_network_are_legal() -> None:
    empty = Topology(Network("", 0, (), ()))
    none = np.zeros(0, dtype=np.uint64)
    assert Standing(empty, []).recheck(none, none).tolist() == []
    gone = Standing(empty, [Baseline(("a", "b"), ("ab",))])
    assert gone.recheck(none, none).tolist() == [int(GONE)]


def test_more_rules_than_bits_are_refused() -> None:
    with pytest.raises(ValueError, match="63"):
        bits_of(Failing([1 << 63], [0]))


def observed() -> tuple[Topology, Path]:
    plant = Plant().site("d", jurisdiction="TW")
    plant.span("ab", "a", "b", jurisdictions=["JP"]).span("bc", "b", "c", jurisdictions=["JP"])
    plant.span("ad", "a", "d", jurisdictions=["JP", "TW"]).span("dc", "d", "c")
    topology = plant.topology()
    return topology, Path.of(topology, "a", ["ab", "bc"])


def test_the_permitted_hops_in_order_agree() -> None:
    topology, path = observed()
    assert compare(topology, path, sites=["a", "b", "c"]).agrees
    assert compare(topology, path, spans=["ab", "bc"]).agrees


def test_a_detour_is_told_with_the_jurisdictions_that_it_adds() -> None:
    topology, path = observed()
    found = compare(topology, path, sites=["a", "d", "c"])
    assert found.to_json() == {
        "agrees": False,
        "missing": ["b"],
        "foreign": ["d"],
        "strangers": [],
        "jurisdictions": ["TW"],
        "at": 1,
    }
    by_spans = compare(topology, path, spans=["ad", "zz"])
    assert (by_spans.foreign, by_spans.strangers) == (("ad", "zz"), ("zz",))
    assert by_spans.jurisdictions == ("TW",)


@pytest.mark.parametrize(
    ("seen", "at"),
    [(["a", "b"], 2), (["a", "c", "b"], 1), (["a", "b", "c", "b"], 3), ([], 0), (["b", "c"], 0)],
)
def test_hops_left_out_repeated_or_in_another_order_do_not_agree(seen: list[str], at: int) -> None:
    topology, path = observed()
    found = compare(topology, path, sites=seen)
    assert not found.agrees
    assert found.at == at
    assert found.foreign == ()


def test_sites_and_spans_are_not_compared_at_once() -> None:
    topology, path = observed()
    for wrong in ({}, {"sites": ["a"], "spans": ["ab"]}):
        with pytest.raises(ValueError, match="either"):
            compare(topology, path, **wrong)  # type: ignore[arg-type]
