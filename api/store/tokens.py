"""The table of access tokens: never the token, only a keyed digest of it."""

from collections.abc import Sequence

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from api.errors import NotFoundError
from policy.canonical import JSON


class TokenRow(SQLModel, table=True):
    """One token: whose it is, and the keyed digest that recognises it."""

    __tablename__ = "token"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True)
    mac: bytes = Field(sa_column=Column(LargeBinary, nullable=False), repr=False)
    principal: str
    kind: str
    issued: int
    expires: int
    revoked: bool = False

    def to_json(self) -> dict[str, JSON]:
        """Return what may be shown of a token: never its digest."""
        return {
            "id": self.id,
            "role": self.kind,
            "issued": self.issued,
            "expires": self.expires,
            "revoked": self.revoked,
        }


def add_token(session: Session, row: TokenRow) -> None:
    """Insert a token."""
    session.add(row)


def get_token(session: Session, identity: str) -> TokenRow:
    """Return the token with this id.

    Raises:
        NotFoundError: there is none.
    """
    row = session.get(TokenRow, identity)
    if row is None:
        raise NotFoundError(f"no token {identity!r}")
    return row


def list_tokens(session: Session) -> Sequence[TokenRow]:
    """Return every token in the order of issue."""
    return session.exec(select(TokenRow).order_by(col(TokenRow.issued), TokenRow.id)).all()


def revoke_token(session: Session, identity: str) -> None:
    """Make a token useless for ever; one that was never kept stays useless."""
    row = session.get(TokenRow, identity)
    if row is not None:
        row.revoked = True
