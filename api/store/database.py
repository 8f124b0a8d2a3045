"""The SQL database of one instance: SQLite, opened strictly.

Every write runs inside `begin()`: one immediate transaction, committed at its end and nowhere
else. Durability is part of the contract, so `synchronous=FULL` is checked after it is set.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Engine, event, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel, create_engine

from api.errors import UnavailableError

_SYNCHRONOUS_FULL: Final = 2
_BUSY_S: Final = 5.0
# What is deleted is overwritten, too: a destroyed key must not lie on in a free page.
_PRAGMAS: Final = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
)  # fmt: skip
_READS: Final = "sekisho_reads"


class Database:
    """Sessions over the SQLite file at `path`; tables are created when missing."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            UnavailableError: the file cannot be opened, or does not keep what it acknowledges.
        """
        _reserve(path)
        self._engine = _engine(path)
        self._reader = self._engine.execution_options(**{_READS: True})
        try:
            SQLModel.metadata.create_all(self._engine)
            self._refuse_lossy()
        except DatabaseError as failure:
            raise UnavailableError(f"{path}: {failure.orig}") from failure

    @contextmanager
    def begin(self) -> Generator[Session]:
        """Yield a session in one write transaction, committed when the block ends well."""
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DatabaseError as failure:
            raise UnavailableError(f"the database refused: {failure.orig}") from failure

    @contextmanager
    def read(self) -> Generator[Session]:
        """Yield a session for reading; it waits for no writer and keeps nothing."""
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
        except DatabaseError as failure:
            raise UnavailableError(f"the database refused: {failure.orig}") from failure

    def scrub(self) -> None:
        """Write everything into the file and empty its log, where old bytes would lie on.

        Raises:
            UnavailableError: somebody still reads; it can be done again.
        """
        with self._engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            connection.rollback()
            busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise UnavailableError("the database is in use; its log was not emptied")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _refuse_lossy(self) -> None:
        with self._engine.connect() as connection:
            if connection.execute(text("PRAGMA synchronous")).scalar() != _SYNCHRONOUS_FULL:
                raise UnavailableError("the database would not keep what it acknowledges")


def _reserve(path: Path) -> None:
    # SQLite would make the file, and its log after its likeness, readable to everybody.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as failure:
        raise UnavailableError(f"{path}: {failure.strerror}") from failure


def _engine(path: Path) -> Engine:
    # A path is no URL: `?` and `%` in it mean themselves. Parameters may be keys: never shown.
    address = URL.create("sqlite", database=str(path))
    engine = create_engine(address, connect_args={"timeout": _BUSY_S}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _strict(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver's own implicit BEGIN is deferred: a read that turns into a write would fail
        # at once with "database is locked", which no busy timeout covers.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _immediate(connection: Any) -> None:  # pyright: ignore[reportUnusedFunction]
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
