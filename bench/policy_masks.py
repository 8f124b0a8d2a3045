"""Ten thousand spans to masks: by distinct attribute values, and again after one changed."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from api.offline import shipped_bundle
from bench.measure import Row, latency
from bench.policy_engine import Bare, engine
from policy.canonical import JSON
from policy.constraints import constraints_from
from policy.judge import Inquiry
from policy.label import Label, Level
from policy.question import DatasetFacts, Kind, Principal, Question
from policy.remembered import Remembered
from policy.territory import within

SPANS: Final = 10_000
HOME: Final = within("home", ["JP"])
PERSON: Final = Principal("aki", "person", "hospital", clearance=Level.L4)
# Every rule for spans that levels and demands can bring.
_DEMANDS: Final[Mapping[str, JSON]] = {
    "deny": {"operators": ["op-3"], "conduit": ["aerial"]},
    "duct_owners": {"allowed": None, "denied": ["op-9"]},
    "duct_jurisdictions": {"allowed": ["JP", "US"], "denied": []},
    "within_borders": True,
}


def _combination(number: int) -> dict[str, JSON]:
    codes: Sequence[str] = ("JP", "US", "SG", "KR", "TW")
    return {
        "operator": f"op-{number % 10}",
        "owner_jurisdiction": codes[number // 10 % 5],
        "duct_owner": f"op-{number // 3 % 10}",
        "duct_owner_jurisdiction": codes[number // 9 % 5],
        "jurisdictions": [codes[number // 50 % 5]],
        "conduit": ("buried", "aerial", "submarine")[number % 3],
        "encryption.layer": ("otnsec", "macsec", "ipsec")[number % 3],
        "encryption.cipher": ("AES-256-GCM", "AES-128-GCM")[number // 250],
        "encryption.authenticated": True,
        "encryption.key_exchange": ("classical", "pqc", "hybrid", "qkd")[number % 4],
        "encryption.key_holder_jurisdiction": codes[number // 7 % 5],
    }


def _spans() -> dict[str, dict[str, JSON]]:
    return {
        f"s{number}": {**_combination(number * 7919 % 500), "latency_ms": number / 7}
        for number in range(SPANS)
    }


def _strict() -> Question:
    label = Label(level=Level.L4, transit=HOME, placement=HOME, operators=HOME, key_holders=HOME)
    dataset = DatasetFacts(
        "d-1", "hospital", None, frozenset({"care"}), provisional=False, secrecy_years=10
    )
    return Question(
        kind=Kind.PATH,
        now=0,
        label=label,
        principal=PERSON,
        dataset=dataset,
        purpose="care",
        source="a",
        destination="b",
        constraints=constraints_from(_DEMANDS),
    )


def _masks(spans: Mapping[str, Mapping[str, JSON]], question: Question) -> object:
    memory = Remembered(engine(), shipped_bundle(), spans=spans, sites={})
    return asyncio.run(memory.everywhere(question, ())).spans.admissible


def ten_thousand_spans() -> Row:
    """10,000 spans of 500 combinations to masks, against the bare answer alone."""
    spans, question, bare = _spans(), _strict(), Bare()
    inquiry = Inquiry.prepare(shipped_bundle(), question, spans=spans, sites={}, clusters={})
    return latency(
        f"policy: masks of {SPANS:,} spans under {len(inquiry.required['span'])} rules",
        lambda: _masks(spans, question),
        "bare regopy, the document of distinct values already made",
        lambda: bare.ask(inquiry.document),
    )


def one_changed_span() -> Row:
    """The masks again after one span took attributes seen elsewhere, against compiling anew."""
    spans, question = _spans(), _strict()
    memory = Remembered(engine(), shipped_bundle(), spans=spans, sites={})
    asyncio.run(memory.everywhere(question, ()))
    changed = {**spans["s5"], **_combination(7)}
    with asyncio.Runner() as runner:
        return latency(
            f"policy: one of {SPANS:,} spans changed",
            lambda: runner.run(memory.changed("s5", changed).everywhere(question, ())),
            "all masks compiled anew",
            lambda: _masks({**spans, "s5": changed}, question),
        )
