"""The table of answers kept for whoever asks the same thing again."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete

from api.errors import ConflictError, UsageError


class AnswerRow(SQLModel, table=True):
    """An answer under a digest of who asked, for what and with which key; no status: not yet."""

    __tablename__ = "idempotency"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    fingerprint: str
    at: int
    status: int | None = None
    location: str = ""
    body: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))


def make_table(session: Session) -> None:
    """Create the table where it is missing."""
    SQLModel.metadata.tables["idempotency"].create(session.connection(), checkfirst=True)


def begin_answer(
    session: Session, name: str, fingerprint: str, *, now: int, kept: int
) -> AnswerRow | None:
    """Return the earlier answer, or None after noting that this is the first time.

    Answers are kept for `kept` seconds.

    Raises:
        UsageError: the same key came with another request.
        ConflictError: the first request is not answered yet, or was cut off.
    """
    session.exec(delete(AnswerRow).where(col(AnswerRow.at) < now - kept))
    row = session.get(AnswerRow, name)
    if row is None:
        session.add(AnswerRow(name=name, fingerprint=fingerprint, at=now))
        return None
    if row.fingerprint != fingerprint:
        raise UsageError("this Idempotency-Key was used for another request")
    if row.status is None:
        raise ConflictError("the first request with this Idempotency-Key was not answered yet")
    return row


def keep_answer(session: Session, name: str, status: int, location: str, body: bytes) -> None:
    """Keep the answer to a request that was begun."""
    row = session.get(AnswerRow, name)
    if row is not None:
        row.status, row.location, row.body = status, location, body


def forget_answer(session: Session, name: str) -> None:
    """Forget a request that failed, so that it can be tried again with the same key."""
    session.exec(delete(AnswerRow).where(col(AnswerRow.name) == name))
