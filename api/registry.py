"""Registering datasets: examined in full, recorded, then kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.dataset import Dataset
from api.errors import NotAllowedError, UsageError
from api.examine import examine
from api.ledger import Ledger
from api.objects import Objects
from api.recall import registered
from api.record import Entry
from api.store.database import Database
from api.store.datasets import save_dataset
from api.wording.printable import printable
from policy.canonical import canonical
from policy.classify.classify import Classification
from policy.errors import TermError
from policy.label import Level
from policy.terms import term

UNREAD: Final = "unread"
"""The state of a dataset that no reader understood; nothing of it passes."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a tenant states of a file: whose it is, where it lies, what it is for."""

    tenant: str
    site: str
    purposes: frozenset[str]
    name: str
    declared: Level | None = None
    full: bool = True

    def __post_init__(self) -> None:
        """Raise UsageError for a dataset without a tenant, site or purpose that can be asked of."""
        if not self.tenant.strip():
            raise UsageError("a dataset needs a tenant: give --tenant NAME")
        if not self.site.strip():
            raise UsageError("a dataset needs the site where it lies: give --site ID")
        if not self.purposes:
            raise UsageError("a dataset needs a purpose: give --purpose NAME")
        # What no question could carry would be registered and could never be asked about.
        for text in (self.tenant, self.site, *self.purposes):
            try:
                term(text)
            except TermError as failure:
                raise UsageError(f"{text!r}: {failure}") from failure


@dataclass(frozen=True, slots=True)
class Registry:
    """Registers datasets; `clock` gives Unix seconds, `fresh` gives new ids."""

    ledger: Ledger
    objects: Objects
    database: Database
    clock: Callable[[], int]
    fresh: Callable[[], str]

    def register(self, path: Path, registration: Registration) -> tuple[Dataset, Classification]:
        """Examine the file and register it as a dataset.

        Raises:
            NotAllowedError: it is L5; that it was refused is recorded, nothing of it is kept.
            UnavailableError: it could not be recorded; nothing is registered.
            UsageError: the name that it was given, or the file's own, is not one line of text.
        """
        name = registration.name or path.name
        if printable(name) != name or "\n" in name:
            raise UsageError(f"{printable(name)}: not one line of text; give --name")
        found = examine(path, declared=registration.declared, full=registration.full)
        if found.label.level is Level.L5:
            self._refuse(registration)
        dataset = self._dataset(path, registration, found)
        entry = Entry("dataset.registered", dataset.registered, registered(dataset))
        self.ledger.append_now(entry)
        with self.database.begin() as session:
            save_dataset(session, dataset)
        return dataset, found

    def _refuse(self, stated: Registration) -> None:
        facts = {"tenant": stated.tenant, "site": stated.site, "level": str(Level.L5)}
        self.ledger.append_now(Entry(kind="dataset.refused", at=self.clock(), facts=facts))
        raise NotAllowedError("this content is marked L5: it may not be kept or carried here")

    def _dataset(self, path: Path, stated: Registration, found: Classification) -> Dataset:
        return Dataset(
            id=f"ds-{self.fresh()}",
            tenant=stated.tenant,
            name=stated.name or path.name,
            site=stated.site,
            purposes=stated.purposes,
            declared=stated.declared,
            label=found.label,
            content=found.content_digest,
            size=path.stat().st_size,
            provisional=found.provisional,
            state=UNREAD if found.unknown else str(found.state),
            registered=self.clock(),
            findings=self.objects.put(canonical(found.to_json())),
        )
