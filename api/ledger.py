"""The log as the gate writes it, and the index that finds decisions in it.

The log is the truth. The index repeats it and is caught up whenever an instance opens, so an
entry that was recorded just before a crash is found again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from api.errors import UnavailableError
from api.log.writer import Log
from api.recall import ENDS, Recall
from api.record import Entry
from api.store import decisions, epochs, passages
from api.store.database import Database
from api.store.tokens import revoke_token
from crypto.trust import SKEW
from policy.canonical import JSON


@dataclass(frozen=True, slots=True)
class Ledger:
    """Appends entries and keeps their index."""

    log: Log
    database: Database
    recall: Recall = field(init=False)

    def __post_init__(self) -> None:
        """Recall reads the same log."""
        object.__setattr__(self, "recall", Recall(self.log))

    async def append(self, entry: Entry) -> int:
        """Return the entry's index in the log once it is durable.

        Raises:
            UnavailableError: it could not be made durable, or not be indexed.
        """
        self._check_time(entry)
        receipt = await self.log.append(entry.to_bytes())
        self._index(receipt.index + 1)
        return receipt.index

    def append_now(self, entry: Entry) -> int:
        """As `append`, for callers without an event loop."""
        self._check_time(entry)
        receipt = self.log.append_now(entry.to_bytes())
        self._index(receipt.index + 1)
        return receipt.index

    def entry(self, index: int) -> Entry:
        """Return the entry at an index of the log."""
        return Entry.from_bytes(self.log.entry(index))

    def catch_up(self) -> None:
        """Index every entry that the index has not read."""
        self._index(self.log.size)

    def _check_time(self, entry: Entry) -> None:
        # With the clock set back, permits and tokens that have ended would begin again.
        size = self.log.size
        if size and entry.at + SKEW < self.entry(size - 1).at:
            raise UnavailableError("the clock is behind what is recorded; nothing is decided")

    def _index(self, stop: int) -> None:
        # From where the index stands, not only the newest entry: what another caller has appended
        # but not indexed yet, or failed to index, holds before this caller goes on.
        with self.database.begin() as session:
            position = decisions.read_until(session)
            if position > self.log.size:
                raise UnavailableError("the index has read more than the log holds")
            for index, raw in enumerate(self.log.entries(position, stop), start=position):
                index_entry(session, index, Entry.from_bytes(raw))
                decisions.set_read_until(session, index + 1)


def index_entry(session: Session, index: int, entry: Entry) -> None:
    """Add one entry of the log to the index; repeats change nothing."""
    if entry.kind == "decision":
        decisions.index_decision(session, _row(index, entry.at, entry.facts))
    if entry.kind in {"network.activated", "policy.activated"}:
        what = entry.kind.removesuffix(".activated")
        digest = str(entry.facts["digest"])
        epochs.put_in_force(session, what, digest, position=index, at=entry.at)
    if entry.kind in ENDS:
        passages.end_passage(session, str(entry.facts["passage"]), ENDS[entry.kind])
    if entry.kind == "token.revoked":
        revoke_token(session, str(entry.facts["token"]))


def _row(index: int, at: int, facts: Mapping[str, JSON]) -> decisions.DecisionRow:
    def text(name: str) -> str | None:
        value = facts.get(name)
        return None if value is None else str(value)

    return decisions.DecisionRow(
        position=index,
        id=str(facts["id"]),
        at=at,
        kind=str(facts["kind"]),
        verdict=str(facts["verdict"]),
        tenant=text("tenant"),
        dataset=text("dataset"),
        principal=text("principal"),
        revision=str(facts["revision"]),
        epoch=str(facts["epoch"]),
    )
