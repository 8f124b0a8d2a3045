"""The table of key records: wrapped, authenticated bytes that only the key store can read."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel

from api.errors import NotFoundError


class KeyRow(SQLModel, table=True):
    """One key record under its id."""

    __tablename__ = "key"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    record: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)


def save_key(session: Session, identity: str, record: bytes) -> None:
    """Insert the record, or replace the one with its id."""
    session.merge(KeyRow(id=identity, record=record))


def add_key(session: Session, identity: str, record: bytes) -> None:
    """Insert the record unless there is one with its id, which then stays."""
    if session.get(KeyRow, identity) is None:
        session.add(KeyRow(id=identity, record=record))


def get_key(session: Session, identity: str) -> bytes:
    """Return the record with this id.

    Raises:
        NotFoundError: there is none.
    """
    row = session.get(KeyRow, identity)
    if row is None:
        raise NotFoundError(f"no key {identity!r}")
    return row.record
