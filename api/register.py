"""The datasets and passages as the gate and the surfaces read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.dataset import Dataset
from api.passage import Passage
from api.recall import Recall
from api.store.database import Database
from api.store.datasets import get_dataset, list_datasets
from api.store.passages import add_passage, get_passage, list_passages, use_nonce


@dataclass(frozen=True, slots=True)
class Register:
    """Implements the gate's `Register` port; with a tenant, one sees only one's own.

    With a `recall`, a single dataset or passage is given only as the log has it; lists are for
    looking at, and nothing is decided by them.
    """

    database: Database
    clock: Callable[[], int]
    recall: Recall | None = None

    def dataset(self, identity: str, *, tenant: str | None = None) -> Dataset:
        """Return the dataset or raise NotFoundError."""
        with self.database.read() as session:
            found = get_dataset(session, identity, tenant=tenant)
        return found if self.recall is None else self.recall.dataset(found)

    def datasets(
        self, *, tenant: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Dataset]:
        """Return up to `limit` datasets from behind `after`."""
        with self.database.read() as session:
            return list_datasets(session, tenant=tenant, after=after, limit=limit)

    def passage(self, identity: str, *, tenant: str | None = None) -> Passage:
        """Return the passage or raise NotFoundError."""
        with self.database.read() as session:
            found = get_passage(session, identity, tenant=tenant)
        return found if self.recall is None else self.recall.passage(found)

    def passages(
        self, *, tenant: str | None = None, after: str = "", limit: int = 100
    ) -> Sequence[Passage]:
        """Return up to `limit` passages from behind `after`."""
        with self.database.read() as session:
            return list_passages(session, tenant=tenant, after=after, limit=limit)

    def add_passage(self, passage: Passage) -> None:
        """Keep a granted passage."""
        with self.database.begin() as session:
            add_passage(session, passage)

    def spend(self, nonce: str, *, expires: int) -> None:
        """Use up a nonce durably, or raise ConflictError if it was used before."""
        with self.database.begin() as session:
            use_nonce(session, nonce, expires=expires, now=self.clock())
