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


class TrustSeenRow(SQLModel, table=True):
    """The highest version of the trust bundle that was ever accepted."""

    __tablename__ = "trust_seen"  # pyright: ignore[reportAssignmentType]

    version: int = Field(primary_key=True)


def trust_seen(session: Session) -> int:
    """Return the highest version of the trust bundle seen, 0 at first."""
    newest = col(TrustSeenRow.version).desc()
    row = session.exec(select(TrustSeenRow).order_by(newest)).first()
    return 0 if row is None else row.version


def see_trust(session: Session, version: int) -> None:
    """Remember that a version of the trust bundle was accepted."""
    session.merge(TrustSeenRow(version=version))


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
