"""The index of decisions: what the log holds, arranged for finding.

Derived state: every row repeats an entry of the log and can be rebuilt from it.
"""

from collections.abc import Sequence

from sqlmodel import Field, Session, SQLModel, col, select

from api.errors import NotFoundError


class DecisionRow(SQLModel, table=True):
    """Where a decision stands in the log, and what one looks it up by."""

    __tablename__ = "decision"  # pyright: ignore[reportAssignmentType]

    position: int = Field(primary_key=True)
    id: str = Field(unique=True, index=True)
    at: int
    kind: str
    verdict: str = Field(index=True)
    tenant: str | None = Field(index=True)
    dataset: str | None = Field(index=True)
    principal: str | None
    revision: str
    epoch: str


class CursorRow(SQLModel, table=True):
    """How many entries of the log the index has read."""

    __tablename__ = "cursor"  # pyright: ignore[reportAssignmentType]

    name: str = Field(primary_key=True)
    position: int


def index_decision(session: Session, row: DecisionRow) -> None:
    """Insert the row, or replace the one at its position."""
    session.merge(row)


def get_decision(session: Session, identity: str, *, tenant: str | None) -> DecisionRow:
    """Return where the decision stands; with a tenant, only one of that tenant's.

    Raises:
        NotFoundError: there is none; another tenant's looks the same as none.
    """
    row = session.exec(select(DecisionRow).where(DecisionRow.id == identity)).first()
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFoundError(f"no decision {identity!r}")
    return row


def list_decisions(
    session: Session,
    *,
    tenant: str | None,
    before: int | None = None,
    limit: int = 100,
    verdict: str | None = None,
) -> Sequence[DecisionRow]:
    """Return up to `limit` decisions, newest first, from before position `before`."""
    query = select(DecisionRow).order_by(col(DecisionRow.position).desc()).limit(limit)
    if before is not None:
        query = query.where(DecisionRow.position < before)
    if tenant is not None:
        query = query.where(DecisionRow.tenant == tenant)
    if verdict is not None:
        query = query.where(DecisionRow.verdict == verdict)
    return session.exec(query).all()


def read_until(session: Session) -> int:
    """Return how many entries of the log the index has read."""
    row = session.get(CursorRow, "log")
    return 0 if row is None else row.position


def set_read_until(session: Session, position: int) -> None:
    """Remember how many entries of the log the index has read."""
    session.merge(CursorRow(name="log", position=position))
