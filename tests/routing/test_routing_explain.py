"""Explanations against brute force: cuts, fixes, waivers and limits, each by independent code."""

from dataclasses import dataclass, replace
from functools import cached_property

import networkx as nx
import numpy as np
import pytest

from policy.canonical import canonical
from policy.constraints import Limits
from policy.metadata import Rule
from policy.verdicts import Code, Finding, Verdict, Verdicts
from routing.explain import Blocked, Explanation, check_cut, explain
from routing.search import Found, find
from tests.routing.brute import Way, decryptions, graph_of, left_to_right, ways
from tests.routing.plant import Plant, Seed

SPAN_RULES = ("conduit", "encryption", "operator", "residency")
SITE_RULES = ("accreditation", "residency")
CLUSTER_RULES = ("placement", "operator")
UNWAIVABLE = "residency"
BLOCKS = range(4)


def rule(name: str, subject: str) -> Rule:
    return Rule(
        name=name,
        subject=subject,
        reads=(),
        waivable=name != UNWAIVABLE,
        basis="policy",
        citation="",
        certainty="P",
        title=name,
        remedy="",
    )


def verdicts(names: tuple[str, ...], kind: str, subjects: list[str], status: object) -> Verdicts:
    each = tuple(
        Finding(verdict, () if verdict is Verdict.YES else (Code("x"),)) for verdict in Verdict
    )
    return Verdicts(
        rules=tuple(rule(name, kind) for name in names),
        subjects=tuple(subjects),
        profile=np.asarray(status, dtype=np.int64).reshape(len(names), len(subjects)),
        findings=(each,) * len(names),
    )


class Judged:
    """One generated case with its verdicts, and what brute force says of it."""

    def __init__(self, seed: int, *, limited: bool) -> None:
        self.case = Seed(seed, most_sites=6)
        network = self.case.network
        self.limits = self.case.limits(0.25) if limited else Limits()
        self.spans = self._judge(SPAN_RULES, "span", [span.id for span in network.spans], 0.16)
        self.sites = self._judge(SITE_RULES, "site", [site.id for site in network.sites], 0.05)
        self.clusters = self._judge(CLUSTER_RULES, "cluster", sorted(self.case.names), 0.1)

    def _judge(self, names: tuple[str, ...], kind: str, ids: list[str], fails: float) -> Verdicts:
        random = self.case.random
        wrong = random.choice([Verdict.NO, Verdict.UNKNOWN], size=(len(names), len(ids)))
        status = np.where(random.random(wrong.shape) < fails, wrong, Verdict.YES)
        return verdicts(names, kind, ids, status)

    @cached_property
    def explanation(self) -> Explanation:
        return explain(
            self.case.topology,
            self.spans,
            self.sites,
            self.clusters,
            source=self.case.source,
            targets=self.case.targets,
            limits=self.limits,
        )

    @cached_property
    def all_ways(self) -> list["Failed"]:
        network = self.case.network
        everything = np.ones(100, dtype=np.bool_)
        graph = graph_of(
            network, everything[: len(network.spans)], everything[: len(network.sites)]
        )
        found = ways(graph, self.case.source, self.case.targets)
        return [self._failed(way) for way in found]

    def _failed(self, way: Way) -> "Failed":
        spans = {span: failing(self.spans, span) for span in way.ids}
        places = set[str]().union(*(failing(self.sites, site) for site in way.sites))
        places |= failing(self.clusters, way.sites[-1])
        rules = places.union(*spans.values())
        barred = frozenset(span for span, names in spans.items() if names)
        return Failed(way, rules, barred, bool(places))

    @property
    def compliant(self) -> bool:
        return any(not f.rules and f.way.keeps(self.limits) for f in self.all_ways)


@dataclass(frozen=True)
class Failed:
    way: Way
    rules: set[str]
    barred: frozenset[str]
    places: bool


def failing(judged: Verdicts, subject: str) -> set[str]:
    place = judged.subjects.index(subject)
    return {name for name, verdict in judged.of(place).items() if verdict is not Verdict.YES}


def sweep(block: int, size: int, *, limited: bool) -> list[Judged]:
    start = 40_000 + block * size
    return [Judged(seed, limited=limited) for seed in range(start, start + size)]


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("block", BLOCKS)
def test_the_waiver_is_the_smallest_that_helps_and_never_touches_the_unwaivable(
    block: int,
    limited: bool,  # noqa: FBT001
) -> None:
    for judged in sweep(block, 120, limited=limited):
        useful = [
            found
            for found in judged.all_ways
            if UNWAIVABLE not in found.rules and found.way.keeps(judged.limits)
        ]
        waiver = judged.explanation.minimum_waiver
        if not useful or judged.compliant:
            assert waiver is None
            continue
        assert waiver is not None
        assert waiver.path is not None
        assert len(waiver.rules) == min(len(found.rules) for found in useful)
        opened = [found.way.km for found in useful if found.rules <= set(waiver.rules)]
        assert waiver.path.km == min(opened)
        assert set(waiver.violated) | set(waiver.unknown) == set(waiver.rules)


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("block", BLOCKS)
def test_the_fixes_are_exactly_the_spans_whose_admission_alone_helps(
    block: int,
    limited: bool,  # noqa: FBT001
) -> None:
    for judged in sweep(block, 120, limited=limited):
        if judged.compliant:
            continue
        expected: dict[str, float] = {}
        for found in judged.all_ways:
            if len(found.barred) == 1 and not found.places and found.way.keeps(judged.limits):
                (span,) = found.barred
                expected[span] = min(found.way.km, expected.get(span, np.inf))
        fixes = judged.explanation.single_span_fixes
        assert {fix.span.span: fix.km for fix in fixes} == expected
        for fix in fixes:
            named = {*fix.span.violated, *fix.span.unknown}
            assert named == failing(judged.spans, fix.span.span)


@pytest.mark.parametrize("limited", [False, True])
def test_the_cut_is_a_valid_certificate_of_the_fewest_elements(limited: bool) -> None:  # noqa: FBT001
    cuts = 0
    for judged in sweep(9, 400, limited=limited):
        cut = judged.explanation.blocking_cut
        sourced = not failing(judged.sites, judged.case.source)
        joined = any(not f.rules and recorded(f.way, judged.limits) for f in judged.all_ways)
        assert (cut is not None) == (sourced and not joined)
        if cut is None:
            continue
        cuts += 1
        assert problems(judged) == ()
        size = len(cut.spans) + len(cut.sites) + len(cut.destinations)
        assert size == fewest(judged)
    assert cuts > 30


def recorded(way: Way, limits: Limits) -> bool:
    """Whether the way records what the limits count, however much that is."""
    counts_operators, counts_points = limits.operators is not None, limits.decryption_points
    return not (counts_operators and None in {span.operator for span in way.spans}) and not (
        counts_points is not None and np.isnan(decryptions(way.spans))
    )


def problems(judged: Judged, **changes: object) -> tuple[str, ...]:
    cut = judged.explanation.blocking_cut
    assert cut is not None
    return check_cut(
        judged.case.network,
        replace(cut, **changes) if changes else cut,
        judged.spans,
        judged.sites,
        judged.clusters,
        source=judged.case.source,
        targets=judged.case.targets,
        limits=judged.limits,
    )


def fewest(judged: Judged) -> int:
    """The least number of spans, sites and destinations to put right, by networkx."""
    graph: nx.DiGraph[object] = nx.DiGraph()
    endless = 10_000

    def add(start: object, end: object, barred: bool) -> None:  # noqa: FBT001
        before = graph.edges.get((start, end), {"capacity": 0})["capacity"]
        graph.add_edge(start, end, capacity=before + (1 if barred else endless))

    for site in judged.case.names:
        add(("in", site), ("out", site), bool(failing(judged.sites, site)))
    for span in judged.case.network.spans:
        barred = bool(failing(judged.spans, span.id)) or not recorded(
            Way((), (span,)), judged.limits
        )
        add(("out", span.source), ("in", span.target), barred)
        if not span.directed:
            add(("out", span.target), ("in", span.source), barred)
    for target in judged.case.targets:
        add(("out", target), "end", bool(failing(judged.clusters, target)))
    value: int = nx.maximum_flow_value(graph, ("out", judged.case.source), "end")
    return value


@pytest.mark.parametrize("block", BLOCKS)
def test_blocking_limits_are_named_with_the_best_that_can_be_had(block: int) -> None:
    for judged in sweep(block, 120, limited=True):
        explanation = judged.explanation
        if explanation.blocked is not Blocked.LIMITS:
            assert not (explanation.blocked is Blocked.NOTHING) ^ judged.compliant
            continue
        assert not judged.compliant
        passable = [
            f.way for f in judged.all_ways if not f.rules and recorded(f.way, judged.limits)
        ]
        for row in explanation.limits:
            assert row.best == pytest.approx(min(amount(way, row.limit) for way in passable))
            others = replace(judged.limits, **{row.limit: None})
            rest = [amount(way, row.limit) for way in passable if way.keeps(others)]
            assert row.best_within_others == (pytest.approx(min(rest)) if rest else None)


def amount(way: Way, limit: str) -> float:
    if limit == "operators":
        return len({span.operator for span in way.spans})
    if limit == "decryption_points":
        return decryptions(way.spans)
    if limit == "ms":
        return left_to_right([span.ms for span in way.spans])
    return way.km if limit == "km" else len(way.spans)


def test_explain_and_find_agree_on_whether_there_is_a_path() -> None:
    for judged in sweep(17, 300, limited=True):
        open_ends = [
            target for target in judged.case.targets if not failing(judged.clusters, target)
        ]
        found = find(
            judged.case.topology,
            spans=judged.spans.admissible,
            sites=judged.sites.admissible,
            source=judged.case.source,
            targets=open_ends,
            limits=judged.limits,
        )
        assert isinstance(found, Found) == (judged.explanation.blocked is Blocked.NOTHING)
        assert isinstance(found, Found) == judged.compliant


def test_a_false_cut_does_not_pass_the_checker() -> None:
    judged = next(
        j
        for j in sweep(21, 60, limited=False)
        if j.explanation.blocking_cut is not None and j.explanation.blocking_cut.spans
    )
    cut = judged.explanation.blocking_cut
    assert cut is not None
    assert problems(judged) == ()
    assert problems(judged, inside=()) != ()
    assert problems(judged, spans=()) != ()
    assert problems(judged, inside=tuple(judged.case.names)) != ()


def test_a_cut_over_an_admitted_span_does_not_pass_the_checker() -> None:
    plant = Plant().span("ab", "a", "b").span("bc", "b", "c")
    network, topology = plant.network(), plant.topology()
    barred = verdicts(("conduit",), "span", ["ab", "bc"], [[1, 0]])
    admitted = verdicts(("conduit",), "span", ["ab", "bc"], [[1, 1]])
    sites = verdicts(("conduit",), "site", ["a", "b", "c"], [[1, 1, 1]])
    found = explain(
        topology, barred, sites, None, source="a", targets=["c"], limits=Limits()
    ).blocking_cut
    assert found is not None
    check = {"source": "a", "targets": ["c"], "limits": Limits()}
    assert check_cut(network, found, barred, sites, None, **check) == ()  # type: ignore[arg-type]
    assert check_cut(network, found, admitted, sites, None, **check) != ()  # type: ignore[arg-type]


def test_the_nearest_other_cluster_is_offered() -> None:
    topology = Plant().span("ab", "a", "b", 5).span("ac", "a", "c", 3).topology()
    ids = ["ab", "ac"]
    found = explain(
        topology,
        verdicts(("conduit",), "span", ids, [[0, 1]]),
        verdicts(("residency",), "site", ["a", "b", "c"], [[1, 1, 1]]),
        verdicts(("placement",), "cluster", ["b", "c"], [[1, 1]]),
        source="a",
        targets=["b"],
        limits=Limits(),
    )
    assert found.nearest is not None
    assert found.nearest.sites == ("a", "c")
    assert found.to_json()["nearest"] == {"site": "c", "km": 3.0, "spans": ["ac"]}


def test_a_source_that_fails_is_named_before_anything_else() -> None:
    topology = Plant().span("ab", "a", "b").topology()
    found = explain(
        topology,
        verdicts(("conduit",), "span", ["ab"], [[1]]),
        verdicts(("residency",), "site", ["a", "b"], [[2, 1]]),
        None,
        source="a",
        targets=["b"],
        limits=Limits(),
    )
    assert found.blocked is Blocked.SOURCE
    assert found.source is not None
    assert found.source.unknown == ("residency",)
    assert found.minimum_waiver is None


def test_what_nobody_judged_is_barred_and_cannot_be_waived() -> None:
    topology = Plant().span("ab", "a", "b").topology()
    found = explain(
        topology,
        verdicts((), "span", [], []),
        verdicts(("accreditation",), "site", ["a", "b"], [[1, 1]]),
        None,
        source="a",
        targets=["b"],
        limits=Limits(),
    )
    assert found.blocked is Blocked.RULES
    assert found.blocking_cut is not None
    assert found.blocking_cut.spans[0].unknown == ("unjudged",)
    assert found.minimum_waiver is None
    nothing = verdicts((), "span", [], [])
    sites = verdicts(("accreditation",), "site", ["a", "b"], [[1, 1]])
    for network in (topology.network, Plant().span("ab", "a", "b", operator="x").network()):
        wrong = check_cut(
            network,
            found.blocking_cut,
            nothing,
            sites,
            None,
            source="a",
            targets=["b"],
            limits=Limits(),
        )
        assert wrong == ()


@pytest.mark.parametrize(
    ("protect", "points"),
    [
        ("none", set()),
        ("span", {("span", "cd")}),
        ("node", {("span", "cd"), ("site", "c")}),
        ("srlg", {("span", "cd"), ("risk_group", "g"), ("risk_group", "h")}),
    ],
)
def test_a_missing_pair_is_explained_by_what_all_paths_share(
    protect: str, points: set[tuple[str, str]]
) -> None:
    plant = Plant().span("ac", "a", "c", 1, risk_groups=["g"])
    plant.span("ab", "a", "b", 1, risk_groups=[]).span("bc", "b", "c", 1, risk_groups=["g"])
    plant.span("cd", "c", "d", 1, risk_groups=["h"])
    topology = plant.topology()
    found = explain(
        topology,
        verdicts(("conduit",), "span", ["ab", "ac", "bc", "cd"], [[1] * 4]),
        verdicts(("residency",), "site", ["a", "b", "c", "d"], [[1] * 4]),
        None,
        source="a",
        targets=["d"],
        limits=Limits(),
        protect=protect,
    )
    wanted = Blocked.NOTHING if protect == "none" else Blocked.PROTECTION
    assert found.blocked is wanted
    assert {(point.kind, point.id) for point in found.single_points} == points
    assert len(found.to_json()["single_points"]) == len(points)  # type: ignore[arg-type]


def test_every_explanation_prints_as_json_that_the_canonical_form_can_carry() -> None:
    for limited in (False, True):
        for judged in sweep(30, 60, limited=limited):
            assert canonical(judged.explanation.to_json())


def test_a_search_that_gives_up_says_undetermined_in_every_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routing.labels.MOST_LABELS", 1)
    plant = Plant().span("ab", "a", "b", 9, operator="x").span("bc", "b", "c", 9, operator="y")
    plant.span("ac", "a", "c", 30, operator="z")
    ids, sites = ["ab", "ac", "bc"], ["a", "b", "c"]
    asked = {"source": "a", "targets": ["c"]}
    judged = verdicts(("residency",), "site", sites, [[1, 1, 1]])
    clusters = verdicts(("placement",), "cluster", ["b", "c"], [[1, 1]])
    open_ = verdicts(("conduit",), "span", ids, [[1, 1, 1]])
    tight = Limits(operators=1, km=20)
    found = explain(plant.topology(), open_, judged, clusters, limits=tight, **asked)  # type: ignore[arg-type]
    assert found.blocked is Blocked.UNDETERMINED
    assert found.limits[0].best is None
    barred = verdicts(("conduit",), "span", ids, [[0, 0, 1]])
    found = explain(plant.topology(), barred, judged, clusters, limits=tight, **asked)  # type: ignore[arg-type]
    assert found.minimum_waiver is not None
    assert found.minimum_waiver.undetermined
    assert found.nearest is None
    assert found.single_span_fixes == ()


@pytest.mark.parametrize("strict_first", [False, True])
def test_a_name_of_two_rules_is_waived_only_if_both_may_be(strict_first: bool) -> None:  # noqa: FBT001
    spans = verdicts(("residency",), "span", ["ab"], [[0]])
    sites = verdicts(("residency",), "site", ["a", "b"], [[1, 1]])
    lenient = replace(spans.rules[0], waivable=True)
    if strict_first:
        sites = replace(sites, rules=(replace(sites.rules[0], waivable=True),))
    else:
        spans = replace(spans, rules=(lenient,))
    found = explain(
        Plant().span("ab", "a", "b").topology(),
        spans,
        sites,
        None,
        source="a",
        targets=["b"],
        limits=Limits(),
    )
    assert found.minimum_waiver is None


def test_a_pair_for_which_there_is_no_recorded_risk_shares_no_single_point() -> None:
    topology = Plant().span("ab", "a", "b").topology()
    found = explain(
        topology,
        verdicts(("conduit",), "span", ["ab"], [[1]]),
        verdicts(("residency",), "site", ["a", "b"], [[1, 1]]),
        None,
        source="a",
        targets=["b"],
        limits=Limits(),
        protect="srlg",
    )
    assert found.blocked is Blocked.PROTECTION
    assert found.single_points == ()


def test_a_nearest_destination_that_cannot_be_settled_is_not_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("routing.labels.MOST_LABELS", 0)
    plant = Plant().span("ab", "a", "b", 9, operator="x").span("bc", "b", "c", 9, operator="y")
    found = explain(
        plant.topology(),
        verdicts(("conduit",), "span", ["ab", "bc"], [[1, 1]]),
        verdicts(("residency",), "site", ["a", "b", "c"], [[1, 1, 1]]),
        verdicts(("placement",), "cluster", ["b", "c"], [[0, 1]]),
        source="a",
        targets=["b"],
        limits=Limits(operators=1),
    )
    assert found.blocked is Blocked.DESTINATION
    assert found.nearest is None
