"""The questions that surfaces ask of the gate again and again, in one place."""

from dataclasses import dataclass

from api.dataset import Dataset
from api.gate import Decided, Gate, Request
from policy.canonical import JSON
from policy.decision import Reason, Refusal
from policy.label import Level
from policy.question import Kind, Principal


@dataclass(frozen=True, slots=True)
class Placement:
    """Whether a dataset may be placed at a cluster: `verdict` is yes, no or unknown."""

    cluster: str
    verdict: str
    decided: Decided

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why not; empty for a yes."""
        decision = self.decided.reckoning.decision
        return decision.reasons if isinstance(decision, Refusal) else ()

    def to_json(self) -> dict[str, JSON]:
        """Return the row: cluster, verdict, where the decision stands, path or refusal."""
        return {
            **self.decided.reckoning.document,
            "cluster": self.cluster,
            "verdict": self.verdict,
            "decision": self.decided.id,
        }


def requester(dataset: Dataset, *, name: str, clearance: str) -> Principal:
    """Return a steward of the dataset's own tenant, as the local shell's user is taken to be."""
    return Principal(
        id=name,
        kind="person",
        tenant=dataset.tenant,
        roles=frozenset({"tenant"}),
        clearance=Level.parse(clearance),
    )


def purpose_of(dataset: Dataset, purpose: str | None) -> str:
    """Return the purpose that was given, or the dataset's first."""
    return purpose or min(dataset.purposes)


async def placements(
    gate: Gate, dataset: Dataset, who: Principal, purpose: str | None
) -> tuple[Placement, ...]:
    """Ask for every other cluster whether the dataset may go there; each answer is recorded."""
    rows: list[Placement] = []
    for cluster in (each for each in gate.world.clusters if each != dataset.site):
        request = Request(dataset, who, purpose_of(dataset, purpose), (cluster,))
        decided = await gate.ask(Kind.PLACEMENT, request)
        rows.append(Placement(cluster, _verdict(decided), decided))
    return tuple(rows)


def _verdict(decided: Decided) -> str:
    decision = decided.reckoning.decision
    if not isinstance(decision, Refusal):
        return "yes"
    # Unknown is said only when nothing is known to be against it.
    unknown = all(
        reason.code.endswith((".unknown", ".undetermined")) for reason in decision.reasons
    )
    return "unknown" if unknown else "no"
