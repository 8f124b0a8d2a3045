"""An independent reading of the rules, in plain Python, against what the engine decides."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from policy.bundle import Bundle
from policy.demands import Choice
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.judge import Inquiry
from policy.label import Level, Territory
from policy.question import Kind, Principal, Question
from policy.vectors import Case, outcome

LEVELS: Final = json.loads(
    (Path(__file__).parents[2] / "policy/rego/sekisho/levels/data.json").read_text()
)
Facts = Mapping[str, Any]
Word = bool | None  # None is unknown


def needs(facts: Facts, *names: str) -> bool:
    """Say whether something asked about is not recorded."""
    return any(facts.get(name) is None for name in names)


def inside(territory: Territory, code: str) -> bool:
    return all(
        (bound.allowed is None or code in bound.allowed) and code not in bound.denied
        for bound in territory.bounds
    )


def by_one(territory: Territory, facts: Facts, name: str) -> Word:
    return None if needs(facts, name) else inside(territory, facts[name])


def residency(question: Question, facts: Facts) -> Word:
    if not facts.get("jurisdictions"):
        return None
    return all(inside(question.label.transit, code) for code in facts["jurisdictions"])


def encryption(question: Question, facts: Facts) -> Word:
    if facts.get("encryption.layer") == "none":
        return False
    names = ("layer", "cipher", "authenticated", "key_exchange")
    if needs(facts, *(f"encryption.{name}" for name in names)):
        return None
    accepted = LEVELS[str(question.label.level)]["encryption"]
    return (
        facts["encryption.layer"] in accepted["layers"]
        and facts["encryption.cipher"] in accepted["ciphers"]
        and facts["encryption.authenticated"] is True
        and facts["encryption.key_exchange"] in accepted["key_exchanges"]
    )


def key_holder(question: Question, facts: Facts) -> Word:
    if facts.get("encryption.layer") == "none":
        return False
    if needs(facts, "encryption.layer"):
        return None
    return by_one(question.label.key_holders, facts, "encryption.key_holder_jurisdiction")


def conduit(question: Question, facts: Facts) -> Word:
    if needs(facts, "conduit"):
        return None
    return facts["conduit"] in LEVELS[str(question.label.level)]["conduits"]


def accreditation(question: Question, facts: Facts) -> Word:
    if facts.get("accreditations") is None:
        return None
    return all(set(facts["accreditations"]) & demand for demand in question.label.accreditations)


def constrained(question: Question, facts: Facts, *, span: bool) -> Word:
    constraints = question.constraints
    where = "jurisdictions" if span else "jurisdiction"
    deny: dict[str, set[Any]] = {}
    for name, denied in (
        (where, constraints.deny_jurisdictions),
        ("operator", constraints.deny_operators),
        *(constraints.deny.items() if span else ()),
    ):
        if denied:
            deny.setdefault(name, set()).update(denied)
    require = dict(constraints.require) if span else {}
    asked = {*deny, *require}
    if needs(facts, *asked) or ("jurisdictions" in asked and not facts["jurisdictions"]):
        return None

    def has(name: str) -> list[Any]:
        value = facts[name]
        return value if isinstance(value, list) else [value]

    avoided = all(not among(value, denied) for name, denied in deny.items() for value in has(name))
    met = all(
        has(name) and all(among(value, accepted) for value in has(name))
        for name, accepted in require.items()
    )
    return avoided and met


def among(value: object, terms: Any) -> bool:
    return any(type(value) is type(term) and value == term for term in terms)


def chosen(choice: Choice | None, facts: Facts, name: str) -> Word:
    if needs(facts, name):
        return None
    assert choice is not None
    return facts[name] not in choice.denied and (
        choice.allowed is None or facts[name] in choice.allowed
    )


def harvest(question: Question, facts: Facts) -> Word:
    if facts.get("encryption.layer") == "none":
        return False
    if needs(facts, "encryption.layer", "encryption.key_exchange"):
        return None
    assert question.dataset is not None
    assert question.dataset.secrecy_years is not None
    return facts["encryption.key_exchange"] != "classical" or question.dataset.secrecy_years < 10


def span_rules(question: Question, facts: Facts) -> dict[str, Word]:
    demands, given = question.constraints.demands, question.constraints.demands.to_json()
    extra: dict[str, Word] = {}
    if "duct_owners" in given:
        extra["duct_owner"] = chosen(demands.duct_owners, facts, "duct_owner")
    if "duct_jurisdictions" in given:
        extra["duct_jurisdiction"] = chosen(
            demands.duct_jurisdictions, facts, "duct_owner_jurisdiction"
        )
    if demands.within_borders:
        codes = facts.get("jurisdictions")
        extra["border"] = len(set(codes)) == 1 if codes else None
    if question.dataset is not None and question.dataset.secrecy_years is not None:
        extra["harvest"] = harvest(question, facts)
    return extra | {
        "residency": residency(question, facts),
        "operator": by_one(question.label.operators, facts, "owner_jurisdiction"),
        "encryption": encryption(question, facts),
        "key_holder": key_holder(question, facts),
        "conduit": conduit(question, facts),
        "constraints": constrained(question, facts, span=True),
    }


def boundary(openers: frozenset[str], facts: Facts) -> Word:
    return None if needs(facts, "operator") else facts["operator"] in openers


def site_rules(question: Question, facts: Facts) -> dict[str, Word]:
    openers = question.constraints.demands.openers
    extra = {} if openers is None else {"boundary": boundary(openers, facts)}
    return extra | {
        "waypoint": by_one(question.label.transit, facts, "jurisdiction"),
        "site_operator": by_one(question.label.operators, facts, "owner_jurisdiction"),
        "site_constraints": constrained(question, facts, span=False),
        "placement": by_one(question.label.placement, facts, "jurisdiction"),
        "accreditation": accreditation(question, facts),
    }


def delegation(principal: Principal) -> Word:
    chain = principal.chain
    return (
        len({one.id for one in chain}) == len(chain)
        and len({one.tenant for one in chain}) == 1
        and all(one.kind in {"agent", "service"} for one in chain[:-1])
    )


def demanded_rules(question: Question) -> dict[str, Word]:
    demands, dataset = question.constraints.demands, question.dataset
    planning = question.kind in {Kind.PATH, Kind.PLACEMENT}
    years, records, by = (
        (None, None, None)
        if dataset is None
        else (dataset.secrecy_years, dataset.records, dataset.labelled_by)
    )
    rules: dict[str, Word] = {}
    if demands.windows is not None:
        moment = datetime.fromtimestamp(question.now, UTC)
        minute = moment.weekday() * 1440 + moment.hour * 60 + moment.minute
        rules["window"] = planning or any(start <= minute < end for start, end in demands.windows)
    if demands.max_records is not None:
        rules["volume"] = None if records is None else records <= demands.max_records
    if demands.secrecy or years is not None:
        rules["secrecy"] = None if years is None else years < 30 or question.label.suite == 1
    if demands.separate_duties:
        known = question.principal is not None and by is not None
        chain = question.principal.chain if question.principal is not None else ()
        apart = planning or by not in {one.id for one in chain}
        rules["duties"] = apart if known else None
    return rules


def request_rules(question: Question) -> dict[str, Word]:
    dataset, principal = question.dataset, question.principal
    rules: dict[str, Word] = {
        "ceiling": question.label.level < Level.L5,
        "obligations": question.label.obligations <= {"encrypt-at-rest"},
    }
    demanded = demanded_rules(question)
    if dataset is None:
        bare = {"ceiling": rules["ceiling"]} if question.label.level > Level.L0 else {}
        return bare | demanded
    rules |= demanded
    rules["delegation"] = None if principal is None else delegation(principal)
    rules["purpose"] = None if question.purpose is None else question.purpose in dataset.purposes
    rules["provisional"] = not dataset.provisional or question.kind in {Kind.PATH, Kind.PLACEMENT}
    rules["tenancy"] = rules["clearance"] = None
    if principal is not None:
        chain, collects = principal.chain, principal.kind == "site" and question.kind == "release"
        same = all(one.tenant == dataset.tenant for one in chain)
        cleared = all(one.clearance >= question.label.level for one in chain)
        rules["tenancy"] = principal.id == question.destination if collects else same
        rules["clearance"] = collects or (cleared and chain[-1].kind != "agent")
    return rules


def path_rule(question: Question) -> Word:
    assert question.path is not None
    path, limits = question.path, question.constraints.limits
    most = {name: [bound] for name, bound in limits.to_json().items()}
    for name, bound in LEVELS[str(question.label.level)]["limits"].items():
        most.setdefault(name, []).append(bound)
    measured = {
        "operators": None if path.operators is None else len(set(path.operators)),
        "km": path.km,
        "ms": path.ms,
        "hops": len(path.spans),
        "decryption_points": path.decryption_points,
    }
    if any(measured[name] is None for name in most):
        return None
    return all(measured[name] <= bound for name, bounds in most.items() for bound in bounds)  # type: ignore[operator]


# What span_rules and site_rules give only when it is demanded.
DEMANDED: Final = {"duct_owner", "duct_jurisdiction", "border", "harvest", "boundary"}
WORDS: Final = {True: "yes", False: "no", None: "unknown"}


def agrees(found: Mapping[str, str], expected: Mapping[str, Word], where: str) -> None:
    assert set(expected) & DEMANDED <= set(found), where
    for name, word in found.items():
        assert word == WORDS[expected[name]], (where, name)


def compare(drawn: Case, found: Mapping[str, Any]) -> None:
    question = drawn.question
    for part, subjects, rules in (
        ("spans", drawn.spans, span_rules),
        ("sites", drawn.sites, site_rules),
        ("clusters", drawn.clusters, site_rules),
    ):
        for subject, facts in subjects.items():
            expected = rules(question, facts)
            if part == "clusters":
                expected.pop("boundary", None)  # a cluster is among the sites already
            agrees(found[part][subject], expected, f"{drawn.name} {subject}")
    expected = request_rules(question)
    assert {code.split(".")[0] for code in found["request"]} == {
        name for name, word in expected.items() if word is not True
    }
    unknown = {code.split(".")[0] for code in found["request"] if code.endswith(".unknown")}
    assert unknown == {name for name, word in expected.items() if word is None}
    word = True if question.path is None else path_rule(question)
    codes = {True: set(), False: {"limits.exceeded"}, None: {"limits.unknown"}}[word]
    assert set(found["path"]) == codes


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_decides_as_a_plain_reading_of_the_rules(
    bundle: Bundle, embedded: EmbeddedEngine, seed: int
) -> None:
    for number in range(75):
        drawn = case(100 + seed, number)
        inquiry = Inquiry.prepare(
            bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
        )
        judgement = inquiry.read(embedded.ask_now(inquiry.document))
        compare(drawn, outcome(drawn, judgement, bundle))
