"""The story: what are these data, where may they go, by which path, who got the key, and proof."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from api.asking import Placement, placements
from api.control_service import control_service
from api.delivery import record_delivery
from api.demo.carriage import Carried, carry
from api.demo.intruder import try_release
from api.demo.proof import tamper, verify
from api.demo.stage import Stage, Told, set_stage
from api.demo.tell import Teller
from api.errors import FaultError
from api.passage import Passage
from crypto.encoding import unb64
from policy.question import Kind, Principal

if TYPE_CHECKING:
    from policy.canonical import JSON

# Which dataset of the catalogue plays which part.
ROUTED: Final = "hospital-patients"
DESTINATION: Final = "itoshima"
REFUSED: Final = "city-residents"
FORBIDDEN: Final = "ishikari"
LARGE: Final = "call-shard"
LARGE_TO: Final = "inzai"
OTHER_SITE: Final = "tama"


def play(data: Path, work: Path, tell: Teller) -> Iterator[Told]:
    """Play the story on the instance in `data`, step by step; `work` takes what is passing."""
    with set_stage(data, work, tell) as stage:
        yield classify(stage)
        yield place(stage)
        yield route(stage)
        yield refuse(stage)
        yield from carry_both(stage, work)
    yield verify(data, tell)
    yield tamper(data, work, tell)


def classify(stage: Stage) -> Told:
    """What is each dataset?"""
    stage.tell.heading(1, "classify")
    labels: dict[str, JSON] = {}
    rows: list[tuple[str, ...]] = []
    for name, dataset in stage.datasets.items():
        label = dataset.label
        labels[name] = label.to_json()
        level = f"{label.level} {stage.tell.word(f'level.{label.level}')}"
        rows.append((name, level, _evidence(stage, name), ", ".join(sorted(label.regimes))))
    stage.tell.table(("dataset", "level", "evidence", "regimes"), rows)
    return Told("classify", all(stage.datasets.values()), {"labels": labels})


def place(stage: Stage) -> Told:
    """Where may it go? Yes, no or unknown for every cluster, and why."""
    stage.tell.heading(2, "place")
    tables: dict[str, JSON] = {}
    for name in _unlike(stage):
        request = stage.request(name)
        found = asyncio.run(
            placements(stage.gate, request.dataset, request.principal, request.purpose)
        )
        tables[name] = [{"cluster": row.cluster, "verdict": row.verdict} for row in found]
        stage.tell.say("demo.placing", dataset=name, level=str(request.dataset.label.level))
        stage.tell.table(("verdict", "clusters", "why"), _grouped(stage, found))
    return Told("place", bool(tables), {"placements": tables})


def _unlike(stage: Stage) -> list[str]:
    """Return one name of all datasets that are alike to the policy."""
    alike = {
        (known.label.digest, known.tenant, known.site): name
        for name, known in reversed(stage.datasets.items())
    }
    return [name for name in stage.datasets if name in alike.values()]


def _grouped(stage: Stage, found: Sequence[Placement]) -> list[tuple[str, str, str]]:
    """Return the clusters that have verdict and reasons in common, on one row each."""
    rows: dict[tuple[str, str], list[str]] = {}
    for row in found:
        rows.setdefault((row.verdict, stage.tell.reasons(row.reasons)), []).append(row.cluster)
    return [(verdict, ", ".join(names), why) for (verdict, why), names in rows.items()]


def route(stage: Stage) -> Told:
    """By which light path? Hop by hop."""
    stage.tell.heading(3, "route")
    decided = asyncio.run(stage.gate.ask(Kind.PATH, stage.request(ROUTED, DESTINATION)))
    answer = decided.reckoning.document
    for path in decided.reckoning.paths:
        stage.tell.path(path.to_json(), stage.gate.world.topology.network)
    return Told("route", decided.reckoning.permitted, {"decision": decided.id, **answer})


def refuse(stage: Stage) -> Told:
    """A refusal says why, what blocks, and what would help."""
    stage.tell.heading(4, "refuse")
    stage.tell.say("demo.refusing", dataset=REFUSED, cluster=FORBIDDEN)
    decided = asyncio.run(stage.gate.grant(stage.request(REFUSED, FORBIDDEN)))
    answer = decided.reckoning.document
    refusal = answer.get("refusal")
    if isinstance(refusal, dict):
        stage.tell.refusal(refusal)
    return Told("refuse", decided.passage is None, {"decision": decided.id, **answer})


def carry_both(stage: Stage, work: Path) -> Iterator[Told]:
    """One passage is carried, its key released to the receiver alone; another is revoked."""
    with control_service(stage.instance, stage.gate) as service:
        layout = stage.instance.layout
        stage.tell.heading(5, "pass")
        passage = _granted(stage, ROUTED, DESTINATION)
        carried = carry(layout, service, passage, stage.files[ROUTED], work)
        yield _passed(stage, passage, carried)
        stage.tell.heading(6, "release")
        refused = try_release(stage, service, passage, OTHER_SITE)
        yield _released(stage, passage, refused)
        stage.tell.heading(7, "revoke")
        second = _granted(stage, LARGE, LARGE_TO)
        stopped = carry(
            layout, service, second, stage.files[LARGE], work, midway=_revoker(stage, second)
        )
        yield _revoked(stage, second, stopped)


def _granted(stage: Stage, name: str, target: str) -> Passage:
    decided = asyncio.run(stage.gate.grant(stage.request(name, target)))
    if decided.passage is None:
        raise FaultError(f"the example refuses {name} to {target}: {decided.reckoning.codes}")
    return decided.passage


def _passed(stage: Stage, passage: Passage, carried: Carried) -> Told:
    whole = carried.out.is_file() and carried.out.read_bytes() == stage.files[ROUTED].read_bytes()
    answer = carried.answer
    ok = carried.delivered and whole and answer.get("discrepancies") == []
    stage.tell.say(
        "demo.passed", passage=passage.id, source=passage.source, target=passage.destination
    )
    stage.tell.say("demo.receipts", sites=[each["site"] for each in answer.get("receipts", ())])
    if ok:
        signed = [unb64(each, "receipt") for each in answer["signed"]]
        ok = not record_delivery(stage.instance, passage, signed)
    details: dict[str, JSON] = {"passage": passage.id, "receipts": answer.get("receipts", [])}
    return Told("pass", ok, details if ok else {**details, "said": carried.said})


def _released(stage: Stage, passage: Passage, refused: str | None) -> Told:
    stage.tell.say("demo.released", site=passage.destination)
    stage.tell.say("demo.withheld", site=OTHER_SITE, why=refused or "—")
    details: dict[str, JSON] = {"to": passage.destination, "refused": OTHER_SITE, "why": refused}
    return Told("release", refused is not None, details)


def _revoker(stage: Stage, passage: Passage) -> Callable[[], None]:
    auditor = Principal(id="auditor", kind="person", tenant=None, roles=frozenset({"auditor"}))

    def revoke() -> None:
        asyncio.run(stage.gate.revoke(passage.id, principal=auditor, reason="drill"))

    return revoke


def _revoked(stage: Stage, passage: Passage, stopped: Carried) -> Told:
    held_back = not stopped.delivered and not stopped.out.exists()
    ok = held_back and stopped.segments > 0
    stage.tell.say("demo.revoked", passage=passage.id, segments=stopped.segments)
    details: dict[str, JSON] = {"passage": passage.id, "segments_before": stopped.segments}
    return Told("revoke", ok, details if ok else {**details, "said": stopped.said})


def _evidence(stage: Stage, name: str) -> str:
    found = stage.findings(name)["evidence"]
    return ", ".join(sorted({each["type"] for each in found}))
