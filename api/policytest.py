"""`sekisho policy test`: the decision vectors and drawn questions, on one engine or on several."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.drawn import case as drawn
from policy.engines.engine import Engine
from policy.engines.probe import probe
from policy.errors import EngineError
from policy.judge import judge
from policy.vectors import Case, differences, outcome

GENERATED = 2_000


@dataclass(frozen=True, slots=True)
class Report:
    """How many were run, and every answer that is not as expected or not alike."""

    vectors: int
    generated: int
    disagreements: tuple[Mapping[str, JSON], ...]

    @property
    def ok(self) -> bool:
        """Whether something was run and nothing disagreed."""
        return self.vectors + self.generated > 0 and not self.disagreements

    def to_json(self) -> dict[str, JSON]:
        """Return the report as the shell prints it."""
        return {
            "vectors": self.vectors,
            "generated": self.generated,
            "disagreements": list(self.disagreements),
        }


async def run(
    bundle: Bundle,
    engines: Sequence[Engine],
    vectors: Mapping[str, bytes],
    *,
    generated: int = GENERATED,
    seed: int = 1,
) -> Report:
    """Probe every engine, then run the vectors (file name to bytes) and the drawn questions.

    Raises:
        EngineError: an engine falls into a known trap or cannot be reached.
    """
    for engine in engines:
        await probe(engine, bundle)
    cases = [Case.from_bytes(name, raw) for name, raw in sorted(vectors.items())]
    series = (drawn(seed, number) for number in range(generated))
    found = [await _disagreement(bundle, engines, case) for case in chain(cases, series)]
    return Report(len(cases), generated, tuple(one for one in found if one is not None))


async def _disagreement(
    bundle: Bundle, engines: Sequence[Engine], case: Case
) -> Mapping[str, JSON] | None:
    outcomes = {engine.name: await _outcome(bundle, engine, case) for engine in engines}
    expect = case.expect or next(iter(outcomes.values()))
    parts = {name: differences(expect, found) for name, found in outcomes.items()}
    failed = [name for name, found in outcomes.items() if "error" in found]
    if not failed and not any(parts.values()):
        return None
    return {
        "case": case.name,
        "parts": parts,
        "expected": {part: expect.get(part) for names in parts.values() for part in names},
        "found": {
            name: {part: outcomes[name].get(part) for part in [*names, "error"]}
            for name, names in parts.items()
        },
    }


async def _outcome(bundle: Bundle, engine: Engine, case: Case) -> Mapping[str, JSON]:
    try:
        judgement = await judge(
            engine,
            bundle,
            case.question,
            spans=case.spans,
            sites=case.sites,
            clusters=case.clusters,
        )
    except EngineError as error:
        return {"error": error.code}
    return outcome(case, judgement, bundle)
