"""How two policies differ: in what they hold, and in questions that they answer differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.drawn import case as drawn
from policy.engines.engine import Engine
from policy.errors import EngineError
from policy.judge import judge
from policy.vectors import Case, outcome

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """What was added, removed or changed, and up to `SHOWN` counter-examples of `differing`."""

    revisions: tuple[str, str]
    rules: Mapping[str, str]
    data: tuple[str, ...]
    asked: int
    differing: int
    examples: tuple[Mapping[str, JSON], ...]

    @property
    def same(self) -> bool:
        """Whether it is one policy, byte for byte."""
        return self.revisions[0] == self.revisions[1]

    def to_json(self) -> dict[str, JSON]:
        """Return the difference as JSON."""
        return {
            "revisions": list(self.revisions),
            "rules": dict(self.rules),
            "data": list(self.data),
            "asked": self.asked,
            "differing": self.differing,
            "examples": list(self.examples),
        }


async def compare(
    bundles: tuple[Bundle, Bundle],
    engines: tuple[Engine, Engine],
    vectors: Mapping[str, bytes],
    *,
    generated: int,
    seed: int,
) -> Difference:
    """Compare what two policies hold, then ask both every vector and the drawn questions."""
    if bundles[0].revision == bundles[1].revision:
        generated, vectors = 0, {}
    cases = [Case.from_bytes(name, raw) for name, raw in sorted(vectors.items())]
    series = chain(cases, (drawn(seed, number) for number in range(generated)))
    found = [await _example(bundles, engines, case) for case in series]
    examples = [each for each in found if each is not None]
    return Difference(
        revisions=(bundles[0].revision, bundles[1].revision),
        rules=_rules(*bundles),
        data=_data(*bundles),
        asked=len(found),
        differing=len(examples),
        examples=tuple(examples[:SHOWN]),
    )


async def _example(
    bundles: tuple[Bundle, Bundle], engines: tuple[Engine, Engine], case: Case
) -> Mapping[str, JSON] | None:
    before, after = [
        await _answer(bundle, engine, case) for bundle, engine in zip(bundles, engines, strict=True)
    ]
    if before == after:
        return None
    codes, now = set(before.codes), set(after.codes)
    return {
        "case": case.name,
        "level": str(case.question.label.level),
        "kind": case.question.kind.value,
        "before": before.decision,
        "after": after.decision,
        "codes_gone": sorted(codes - now),
        "codes_new": sorted(now - codes),
    }


@dataclass(frozen=True, slots=True)
class _Answer:
    decision: str
    codes: tuple[str, ...]


async def _answer(bundle: Bundle, engine: Engine, case: Case) -> _Answer:
    try:
        judgement = await judge(
            engine,
            bundle,
            case.question,
            spans=case.spans,
            sites=case.sites,
            clusters=case.clusters,
        )
    except EngineError as failure:
        return _Answer("refuse", (failure.code,))
    found = outcome(case, judgement, bundle)
    codes = found["codes"]
    listed = codes if isinstance(codes, list) else []
    return _Answer(str(found["decision"]), tuple(str(code) for code in listed))


def _rules(before: Bundle, after: Bundle) -> dict[str, str]:
    changed = {
        name: "changed"
        for name in before.rules.keys() & after.rules.keys()
        if _source(before, name) != _source(after, name)
    }
    added = dict.fromkeys(after.rules.keys() - before.rules.keys(), "added")
    removed = dict.fromkeys(before.rules.keys() - after.rules.keys(), "removed")
    return dict(sorted({**changed, **added, **removed}.items()))


def _source(bundle: Bundle, rule: str) -> str:
    return bundle.modules[f"sekisho/rules/{rule}/{rule}.rego"]


def _data(before: Bundle, after: Bundle) -> tuple[str, ...]:
    return tuple(_paths(before.data, after.data, ""))


def _paths(before: JSON, after: JSON, where: str) -> Sequence[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        names = sorted({*before, *after})
        return [
            line
            for name in names
            for line in _paths(before.get(name), after.get(name), f"{where}/{name}")
        ]
    return [] if before == after else [where or "/"]
