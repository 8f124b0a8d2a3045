"""A dataset as the gate knows it: what it is, whose it is, where it lies."""

from dataclasses import dataclass

from policy.canonical import JSON
from policy.label import Label, Level
from policy.question import DatasetFacts


@dataclass(frozen=True, slots=True)
class Dataset:
    """A registered dataset; `content` and `findings` are digests, `size` is in bytes."""

    id: str
    tenant: str
    name: str
    site: str
    purposes: frozenset[str]
    declared: Level | None
    label: Label
    content: str | None
    size: int
    provisional: bool
    state: str
    registered: int
    findings: str

    @property
    def facts(self) -> DatasetFacts:
        """What a policy question may know of the dataset."""
        return DatasetFacts(
            id=self.id,
            tenant=self.tenant,
            content=self.content,
            purposes=self.purposes,
            provisional=self.provisional,
        )

    def to_json(self) -> dict[str, JSON]:
        """Return what may be shown of the dataset."""
        return {
            "id": self.id,
            "tenant": self.tenant,
            "name": self.name,
            "site": self.site,
            "purposes": sorted(self.purposes),
            "declared": None if self.declared is None else str(self.declared),
            "label": self.label.to_json(),
            "content": self.content,
            "size": self.size,
            "provisional": self.provisional,
            "state": self.state,
            "registered": self.registered,
        }
