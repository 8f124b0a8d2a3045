"""A dataset as the gate knows it: what it is, whose it is, where it lies."""

from dataclasses import dataclass

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
