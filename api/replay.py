"""Replaying a recorded decision: the same question, policy and network must give the same bytes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from api.errors import NotFoundError, UnavailableError
from api.objects import Objects
from api.reckoning import Reckoning, recheck, reckon
from api.record import Entry
from api.world import World
from policy.bundle import Bundle
from policy.canonical import JSON, canonical, digest
from policy.engines.engine import Engine
from policy.errors import PolicyError
from policy.question import Kind, Question
from routing.network import parse_network
from routing.topology import Topology

_LINE: Final = 120


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay gave: `same`, `different` or `not replayable`, and in what it differs."""

    result: str
    recorded: Mapping[str, JSON]
    differences: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the replay as JSON."""
        return {
            "result": self.result,
            "verdict": self.recorded.get("verdict"),
            "differences": list(self.differences),
        }


async def replay(entry: Entry, objects: Objects, engine: Callable[[Bundle], Engine]) -> Replay:
    """Work the decision of a log entry out once more, with the policy and network of its time.

    Raises:
        EngineError: the engine gave no usable answer now.
    """
    facts = entry.facts
    if unanswered := [code for code in _codes(facts) if code.startswith("engine.")]:
        # What the engine failed to say stands in no bytes that could be asked again.
        return Replay("not replayable", facts, (f"the engine gave no answer: {unanswered[0]}",))
    try:
        question = Question.from_bytes(objects.get(str(facts["question"])))
        bundle = Bundle.from_bytes(objects.get(str(facts["revision"])))
        network = parse_network(objects.get(str(facts["epoch"])))
        outcome = objects.get(str(facts["outcome"]))
    except (NotFoundError, UnavailableError, PolicyError) as failure:
        return Replay("not replayable", facts, (str(failure),))
    world = World(bundle, engine(bundle), Topology(network))
    again = await work_out(world, question, facts)
    raw = canonical(again.document)
    differences = tuple(_different(json.loads(outcome), json.loads(raw), ""))
    same = digest(raw) == facts["outcome"]
    return Replay("same" if same else "different", facts, differences)


def _codes(facts: Mapping[str, JSON]) -> list[str]:
    codes = facts.get("codes")
    return [str(code) for code in codes] if isinstance(codes, list) else []


async def work_out(world: World, question: Question, facts: Mapping[str, JSON]) -> Reckoning:
    """Work a recorded question out in a world, with the options that it was asked with."""
    if question.kind is Kind.RELEASE:
        return await recheck(world, question)
    options: Any = facts["options"]
    return await reckon(world, question, options["targets"], protect=options["protect"])


def _different(recorded: Any, now: Any, where: str) -> list[str]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        names = sorted({*recorded, *now})
        return [
            line
            for name in names
            for line in _different(recorded.get(name), now.get(name), f"{where}/{name}")
        ]
    if recorded == now:
        return []
    return [f"{where or '/'}: recorded {_short(recorded)}, now {_short(now)}"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LINE else text[:_LINE] + "…"
