"""What happens when an answer is hard: exact programming, fixed allowances, honest bounds."""

import numpy as np
import pytest

from policy.constraints import Limits
from routing.kbest import compliant_ways
from routing.labels import LabelSearch, UnsettledError
from routing.search import Found, NoPath, find
from routing.topology import Topology
from tests.routing.brute import graph_of, pairs
from tests.routing.plant import Plant, Seed


def ask(case: Seed, limits: Limits, **how: object) -> Found | NoPath:
    return find(
        case.topology,
        spans=case.spans,
        sites=case.sites,
        source=case.source,
        targets=case.targets,
        limits=limits,
        **how,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("protect", ["span", "node", "srlg"])
def test_the_programme_alone_gives_the_same_pairs(
    protect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.protect.MOST_TRIED", 0)
    solved = 0
    for seed in range(160):
        case = Seed(60_000 + seed, most_sites=6)
        limits = case.limits(0.3)
        graph = graph_of(case.network, case.spans, case.sites)
        fit = list(pairs(graph, case.source, case.targets, limits, protect))
        found = ask(case, limits, protect=protect)
        best = min((one.km + two.km for one, two in fit), default=np.inf)
        if isinstance(found, NoPath):
            assert not fit or (found.undetermined and limits.decryption_points is not None), seed
            continue
        solved += 1
        total = sum(path.km for path in found.paths)
        names = {found.paths[0].spans, found.paths[1].spans}
        assert names in [{one.ids, two.ids} for one, two in fit], seed
        if found.bound_km is None:
            assert total == pytest.approx(best), seed
        else:
            assert found.bound_km <= best + 1e-6 <= total + 2e-6, seed
    assert solved > 20


def ladder(rungs: int) -> Topology:
    """A ladder whose rails and rungs have many operators: the hard case for an operator limit."""
    plant = Plant()
    for place in range(rungs):
        for rail in "lr":
            start, end = f"{rail}{place}", f"{rail}{place + 1}"
            plant.span(f"{rail}{place}", start, end, 1 + place % 3, operator=f"{rail}{place}")
        plant.span(f"x{place}", f"l{place}", f"r{place}", 1, operator=f"x{place}")
    return plant.topology()


def test_an_answer_beyond_the_allowance_is_undetermined_and_not_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routing.labels.MOST_LABELS", 50)
    topology = ladder(12)
    asked = {
        "spans": np.ones(36, dtype=np.bool_),
        "sites": np.ones(26, dtype=np.bool_),
        "source": "l0",
        "targets": ["r12"],
    }
    beyond = find(topology, limits=Limits(operators=5), **asked)  # type: ignore[arg-type]
    assert beyond == NoPath(undetermined=True)
    k_best = find(topology, limits=Limits(), k=40, **asked)  # type: ignore[arg-type]
    assert k_best == NoPath(undetermined=True)


def test_a_pair_that_cannot_be_proven_best_carries_its_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant = Plant()
    for name, km, risk in (("a", 1, "g"), ("b", 2, "g"), ("c", 9, "h"), ("d", 10, "i")):
        plant.span(name, "s", "t", km, risk_groups=[risk])
    topology = plant.topology()
    asked = {
        "spans": np.ones(4, dtype=np.bool_),
        "sites": np.ones(2, dtype=np.bool_),
        "source": "s",
        "targets": ["t"],
        "limits": Limits(),
        "protect": "srlg",
    }
    proven = find(topology, **asked)  # type: ignore[arg-type]
    assert isinstance(proven, Found)
    assert [path.spans for path in proven.paths] == [("a",), ("c",)]
    assert proven.bound_km is None
    monkeypatch.setattr("routing.protect.MOST_TRIED", 1)
    monkeypatch.setattr("routing.protect.MOST_ARCS", 0)
    bounded = find(topology, **asked)  # type: ignore[arg-type]
    assert isinstance(bounded, Found)
    assert bounded.bound_km == 4
    monkeypatch.setattr("routing.protect.MOST_TRIED", 0)
    assert find(topology, **asked) == NoPath(undetermined=True)  # type: ignore[arg-type]


def test_the_allowance_is_shared_by_all_runs_of_one_search() -> None:
    topology = ladder(6)
    masked = topology.cut(np.ones(18, dtype=np.bool_), np.ones(14, dtype=np.bool_))
    search = LabelSearch(masked, Limits(), [topology.site_index["r6"]], allowance=300)
    with pytest.raises(UnsettledError):
        list(compliant_ways(search, topology.site_index["l0"]))


def test_an_empty_network_is_legal_and_leads_nowhere() -> None:
    topology = Plant().site("a").site("b").topology()
    none, both = np.ones(0, dtype=np.bool_), np.ones(2, dtype=np.bool_)
    asked = {"source": "a", "targets": ["b"], "limits": Limits()}
    for how in ({}, {"k": 3}, {"protect": "span"}, {"protect": "node"}, {"protect": "srlg"}):
        found = find(topology, spans=none, sites=both, **asked, **how)  # type: ignore[arg-type]
        assert found == NoPath()
