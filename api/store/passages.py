"""The table of passages and of the nonces that a release has used up."""

from collections.abc import Sequence

from sqlalchemy import CheckConstraint, Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, delete, select

from api.errors import ConflictError, NotFoundError
from api.passage import Passage, PassageState


class PassageRow(SQLModel, table=True):
    """One granted passage."""

    __tablename__ = "passage"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (CheckConstraint("state IN ('granted', 'delivered', 'revoked')"),)

    id: str = Field(primary_key=True)
    dataset: str = Field(index=True)
    tenant: str = Field(index=True)
    source: str
    destination: str
    state: str = Field(index=True)
    question: str
    permit: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    decision: int
    created: int
    expires: int


class NonceRow(SQLModel, table=True):
    """A challenge that was answered; it is refused until it has expired."""

    __tablename__ = "nonce"  # pyright: ignore[reportAssignmentType]

    value: str = Field(primary_key=True)
    expires: int


def add_passage(session: Session, passage: Passage) -> None:
    """Insert a granted passage."""
    session.add(
        PassageRow(
            id=passage.id,
            dataset=passage.dataset,
            tenant=passage.tenant,
            source=passage.source,
            destination=passage.destination,
            state=passage.state.value,
            question=passage.question,
            permit=passage.permit,
            decision=passage.decision,
            created=passage.created,
            expires=passage.expires,
        )
    )


def get_passage(session: Session, identity: str, *, tenant: str | None) -> Passage:
    """Return the passage; with a tenant, only one of that tenant's.

    Raises:
        NotFoundError: there is none; another tenant's looks the same as none.
    """
    row = session.get(PassageRow, identity)
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFoundError(f"no passage {identity!r}")
    return _value(row)


def list_passages(
    session: Session, *, tenant: str | None, after: str = "", limit: int = 100
) -> Sequence[Passage]:
    """Return up to `limit` passages in the order of their ids, from behind `after`."""
    query = select(PassageRow).where(PassageRow.id > after).order_by(PassageRow.id).limit(limit)
    if tenant is not None:
        query = query.where(PassageRow.tenant == tenant)
    return [_value(row) for row in session.exec(query)]


def end_passage(session: Session, identity: str, state: PassageState) -> None:
    """Set a granted passage to `state`; one that has ended stays as it ended."""
    row = session.get(PassageRow, identity)
    if row is not None and row.state == PassageState.GRANTED:
        row.state = state.value


def use_nonce(session: Session, value: str, *, expires: int, now: int) -> None:
    """Mark a nonce as used until it expires.

    Raises:
        ConflictError: it was used before.
    """
    session.exec(delete(NonceRow).where(col(NonceRow.expires) < now))
    if session.get(NonceRow, value) is not None:
        raise ConflictError("this challenge was answered before")
    session.add(NonceRow(value=value, expires=expires))


def _value(row: PassageRow) -> Passage:
    return Passage(
        id=row.id,
        dataset=row.dataset,
        tenant=row.tenant,
        source=row.source,
        destination=row.destination,
        state=PassageState(row.state),
        question=row.question,
        permit=row.permit,
        decision=row.decision,
        created=row.created,
        expires=row.expires,
    )
