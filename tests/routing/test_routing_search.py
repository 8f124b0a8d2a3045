"""The search against brute force: same verdict, same length, on thousands of small networks."""

import pytest

from policy.constraints import Limits
from routing.paths import Path
from routing.search import Found, NoPath, find
from tests.routing.brute import graph_of, pairs, ways
from tests.routing.plant import Seed

BLOCKS = range(4)


def sweep(block: int, size: int) -> range:
    return range(block * size, (block + 1) * size)


@pytest.fixture(params=["plain", "scipy"], autouse=True)
def trees(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every claim holds for the trees of small networks and for those of large ones."""
    monkeypatch.setattr("routing.topology.SMALL", 300 if request.param == "plain" else 0)


@pytest.mark.parametrize("block", BLOCKS)
def test_the_shortest_compliant_path_is_found_or_none_exists(block: int) -> None:
    for seed in sweep(block, 400):
        case = Seed(seed)
        limits = case.limits() if seed % 2 else Limits()
        graph = graph_of(case.network, case.spans, case.sites)
        fit = [way for way in ways(graph, case.source, case.targets) if way.keeps(limits)]
        found = find(
            case.topology,
            spans=case.spans,
            sites=case.sites,
            source=case.source,
            targets=case.targets,
            limits=limits,
        )
        if not fit:
            assert found == NoPath(), seed
            continue
        assert isinstance(found, Found), seed
        best = min((way.km, len(way.spans)) for way in fit)
        path = found.paths[0]
        assert (path.km, path.hops) == best, seed
        assert path.spans in {way.ids for way in fit}, seed


@pytest.mark.parametrize("block", BLOCKS)
def test_the_k_best_are_the_first_k_of_all_compliant_paths(block: int) -> None:
    for seed in sweep(block, 200):
        case = Seed(10_000 + seed)
        limits = case.limits(0.25)
        graph = graph_of(case.network, case.spans, case.sites)
        fit = [way for way in ways(graph, case.source, case.targets) if way.keeps(limits)]
        k = int(case.random.integers(2, 40))
        found = find(
            case.topology,
            spans=case.spans,
            sites=case.sites,
            source=case.source,
            targets=case.targets,
            limits=limits,
            k=k,
        )
        paths = found.paths if isinstance(found, Found) else ()
        assert [path.km for path in paths] == sorted(way.km for way in fit)[:k], seed
        given = [path.spans for path in paths]
        assert len(set(given)) == len(given), seed
        assert set(given) <= {way.ids for way in fit}, seed


@pytest.mark.parametrize("protect", ["span", "node", "srlg"])
@pytest.mark.parametrize("limited", [False, True])
def test_a_protected_pair_is_the_shortest_there_is(protect: str, limited: bool) -> None:  # noqa: FBT001
    for seed in range(300):
        case = Seed(20_000 + seed, most_sites=6)
        limits = case.limits(0.2) if limited else Limits()
        graph = graph_of(case.network, case.spans, case.sites)
        fit = list(pairs(graph, case.source, case.targets, limits, protect))
        found = find(
            case.topology,
            spans=case.spans,
            sites=case.sites,
            source=case.source,
            targets=case.targets,
            limits=limits,
            protect=protect,
        )
        if not fit:
            assert found == NoPath(), seed
            continue
        assert isinstance(found, Found), seed
        assert found.bound_km is None
        best = min(one.km + two.km for one, two in fit)
        assert sum(path.km for path in found.paths) == pytest.approx(best), seed
        _agrees(found.paths, [{one.ids, two.ids} for one, two in fit])


def _agrees(paths: tuple[Path, ...], fit: list[set[tuple[str, ...]]]) -> None:
    working, protecting = paths
    assert working.km <= protecting.km
    assert {working.spans, protecting.spans} in fit


def test_both_kinds_of_trees_give_the_same_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(200):
        case = Seed(70_000 + seed)
        masked = case.topology.cut(case.spans, case.sites)
        source = case.topology.site_index[case.source]
        targets = [case.topology.site_index[target] for target in case.targets]
        found = []
        for small in (0, 300):
            monkeypatch.setattr("routing.topology.SMALL", small)
            onwards, back = masked.from_source(source), masked.to_targets(targets)
            found.append((onwards.tolist(), back.tolist()))
        assert found[0] == found[1], seed
