"""Deciding on the embedded engine against the engine bare, and against asking span by span."""

import json
from functools import cache
from typing import Any

from regopy import Interpreter

from api.offline import read_network, shipped_bundle, shipped_taxonomy
from api.resources import example
from bench.measure import Row, latency
from policy.bundle import ENTRY, Bundle
from policy.canonical import JSON, canonical
from policy.engines.embedded import EmbeddedEngine
from policy.judge import Inquiry, Judgement
from policy.question import Kind, Question
from routing.network import Network


@cache
def _engine() -> EmbeddedEngine:
    return EmbeddedEngine(shipped_bundle())


@cache
def _network() -> Network:
    return read_network(example("network/jpn48.json"))


@cache
def _question() -> Question:
    label = shipped_taxonomy().label_of(["export-controlled"])
    return Question(kind=Kind.PATH, now=0, label=label, source="tokyo", destination="inzai")


def _inquiry(*, spans: Any, sites: Any) -> Inquiry:
    return Inquiry.prepare(shipped_bundle(), _question(), spans=spans, sites=sites, clusters={})


def _whole() -> Inquiry:
    network = _network()
    return _inquiry(
        spans={span.id: span.attributes for span in network.spans},
        sites={site.id: site.attributes for site in network.sites},
    )


def _judge(inquiry: Inquiry) -> Judgement:
    return inquiry.read(_engine().ask_now(inquiry.document))


def _bare(bundle: Bundle) -> Any:
    interpreter = Interpreter()
    for path, source in sorted(bundle.modules.items()):
        interpreter.add_module(path, source)
    data: JSON = {"sekisho": bundle.document}
    interpreter.add_data_json(canonical(data).decode())
    return interpreter.build(None, [ENTRY])


def guarded_against_bare_engine() -> Row:
    """One warm answer behind the guard against the same compiled policy without it."""
    document, compiled, bare = _whole().document, _bare(shipped_bundle()), Interpreter()

    def ask() -> object:
        bare.set_input_term(json.dumps(document, ensure_ascii=False))
        return json.loads(str(bare.query_bundle_entrypoint(compiled, ENTRY)))

    return latency(
        "policy: one answer about 190 spans and sites",
        lambda: _engine().ask_now(document),
        "bare regopy, the same compiled policy",
        ask,
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


BENCHES = (guarded_against_bare_engine, profiles_against_one_by_one)
