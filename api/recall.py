"""What the log itself says of what stands, read once by the process that writes it.

The database repeats the log so that things are found quickly. Whoever can change the database
alone must not change what holds: before anything is decided, what a row says is held against what
was recorded. Derived from the log, kept in memory, never stored.
"""

import threading
from dataclasses import dataclass, field, replace
from typing import Final

from api.dataset import Dataset
from api.errors import NotFoundError, UnavailableError
from api.log.writer import Log
from api.passage import Passage, PassageState
from api.record import Entry
from policy.canonical import JSON, canonical, digest

ENDS: Final = {
    "passage.revoked": PassageState.REVOKED,
    "passage.delivered": PassageState.DELIVERED,
}
_AT_ONCE: Final = 1024
# Canonical entries end with their kind. Decisions are most of a log, and are looked up by place.
_DECISION: Final = b'"kind":"decision","v":1}'


def registered(dataset: Dataset) -> dict[str, JSON]:
    """Return what the log holds of a registered dataset: all that a decision may read of it."""
    return {
        "dataset": dataset.id,
        "tenant": dataset.tenant,
        "label": dataset.label.digest,
        "level": str(dataset.label.level),
        "content": dataset.content,
        "findings": dataset.findings,
        "site": dataset.site,
        "purposes": sorted(dataset.purposes),
        "provisional": dataset.provisional,
    }


@dataclass(slots=True)
class Recall:
    """Datasets as recorded, ended passages, revoked tokens and what is in force; thread-safe."""

    log: Log
    _read: int = 0
    _datasets: dict[str, str] = field(default_factory=dict[str, str])
    _ended: dict[str, PassageState] = field(default_factory=dict[str, PassageState])
    _revoked: set[str] = field(default_factory=set[str])
    _in_force: dict[str, tuple[int, str]] = field(default_factory=dict[str, tuple[int, str]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def dataset(self, dataset: Dataset) -> Dataset:
        """Return the dataset if it is as it was recorded; raises UnavailableError."""
        self._refresh()
        if self._datasets.get(dataset.id) != digest(canonical(registered(dataset))):
            raise UnavailableError(f"dataset {dataset.id!r} is not as the log has it")
        return dataset

    def passage(self, passage: Passage) -> Passage:
        """Return the passage in the state that the log says.

        Raises:
            UnavailableError: the log has no such yes for its dataset and question.
        """
        self._refresh()
        facts: dict[str, JSON] = {
            "kind": "passage",
            "verdict": "permit",
            "question": passage.question,
            "dataset": passage.dataset,
            "tenant": passage.tenant,
        }
        try:
            entry = Entry.from_bytes(self.log.entry(passage.decision))
        except NotFoundError as failure:
            raise UnavailableError(f"passage {passage.id!r} was never decided") from failure
        if entry.kind != "decision" or any(entry.facts[each] != facts[each] for each in facts):
            raise UnavailableError(f"passage {passage.id!r} is not as the log has it")
        return replace(passage, state=self._ended.get(passage.id, PassageState.GRANTED))

    def revoked(self, token: str) -> bool:
        """Whether the token was ever revoked."""
        self._refresh()
        return token in self._revoked

    def check_in_force(self, what: str, position: int, name: str) -> None:
        """Raise UnavailableError unless the newest activation of `what` is this one."""
        self._refresh()
        if self._in_force.get(what) != (position, name):
            raise UnavailableError(f"the {what} in force is not the one that the log has")

    def _refresh(self) -> None:
        with self._lock:
            while self._read < self.log.size:
                for raw in self.log.entries(self._read, self._read + _AT_ONCE):
                    if not raw.endswith(_DECISION):
                        self._take(self._read, Entry.from_bytes(raw))
                    self._read += 1

    def _take(self, index: int, entry: Entry) -> None:
        facts = entry.facts
        match entry.kind:
            case "dataset.registered":
                self._datasets[str(facts["dataset"])] = digest(canonical(dict(facts)))
            case "passage.revoked" | "passage.delivered":
                self._ended.setdefault(str(facts["passage"]), ENDS[entry.kind])
            case "token.revoked":
                self._revoked.add(str(facts["token"]))
            case "policy.activated" | "network.activated":
                what = entry.kind.removesuffix(".activated")
                self._in_force[what] = (index, str(facts["digest"]))
            case _:
                pass
