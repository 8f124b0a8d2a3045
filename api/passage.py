"""A passage: a tenant's request to move a dataset, once it was granted."""

from dataclasses import dataclass
from enum import StrEnum


class PassageState(StrEnum):
    """What became of a passage; only `granted` lets anything move."""

    GRANTED = "granted"
    DELIVERED = "delivered"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Passage:
    """A granted passage; `permit` is the signed permit, `decision` its index in the log."""

    id: str
    dataset: str
    tenant: str
    requester: str
    source: str
    destination: str
    state: PassageState
    permit: bytes
    decision: int
    created: int
    expires: int
