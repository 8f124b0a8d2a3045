"""Which network and which policy are, or were, in force; their bytes lie among the objects."""

from sqlmodel import Field, Session, SQLModel, col, select

from api.errors import NotFoundError


class InForceRow(SQLModel, table=True):
    """The digest that was put in force for `what` (`network` or `policy`) at a log position."""

    __tablename__ = "in_force"  # pyright: ignore[reportAssignmentType]

    position: int = Field(primary_key=True)
    what: str = Field(index=True)
    digest: str
    at: int


def put_in_force(session: Session, what: str, digest: str, *, position: int, at: int) -> None:
    """Record that `digest` is in force from log position `position`."""
    session.merge(InForceRow(position=position, what=what, digest=digest, at=at))


def in_force(session: Session, what: str) -> InForceRow:
    """Return what is in force now.

    Raises:
        NotFoundError: nothing was ever put in force.
    """
    newest = col(InForceRow.position).desc()
    row = session.exec(select(InForceRow).where(InForceRow.what == what).order_by(newest)).first()
    if row is None:
        raise NotFoundError(f"no {what} is in force")
    return row
