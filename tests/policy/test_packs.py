"""A tenant's pack narrows what its own datasets may do, and nothing else."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from policy.bundle import Bundle
from policy.constraints import Constraints, Limits, constraints_from
from policy.decide import decide
from policy.decision import Permit
from policy.drawn import case, constraints, territory
from policy.engines.embedded import EmbeddedEngine
from policy.errors import BundleError, EngineError
from policy.judge import Inquiry
from policy.label import Label
from policy.question import Kind, Question
from policy.remembered import Remembered
from policy.vectors import Case, Draw, outcome
from routing.spans import CONDUITS, KEY_EXCHANGES, LAYERS, SCOPES, Encryption, Span

Modules = Mapping[str, bytes]
AXES: Final = ("placement", "transit", "operators", "key_holders")


def packed(modules: Modules, packs: Mapping[str, Any]) -> Bundle:
    return Bundle.build(modules, {"packs": dict(packs)}, "sha256:taxonomy")


def decision(bundle: Bundle, engine: EmbeddedEngine, drawn: Case) -> Mapping[str, Any]:
    inquiry = Inquiry.prepare(
        bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
    )
    return outcome(drawn, inquiry.read(engine.ask_now(inquiry.document)), bundle)


def a_pack(draw: Draw) -> dict[str, Any]:
    found = {axis: territory(draw) for axis in AXES if draw.chance(2)}
    bounds = {
        axis: {
            "allowed": None if one.allowed is None else sorted(one.allowed),
            "denied": sorted(one.denied),
        }
        for axis, one in found.items()
    }
    narrow: Any = constraints(draw).to_json()
    # Words that no span records are another test.
    for part in ("deny", "require"):
        for words in narrow.get(part, {}).values():
            words[:] = [word for word in words if word != "microduct"]
    return {**narrow, "bounds": bounds}


def passes(found: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return every subject that all its rules pass."""
    return {
        (part, subject)
        for part in ("spans", "sites", "clusters")
        for subject, words in found[part].items()
        if set(words.values()) == {"yes"}
    }


def test_a_pack_never_turns_a_refusal_into_a_permit(
    modules: Modules, bundle: Bundle, embedded: EmbeddedEngine
) -> None:
    narrowed = 0
    for seed in range(10):
        packs = {
            tenant: a_pack(Draw(seed, 2 * at)) for at, tenant in enumerate(["hospital", "city"])
        }
        tighter = packed(modules, packs)
        engine = EmbeddedEngine(tighter)
        for number in range(15):
            drawn = case(500 + seed, number)
            free, bound = decision(bundle, embedded, drawn), decision(tighter, engine, drawn)
            assert bound["decision"] == "refuse" or free["decision"] == "permit"
            assert passes(bound) <= passes(free)
            assert set(free["request"]) <= set(bound["request"])
            narrowed += passes(bound) < passes(free) or free["decision"] != bound["decision"]
    assert narrowed >= 20


def test_a_pack_binds_its_tenants_datasets_alone(
    modules: Modules, bundle: Bundle, question: Question
) -> None:
    tighter = packed(
        modules, {"hospital": {"max_km": 5, "bounds": {"transit": {"denied": ["US"]}}}}
    )
    assert tighter.revision != bundle.revision
    assert tighter.limits(question) == Limits(operators=3, km=5)
    assert not tighter.narrowed(question).label.transit.permits("US")
    assert question.dataset is not None
    other = replace(question, dataset=replace(question.dataset, tenant="city"))
    for free in (other, replace(question, dataset=None)):
        assert tighter.narrowed(free) == free
        assert tighter.limits(free) == Limits(operators=3)


def test_no_engine_holds_what_a_tenant_asks(modules: Modules) -> None:
    tighter = packed(modules, {"hospital": {"deny": {"operators": ["op-secret"]}}})
    assert "op-secret" not in json.dumps(tighter.document)
    assert "op-secret" in tighter.to_bytes().decode()


def test_a_pack_names_itself_in_the_reason(modules: Modules, question: Question) -> None:
    tighter = packed(modules, {"hospital": {"bounds": {"placement": {"allowed": ["FR"]}}}})
    inquiry = Inquiry.prepare(
        tighter, question, spans={}, sites={}, clusters={"n2": {"jurisdiction": "JP"}}
    )
    found = inquiry.read(EmbeddedEngine(tighter).ask_now(inquiry.document))
    args = [reason.args for reason in found.clusters.reasons(0) if reason.rule == "placement"]
    assert args == [{"jurisdiction": "JP", "regime": "tenant.hospital"}]
    assert found.question_digest == question.digest


def test_a_bundle_with_packs_survives_its_bytes(modules: Modules) -> None:
    tighter = packed(modules, {"hospital": {"max_hops": 3, "within_borders": True}})
    again = Bundle.from_bytes(tighter.to_bytes())
    assert again.revision == tighter.revision
    assert again.packs["hospital"].constraints == tighter.packs["hospital"].constraints


@pytest.mark.parametrize(
    ("pack", "place"),
    [
        ([], "/t/"),
        ({"allow": {}}, "/t/allow"),
        ({"deny": {"condiut": ["aerial"]}}, "/t/deny/condiut"),
        ({"deny": {"conduit": ["areal"]}}, "/t/deny/conduit"),
        ({"require": {"encryption.key_exchange": ["pqc", "rsa"]}}, "/t/require/encryption"),
        ({"require": {"encryption.authenticated": [1]}}, "/t/require/encryption"),
        ({"deny": {"jurisdictions": ["Japan"]}}, "/t/deny/jurisdictions"),
        ({"max_km": -1}, "/t/max_km"),
        ({"bounds": []}, "/t/bounds"),
        ({"bounds": {"cipher": {}}}, "/t/bounds/cipher"),
        ({"bounds": {"transit": {"only": ["JP"]}}}, "/t/bounds/transit/only"),
        ({"bounds": {"transit": {"allowed": ["jp"]}}}, "/t/bounds/transit/allowed"),
        ({"openers": "op-1"}, "/t/openers"),
        ({"windows": {}}, "/t/windows"),
        ({"windows": [{"from": 1}]}, "/t/windows/0"),
        ({"windows": [{"from": 2, "to": 2}]}, "/t/windows/0"),
        ({"windows": [{"from": 2, "to": 10_081}]}, "/t/windows/0"),
        ({"secrecy": False}, "/t/secrecy"),
        ({"duct_owners": {"denied": [True]}}, "/t/duct_owners/denied"),
    ],
)
def test_a_pack_that_means_nothing_forms_no_revision(
    modules: Modules, pack: object, place: str
) -> None:
    with pytest.raises(BundleError, match=f"packs{place}"):
        packed(modules, {"t": pack})


@pytest.mark.parametrize("packs", [[1], "x", {'a"b': {}}])
def test_packs_that_are_no_packs_form_no_revision(modules: Modules, packs: Any) -> None:
    with pytest.raises(BundleError, match="packs/"):
        Bundle.build(modules, {"packs": packs}, "t")


def test_a_policy_without_a_demands_rules_takes_no_pack_that_makes_it(
    modules: Modules, question: Question
) -> None:
    path = "sekisho/demands/data.json"
    demands = json.loads(modules[path])
    del demands["within_borders"]
    older = {**modules, path: json.dumps(demands).encode()}
    asked = replace(question, constraints=constraints_from({"within_borders": True}))
    with pytest.raises(BundleError, match="packs/t/within_borders"):
        packed(older, {"t": {"within_borders": True}})
    with pytest.raises(EngineError, match="within_borders"):
        Bundle.build(older, {}, "t").required(asked, "span")


def test_the_vocabulary_is_what_the_network_records(bundle: Bundle) -> None:
    words: Any = bundle.data["vocabulary"]
    every = Span(
        id="s", source="a", target="b", km=1, operator="o", owner="o", owner_jurisdiction="JP",
        duct_owner="d", jurisdictions=("JP",), conduit="buried", risk_groups=("r",),
        capacity_gbps=1, latency_ms=1, encryption=Encryption(
            "macsec", "c", True, "pqc", "span", "g", "h", "JP"  # noqa: FBT003
        ),
    )  # fmt: skip
    recorded = set(every.attributes) | {"directed"}
    assert recorded <= set(words["span"])
    # Not in the network document yet: until then every duct's jurisdiction is unknown.
    assert set(words["span"]) - recorded <= {"duct_owner_jurisdiction"}
    closed = {name: set(found) for name, found in words["span"].items() if found is not None}
    assert closed["conduit"] == set(CONDUITS)
    assert closed["encryption.layer"] == set(LAYERS)
    assert closed["encryption.key_exchange"] == set(KEY_EXCHANGES)
    assert closed["encryption.scope"] == set(SCOPES)


def test_constraints_meet_as_both_together() -> None:
    one = constraints_from(
        {"deny": {"operators": ["a"], "conduit": ["aerial"]}, "require": {"x": ["p", "q"]},
         "max_km": 9, "windows": [{"from": 0, "to": 60}], "openers": ["a", "b"]}
    )  # fmt: skip
    other = constraints_from(
        {"deny": {"jurisdictions": ["XX"], "conduit": ["submarine"]}, "require": {"x": ["q"]},
         "max_km": 8, "max_hops": 2, "windows": [{"from": 30, "to": 90}], "openers": ["b"],
         "duct_owners": {"allowed": ["d"]}, "max_records": 5}
    )  # fmt: skip
    both = one.meet(other)
    assert both == other.meet(one)
    assert both.meet(one) == both
    assert both.to_json() == {
        "deny": {"conduit": ["aerial", "submarine"], "jurisdictions": ["XX"], "operators": ["a"]},
        "require": {"x": ["q"]},
        "max_km": 8,
        "max_hops": 2,
        "windows": [{"from": 30, "to": 60}],
        "openers": ["b"],
        "duct_owners": {"allowed": ["d"], "denied": []},
        "max_records": 5,
    }
    assert Constraints().meet(one) == one


@pytest.fixture
def at_night(modules: Modules) -> Bundle:
    # 1,764,000,000 is minute 960 of its week.
    return packed(modules, {"hospital": {"windows": [{"from": 950, "to": 970}]}})


def test_a_permit_ends_with_the_hours(
    at_night: Bundle, asked: Callable[[Question], Inquiry], question: Question
) -> None:
    prepared = asked(question)
    inquiry = Inquiry.prepare(
        at_night,
        question,
        spans={"s1": _facts(prepared, "span")},
        sites=dict.fromkeys(("n1", "n2"), _facts(prepared, "site")),
        clusters={"n2": _facts(prepared, "cluster")},
    )
    judgement = inquiry.read(EmbeddedEngine(at_night).ask_now(inquiry.document))
    permit = decide(question, judgement, bundle=at_night, engine="e", epoch="1")
    assert isinstance(permit, Permit)
    assert permit.expires - permit.issued == 600
    assert at_night.lifetime(replace(question, now=question.now + 30)) == 570
    assert at_night.lifetime(replace(question, now=question.now + 3_000)) == 0
    assert at_night.lifetime(replace(question, kind=Kind.PATH)) == 3_600


def _facts(inquiry: Inquiry, kind: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for found in inquiry.projected.values():
        if kind in found.place:
            facts |= found.distinct[int(found.place[kind][0])].facts
    return facts


def test_hours_are_asked_about_again_every_minute(at_night: Bundle, question: Question) -> None:
    assert at_night.moment(question) == 960
    assert at_night.moment(replace(question, now=question.now + 60)) == 961
    assert at_night.moment(replace(question, dataset=None)) is None
    engine = EmbeddedEngine(at_night)
    memory = Remembered(engine, at_night, spans={}, sites={"n1": {}})
    bare = replace(question, path=None, label=Label())

    def codes(now: int) -> set[str]:
        found = asyncio.run(memory.along(replace(bare, now=now), [], ["n1"]))
        return {reason.code for reason in found.request}

    assert codes(question.now) == set()
    assert codes(question.now + 600) == {"window.closed"}
    assert codes(question.now + 30) == set()
