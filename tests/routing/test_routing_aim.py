"""Other objectives and mandatory sites, against every simple path."""

from collections.abc import Callable

import numpy as np
import pytest

from policy.constraints import Limits
from routing.errors import UnknownSiteError
from routing.search import Aim, Found, NoPath, Objective, find
from tests.routing.brute import Way, graph_of, left_to_right, ways
from tests.routing.plant import Plant, Seed

BLOCKS = range(4)


def ms(way: Way) -> float:
    return left_to_right(
        [0.0049 * s.km if s.latency_ms is None else s.latency_ms for s in way.spans]
    )


WORTH: dict[Objective, Callable[[Way], float]] = {
    Objective.KM: lambda way: way.km,
    Objective.MS: ms,
    Objective.HOPS: lambda way: len(way.spans),
    Objective.OPERATORS: lambda way: len({span.operator for span in way.spans}),
}


def drawn(case: Seed) -> Aim:
    others = [name for name in case.names if name != case.source]
    via = tuple(case.random.permutation(others)[: case.random.integers(0, 3)].tolist())
    rest = [name for name in others if name not in via]
    avoid = tuple(case.random.permutation(rest)[: case.random.integers(0, 2)].tolist())
    return Aim(case.pick(*Objective), via, avoid)


def fitting(case: Seed, aim: Aim, limits: Limits) -> list[Way]:
    graph = graph_of(case.network, case.spans, case.sites)
    graph.remove_nodes_from(aim.avoid)
    found = (way for way in ways(graph, case.source, case.targets) if way.keeps(limits))
    counted = aim.objective is Objective.OPERATORS
    return [
        way
        for way in found
        if {*aim.via} <= {*way.sites}
        and not (counted and any(span.operator is None for span in way.spans))
    ]


def ask(case: Seed, aim: Aim, limits: Limits, k: int = 1) -> Found | NoPath:
    return find(
        case.topology,
        spans=case.spans,
        sites=case.sites,
        source=case.source,
        targets=case.targets,
        limits=limits,
        k=k,
        aim=aim,
    )


@pytest.mark.parametrize("small", [0, 300])
@pytest.mark.parametrize("block", BLOCKS)
def test_the_best_path_is_the_best_of_all_simple_paths(
    block: int, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("routing.topology.SMALL", small)
    answered = 0
    for seed in range(block * 250, block * 250 + 250):
        case = Seed(130_000 + seed)
        limits = case.limits(0.2) if seed % 2 else Limits()
        aim = drawn(case)
        fit = fitting(case, aim, limits)
        found = ask(case, aim, limits)
        if not fit:
            assert found == NoPath(), seed
            continue
        assert isinstance(found, Found), seed
        worth = WORTH[aim.objective]
        path = found.paths[0]
        (own,) = [way for way in fit if way.ids == path.spans]
        best = min((worth(way), way.km, len(way.spans)) for way in fit)
        assert (worth(own), own.km, len(own.spans)) == pytest.approx(best, rel=1e-12), seed
        answered += 1
    assert answered > 60


@pytest.mark.parametrize("block", BLOCKS)
def test_the_k_best_are_the_first_k_in_their_order(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        case = Seed(140_000 + seed)
        limits = case.limits(0.15)
        aim = drawn(case)
        fit = fitting(case, aim, limits)
        k = int(case.random.integers(2, 20))
        found = ask(case, aim, limits, k)
        paths = found.paths if isinstance(found, Found) else ()
        worth = WORTH[aim.objective]
        by_ids = {way.ids: way for way in fit}
        given = [by_ids[path.spans] for path in paths]
        assert len({way.ids for way in given}) == len(given), seed
        expected = sorted((worth(way), way.km) for way in fit)[:k]
        own = [(worth(way), way.km) for way in given]
        assert len(own) == len(expected), seed
        assert np.ravel(own) == pytest.approx(np.ravel(expected)), seed


def test_a_dead_end_is_no_way_by() -> None:
    topology = Plant().span("ab", "a", "b").span("bc", "b", "c").span("bx", "b", "x").topology()
    asked = {
        "spans": np.ones(3, np.bool_),
        "sites": np.ones(4, np.bool_),
        "source": "a",
        "targets": ["c"],
        "limits": Limits(),
    }
    assert find(topology, aim=Aim(via=("x",)), **asked) == NoPath()  # type: ignore[arg-type]
    found = find(topology, aim=Aim(via=("b", "a", "c")), **asked)  # type: ignore[arg-type]
    assert isinstance(found, Found)
    for avoid in ("a", "b", "c"):
        assert find(topology, aim=Aim(avoid=(avoid,)), **asked) == NoPath()  # type: ignore[arg-type]


def test_what_cannot_be_asked_is_refused() -> None:
    case = Seed(3)
    for aim in (Aim(via=("zz",)), Aim(avoid=("zz",))):
        with pytest.raises(UnknownSiteError):
            ask(case, aim, Limits())
    with pytest.raises(ValueError, match="protected pair"):
        find(
            case.topology,
            spans=case.spans,
            sites=case.sites,
            source=case.source,
            targets=case.targets,
            limits=Limits(),
            protect="span",
            aim=Aim(Objective.MS),
        )


def test_beyond_the_allowance_mandatory_sites_are_undetermined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routing.labels.MOST_LABELS", 3)
    found = ask(Seed(3), Aim(via=(Seed(3).targets[0],)), Limits())
    assert found in (NoPath(undetermined=True), NoPath())
