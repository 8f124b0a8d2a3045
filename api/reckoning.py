"""A question worked out to its end: ask the policy, cut the topology, find the path, ask again.

A pure function of the question and the world (policy, engine, network), so the gate can record
what it read and a replay can work it out once more and compare the bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from api.blockage import blockage
from api.errors import FaultError
from api.world import World
from policy.canonical import JSON
from policy.constraints import Limits
from policy.decide import refuse, unanswered
from policy.decision import Permit, Reason, Refusal
from policy.errors import EngineError
from policy.judge import Judgement
from policy.question import Question
from routing.errors import RoutingError
from routing.explain import Explanation, explain
from routing.paths import Path
from routing.price import price
from routing.search import SHORTEST, Aim, NoPath, find


@dataclass(frozen=True)
class Reckoning:
    """The end of a question: the decision, what led to it, and the document that says so."""

    question: Question
    decision: Permit | Refusal
    paths: tuple[Path, ...]
    price: Mapping[str, JSON] | None
    explanation: Explanation | None

    @property
    def permitted(self) -> bool:
        """Whether the answer is yes."""
        return isinstance(self.decision, Permit)

    @property
    def document(self) -> dict[str, JSON]:
        """The answer as JSON: verdict, paths, price, refusal, obligations."""
        answer: dict[str, JSON] = {
            "verdict": "permit" if self.permitted else "refuse",
            "paths": [path.to_json() for path in self.paths],
        }
        if self.price is not None:
            answer["price"] = self.price
        if isinstance(self.decision, Permit):
            answer["obligations"] = [o.to_json() for o in self.decision.obligations]
        else:
            answer["refusal"] = self._refusal(self.decision)
        return answer

    @property
    def codes(self) -> tuple[str, ...]:
        """The distinct codes of a refusal, in order; none for a permit."""
        if isinstance(self.decision, Permit):
            return ()
        return tuple(sorted({reason.code for reason in self.decision.reasons}))

    def _refusal(self, refusal: Refusal) -> dict[str, JSON]:
        blocked: Mapping[str, JSON] = {} if self.explanation is None else self.explanation.to_json()
        return {
            "reasons": [reason.to_json() for reason in refusal.reasons],
            "remedies": [remedy.to_json() for remedy in refusal.remedies],
            **blocked,
        }


async def reckon(
    world: World,
    question: Question,
    targets: Sequence[str],
    *,
    k: int = 1,
    protect: str = "none",
    aim: Aim = SHORTEST,
) -> Reckoning:
    """Answer whether, and how, the question's dataset may go from its source to a target.

    An engine that gives no answer refuses with its `engine.*` reason.

    Raises:
        UnknownSiteError: the network has no such source or target.
        FaultError: the policy refuses, as a whole, a path made only of parts it permits.
    """
    source = question.source or ""
    # What lies at a cluster already may still go to any other.
    targets = [target for target in targets if target != source] or targets
    for site in (source, *targets, *aim.via, *aim.avoid):
        world.topology.site_place(site)
    try:
        judgement = await world.judge(question, targets)
        if judgement.request:
            return Reckoning(question, refuse(judgement.request, world.bundle), (), None, None)
        found = find(
            world.topology,
            spans=judgement.spans.admissible,
            sites=judgement.sites.admissible,
            source=source,
            targets=[target for target in targets if _admitted(judgement, target)],
            limits=world.bundle.limits(question),
            k=k,
            protect=protect,
            aim=aim,
        )
        if isinstance(found, NoPath) and not found.undetermined and aim != SHORTEST:
            plain = await reckon(world, question, targets, protect=protect)
            return _wished(world, question, aim) if plain.permitted else plain
        if isinstance(found, NoPath):
            return _explain(world, question, targets, judgement, found, protect=protect)
        return await _confirm(world, question, found.paths)
    except EngineError as failure:
        return _unanswered(question, failure)


def _wished(world: World, question: Question, aim: Aim) -> Reckoning:
    """Refuse what the policy would permit but for the sites and objective that were wished for."""
    args: dict[str, JSON] = {
        "objective": aim.objective.value,
        "via": list(aim.via),
        "avoid": list(aim.avoid),
    }
    reason = Reason("path.wished", "path", args=args)
    return Reckoning(question, refuse((reason,), world.bundle), (), None, None)


async def recheck(world: World, question: Question) -> Reckoning:
    """Answer whether the question's own path is still permitted, on the network as it is now."""
    if question.path is None or question.source is None:
        raise FaultError("only a question with a path can be asked again")
    try:
        path = Path.of(world.topology, question.source, question.path.spans)
        if path.sites != question.path.sites:
            # The spans kept their names but lead elsewhere: another path than was permitted.
            return _gone(world, question, f"it now leads by {', '.join(path.sites)}")
        whole, decision = await _whole(world, question, path)
    except RoutingError as failure:
        return _gone(world, question, str(failure))
    except EngineError as failure:
        return _unanswered(question, failure)
    return Reckoning(whole, decision, (path,), _price(world, path), None)


def _gone(world: World, question: Question, problem: str) -> Reckoning:
    gone = Reason("path.gone", "path", args={"problem": problem})
    return Reckoning(question, refuse((gone,), world.bundle), (), None, None)


def _admitted(judgement: Judgement, target: str) -> bool:
    return bool(judgement.clusters.admissible[judgement.clusters.subjects.index(target)])


async def _confirm(world: World, question: Question, paths: tuple[Path, ...]) -> Reckoning:
    """Put every path found to the policy again, whole; a refusal now is a fault, never a no."""
    answers = [await _whole(world, question, path) for path in paths]
    for _, decision in answers:
        if isinstance(decision, Refusal):
            codes = ", ".join(sorted({reason.code for reason in decision.reasons}))
            raise FaultError(f"the path that the search found is refused as a whole: {codes}")
    whole, decision = answers[0]
    return Reckoning(whole, decision, paths, _price(world, paths[0]), None)


async def _whole(world: World, question: Question, path: Path) -> tuple[Question, Permit | Refusal]:
    whole = replace(question, path=path.facts, destination=path.sites[-1])
    return whole, world.decide(whole, await world.judge_path(whole, path))


def _explain(
    world: World,
    question: Question,
    targets: Sequence[str],
    judgement: Judgement,
    found: NoPath,
    *,
    protect: str,
) -> Reckoning:
    limits = world.bundle.limits(question)
    explanation = explain(
        world.topology,
        judgement.spans,
        judgement.sites,
        judgement.clusters,
        source=question.source or "",
        targets=targets,
        limits=limits,
        protect=protect,
    )
    reasons = blockage(judgement, explanation, undetermined=found.undetermined)
    return Reckoning(question, refuse(reasons, world.bundle), (), None, explanation)


def _price(world: World, path: Path) -> Mapping[str, JSON]:
    """Against the shortest path of the whole network, which may be forbidden throughout."""
    network = world.topology.network
    shortest = find(
        world.topology,
        spans=np.ones(len(network.spans), dtype=np.bool_),
        sites=np.ones(len(network.sites), dtype=np.bool_),
        source=path.sites[0],
        targets=[path.sites[-1]],
        limits=Limits(),
    )
    return price(path, None if isinstance(shortest, NoPath) else shortest.paths[0])


def _unanswered(question: Question, failure: EngineError) -> Reckoning:
    return Reckoning(question, unanswered(failure.code), (), None, None)
