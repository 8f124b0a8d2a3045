"""A given path, checked hop by hop: every rule's verdict, the worst where several apply."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from api.world import World
from policy.canonical import JSON
from policy.decision import Refusal
from policy.question import Question
from policy.verdicts import Verdict, Verdicts
from routing.paths import Path

_WORST_FIRST: Final = (Verdict.NO, Verdict.UNKNOWN, Verdict.YES)


async def check_path(world: World, question: Question, path: Path) -> dict[str, JSON]:
    """Return the verdict on a path and, for each hop, every rule's verdict.

    A hop is a span and the site it arrives at; the first hop also answers for the site where the
    path begins, the last for the place as a destination.

    Raises:
        EngineError: the engine gave no usable answer.
    """
    whole = replace(question, path=path.facts, destination=path.sites[-1])
    judgement = await world.judge_path(whole, path)
    hops: list[JSON] = []
    for place, (span, reached) in enumerate(zip(path.spans, path.sites[1:], strict=True)):
        parts = [_of(judgement.spans, span), _of(judgement.sites, reached)]
        if place == 0:
            parts.append(_of(judgement.sites, path.sites[0]))
        if place == len(path.spans) - 1:
            parts.append(_of(judgement.clusters, reached))
        hops.append({"span": span, "site": reached, "rules": _worst(parts)})
    decision = world.decide(whole, judgement)
    answer: dict[str, JSON] = {
        "verdict": "refuse" if isinstance(decision, Refusal) else "permit",
        "hops": hops,
        "path": path.to_json(),
    }
    if isinstance(decision, Refusal):
        answer["refusal"] = decision.to_json()
    return answer


def _of(verdicts: Verdicts, subject: str) -> Mapping[str, Verdict]:
    if subject not in verdicts.subjects:
        return {}
    return verdicts.of(verdicts.subjects.index(subject))


def _worst(parts: list[Mapping[str, Verdict]]) -> dict[str, JSON]:
    names = sorted({name for part in parts for name in part})
    return {
        name: min((part[name] for part in parts if name in part), key=_WORST_FIRST.index).word
        for name in names
    }
