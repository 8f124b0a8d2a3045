"""The start-up probe: an engine that answers a known trap wrongly is not used.

Each trap once made some engine, or some way of using it, give a wrong answer in silence: strings
of other scripts, `every` over nothing, set operations that change their operands, boundaries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.constraints import Constraints, constraints_from
from policy.engines.engine import Engine
from policy.errors import EngineError
from policy.judge import judge
from policy.label import Label, Level
from policy.question import Kind, PathFacts, Question
from policy.subjects import Attributes
from policy.territory import Bound, Territory


@dataclass(frozen=True, slots=True)
class Trap:
    """A question without a dataset, its spans, and which of them alone are admissible."""

    name: str
    question: Question
    spans: Mapping[str, Attributes]
    admissible: frozenset[str]
    codes: tuple[str, ...] = ()


async def probe(engine: Engine, bundle: Bundle) -> None:
    """Ask every trap.

    Raises:
        EngineError: `engine.failed` for a wrong answer, else what the engine raised.
    """
    for trap in traps():
        found = await judge(engine, bundle, trap.question, spans=trap.spans, sites={}, clusters={})
        spans = zip(found.spans.subjects, found.spans.admissible, strict=True)
        passed = frozenset(span for span, admissible in spans if admissible)
        codes = tuple(reason.code for reason in (*found.request, *found.path))
        if passed != trap.admissible or codes != trap.codes:
            raise EngineError("engine.failed", f"{engine.name} falls into the trap {trap.name}")


def traps() -> Iterator[Trap]:
    """Yield the known traps."""
    kanji = {"a": _facts(operator="東京"), "b": _facts(operator="大阪"), "c": _facts()}
    denied: JSON = {"deny": {"operators": ["東京"]}}
    yield Trap("other scripts", _asked(constraints_from(denied)), kanji, frozenset("b"))
    several = {"a": _facts(jurisdictions=["JP", "XX"]), "b": _facts(jurisdictions=["JP"])}
    nowhere = {**several, "c": _facts(jurisdictions=[]), "d": _facts()}
    shunned: JSON = {"deny": {"jurisdictions": ["XX"]}}
    yield Trap("every of none", _asked(constraints_from(shunned)), nowhere, frozenset("b"))
    truth: JSON = {"require": {"directed": [1]}}
    flags = {"a": _facts(directed=True), "b": _facts(directed=1)}
    yield Trap("true is not one", _asked(constraints_from(truth)), flags, frozenset("b"))
    yield Trap(
        "the ceiling", _asked(level=Level.L5), {"a": _facts()}, frozenset(), ("ceiling.refused",)
    )
    home = Label(transit=Territory(frozenset({Bound("home", frozenset({"JP"}))})))
    yield Trap("set union", _asked(label=home), several, frozenset("b"))
    for most, codes in ((900, ()), (899.9999999999999, ("limits.exceeded",))):
        limited = _asked(
            constraints_from({"max_km": most}), path=PathFacts(("a",), (), 900, 0, (), 0)
        )
        yield Trap("a boundary", limited, {"a": _facts()}, frozenset("a"), codes)


def _asked(
    constraints: Constraints | None = None,
    *,
    level: Level = Level.L0,
    label: Label | None = None,
    path: PathFacts | None = None,
) -> Question:
    return Question(
        kind=Kind.PATH,
        now=0,
        label=Label(level=level) if label is None else label,
        constraints=Constraints() if constraints is None else constraints,
        path=path,
    )


def _facts(**attributes: JSON) -> dict[str, JSON]:
    return attributes
