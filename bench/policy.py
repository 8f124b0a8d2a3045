"""Deciding on the embedded engine: against the engine bare, against OPA, against asking naively.

No row compares with cedarpy or casbin: neither is among the peers that `make dev` installs.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from api.engines import running
from api.errors import UnavailableError
from api.offline import read_network, shipped_bundle, shipped_taxonomy
from api.resources import example
from bench.measure import PeerMissingError, Row, latency, throughput
from bench.policy_engine import Bare, engine
from bench.policy_masks import HOME, PERSON, one_changed_span, ten_thousand_spans
from policy.decide import decide
from policy.decision import Permit
from policy.engines.engine import Engine
from policy.judge import Inquiry, Judgement
from policy.label import Label, Level
from policy.question import DatasetFacts, Kind, PathFacts, Question
from policy.remembered import Remembered
from policy.subjects import Subjects
from routing.network import Network

MANY: Final = 100
_LABEL: Final = Label(level=Level.L2, transit=HOME, placement=HOME)
_DATASET: Final = DatasetFacts("d-1", "hospital", None, frozenset({"care"}), provisional=False)


@cache
def _network() -> Network:
    return read_network(example("network/jpn48.json"))


@cache
def _question() -> Question:
    label = shipped_taxonomy().label_of(["export-controlled"])
    return Question(kind=Kind.PATH, now=0, label=label, source="tokyo", destination="inzai")


def _inquiry(*, spans: Any, sites: Any) -> Inquiry:
    return Inquiry.prepare(shipped_bundle(), _question(), spans=spans, sites=sites, clusters={})


@cache
def _subjects() -> tuple[Subjects, Subjects]:
    """What an epoch keeps: spans and sites, and who among them looks alike."""
    network = _network()
    return (
        Subjects({span.id: span.attributes for span in network.spans}),
        Subjects({site.id: site.attributes for site in network.sites}),
    )


def _whole() -> Inquiry:
    spans, sites = _subjects()
    return _inquiry(spans=spans, sites=sites)


def _judge(inquiry: Inquiry) -> Judgement:
    return inquiry.read(engine().ask_now(inquiry.document))


class _Passage:
    """One passage over one span, asked for again and again a second later."""

    def __init__(self) -> None:
        spans, sites = _subjects()
        span = next(span for span in _network().spans if span.jurisdictions == ("JP",))
        self.ends = (span.source, span.target)
        self.path = PathFacts(self.ends, (span.id,), span.km, span.ms, ("op",), 2)
        self.memory = Remembered(engine(), shipped_bundle(), spans=spans, sites=sites)
        self.now = 0

    def question(self) -> Question:
        self.now += 1
        return Question(
            kind=Kind.PASSAGE,
            now=self.now,
            label=_LABEL,
            principal=PERSON,
            dataset=_DATASET,
            purpose="care",
            source=self.ends[0],
            destination=self.ends[1],
            path=self.path,
        )

    async def decided(self, times: int) -> object:
        found: object = None
        for _ in range(times):
            question = self.question()
            judgement = await self.memory.along(question, self.path.spans, self.path.sites)
            found = decide(question, judgement, bundle=shipped_bundle(), engine="e", epoch="1")
        if not isinstance(found, Permit):
            raise TypeError("the bench measures a permit")
        return found

    def inquiry(self) -> Inquiry:
        spans, sites = _subjects()
        return Inquiry.prepare(
            shipped_bundle(),
            self.question(),
            spans={span: spans[span] for span in self.path.spans},
            sites={site: sites[site] for site in self.path.sites},
            clusters={self.ends[1]: sites[self.ends[1]]},
        )


def guarded_against_bare_engine() -> Row:
    """One warm answer behind the guard against the same compiled policy without it."""
    document, bare = _whole().document, Bare()
    return latency(
        "policy: one answer about 190 spans and sites",
        lambda: engine().ask_now(document),
        "bare regopy, the same compiled policy",
        lambda: bare.ask(document),
    )


def whole_against_bare_engine() -> Row:
    """The network judged, prepared and read, against the bare answer to the same document."""
    document, bare = _whole().document, Bare()
    return latency(
        "policy: judge the whole network, cold",
        lambda: _judge(_whole()),
        "bare regopy, the same compiled policy and document",
        lambda: bare.ask(document),
    )


def cold_against_bare_engine() -> Row:
    """A passage never asked about before, prepared, asked and read, against its bare answer."""
    passage, bare = _Passage(), Bare()
    document = passage.inquiry().document
    return latency(
        "policy: a decision of one path, cold",
        lambda: _judge(passage.inquiry()),
        "bare regopy, the same compiled policy and document",
        lambda: bare.ask(document),
    )


def warm_against_engine() -> Row:
    """Decisions, each question built and digested, against asking the bare engine each time."""
    passage, bare = _Passage(), Bare()
    document = passage.inquiry().document
    with asyncio.Runner() as runner:
        return throughput(
            "policy: decisions, warm, question built and digested",
            lambda: runner.run(passage.decided(MANY)),
            "bare regopy, asked each time",
            lambda: [bare.ask(document) for _ in range(MANY)],
            amount=MANY,
            unit="decisions",
        )


@contextmanager
def _opa(runner: asyncio.Runner) -> Generator[Engine]:
    served = running(shipped_bundle(), "opa")
    try:
        (opa,) = runner.run(served.__aenter__())
    except UnavailableError as missing:
        raise PeerMissingError("opa") from missing
    try:
        yield opa
    finally:
        runner.run(served.__aexit__(None, None, None))


def against_opa() -> Row:
    """The same cold question on the embedded engine and on OPA over loopback HTTP."""
    document = _Passage().inquiry().document
    with asyncio.Runner() as runner, _opa(runner) as opa:
        return latency(
            "policy: one path asked, embedded",
            lambda: engine().ask_now(document),
            "OPA over loopback HTTP",
            lambda: runner.run(opa.ask(document)),
            clock="wall",
        )


def warm_against_opa() -> Row:
    """Warm decisions against OPA over loopback HTTP, which keeps no answers."""
    passage = _Passage()
    document = passage.inquiry().document
    with asyncio.Runner() as runner, _opa(runner) as opa:

        async def asked() -> None:
            await asyncio.gather(*(opa.ask(document) for _ in range(MANY)))

        return throughput(
            "policy: decisions, warm",
            lambda: runner.run(passage.decided(MANY)),
            "OPA over loopback HTTP, 64 connections",
            lambda: runner.run(asked()),
            amount=MANY,
            unit="decisions",
            clock="wall",
        )


def profiles_against_one_by_one() -> Row:
    """The whole network by distinct attribute values against one question per span and site."""
    network = _network()

    def one_by_one() -> None:
        for span in network.spans:
            _judge(_inquiry(spans={span.id: span.attributes}, sites={}))
        for site in network.sites:
            _judge(_inquiry(spans={}, sites={site.id: site.attributes}))

    return latency(
        "policy: judge the whole network, prepared and read",
        lambda: _judge(_whole()),
        "the same engine, one span or site at a time",
        one_by_one,
    )


BENCHES = (
    guarded_against_bare_engine,
    whole_against_bare_engine,
    cold_against_bare_engine,
    warm_against_engine,
    against_opa,
    warm_against_opa,
    profiles_against_one_by_one,
    ten_thousand_spans,
    one_changed_span,
)
