"""A passage: a tenant's request to move a dataset, once it was granted."""

from dataclasses import dataclass
from enum import StrEnum

from policy.canonical import JSON


class PassageState(StrEnum):
    """What became of a passage; only `granted` lets anything move."""

    GRANTED = "granted"
    DELIVERED = "delivered"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Passage:
    """A granted passage.

    `question` is the digest of the question that was answered with yes, `decision` the index of
    that answer in the log, `permit` the signed permit.
    """

    id: str
    dataset: str
    tenant: str
    source: str
    destination: str
    state: PassageState
    question: str
    permit: bytes
    decision: int
    created: int
    expires: int

    def to_json(self) -> dict[str, JSON]:
        """Return what may be shown of the passage; the permit is signed, not secret."""
        return {
            "id": self.id,
            "dataset": self.dataset,
            "tenant": self.tenant,
            "source": self.source,
            "destination": self.destination,
            "state": self.state.value,
            "decision": self.decision,
            "created": self.created,
            "expires": self.expires,
            "permit": self.permit.decode(),
        }
