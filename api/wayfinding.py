"""Looking for a way: what would be answered, for whoever plans. Nothing is released or recorded.

A tenant asks about its own dataset, with every rule; anybody asks about a label, where only the
rules on sites, spans and paths are put.
"""

from collections.abc import Callable
from dataclasses import dataclass

from api.dataset import Dataset
from api.reckoning import Reckoning, reckon
from api.world import World
from policy.constraints import EMPTY, Constraints
from policy.label import Label
from policy.question import Kind, Principal, Question
from routing.search import SHORTEST, Aim


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to travel: a label alone, or a dataset of the principal who asks."""

    label: Label
    dataset: Dataset | None = None
    principal: Principal | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """From where to which of `targets`, under which constraints of one's own."""

    source: str
    targets: tuple[str, ...]
    constraints: Constraints = EMPTY
    protect: str = "none"
    k: int = 1
    aim: Aim = SHORTEST


def question_of(subject: Subject, way: Way, clock: Callable[[], int]) -> Question:
    """Return the question that asks whether the subject may go that way."""
    return Question(
        kind=Kind.PATH,
        now=clock(),
        label=subject.label,
        principal=subject.principal,
        dataset=None if subject.dataset is None else subject.dataset.facts,
        purpose=subject.purpose,
        source=way.source,
        destination=way.targets[0] if len(way.targets) == 1 else None,
        constraints=way.constraints,
    )


async def find_way(world: World, subject: Subject, way: Way, clock: Callable[[], int]) -> Reckoning:
    """Return the compliant paths, or why there is none.

    Raises:
        UnknownSiteError: the network has no such source or target.
    """
    question = question_of(subject, way, clock)
    return await reckon(world, question, way.targets, k=way.k, protect=way.protect, aim=way.aim)
