"""Access tokens: issued here, shown once, kept only as a keyed digest.

A token is `sk_<id>_<secret>`. Whoever holds the database cannot make one, whoever holds a token
cannot read another's, and a wrong one takes as long to refuse as a right one to accept.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.errors import NotAllowedError, NotFoundError, UsageError
from api.store.database import Database
from api.store.tokens import TokenRow, add_token, get_token, list_tokens
from crypto.encoding import lv
from policy.label import Level
from policy.question import Principal

LIFETIME: Final = 30 * 24 * 3600
_PREFIX: Final = "sk"
_REFUSED: Final = "this token is not accepted"


class Role(StrEnum):
    """The kinds of user: who registers, who checks paths, who audits, who administers."""

    TENANT = "tenant"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issues and recognises tokens.

    `key` is 32 secret bytes of this instance; `revoked` says what the log says of a token's id.
    """

    database: Database
    key: bytes
    revoked: Callable[[str], bool] = lambda _: False

    def issue(self, principal: Principal, *, identity: str, secret: str, now: int) -> str:
        """Return a new token for the principal; it is shown now or never.

        Raises:
            UsageError: the principal has no role, or a tenant role without a tenant.
        """
        if not principal.roles or not principal.roles <= set(Role):
            raise UsageError("a token needs a role: tenant, operator, auditor or admin")
        if Role.TENANT in principal.roles and principal.tenant is None:
            raise UsageError("a tenant's token names the tenant")
        row = TokenRow(
            id=identity,
            mac=b"",
            principal=json.dumps(principal.to_json()),
            kind=", ".join(sorted(principal.roles)),
            issued=now,
            expires=now + LIFETIME,
        )
        row.mac = self._mac(row, secret)
        with self.database.begin() as session:
            add_token(session, row)
        return f"{_PREFIX}_{identity}_{secret}"

    def recognise(self, token: str, *, now: int) -> Principal:
        """Return whose token it is.

        Raises:
            NotAllowedError: malformed, unknown, revoked, expired or wrong; which, is not said.
        """
        if not token.isascii():  # not one of ours, and perhaps not even encodable
            raise NotAllowedError(_REFUSED)
        prefix, _, rest = token.partition("_")
        identity, _, secret = rest.partition("_")
        try:
            with self.database.read() as session:
                row = get_token(session, identity)
        except NotFoundError:
            row = TokenRow(id=identity, mac=b"", principal="", kind="", issued=0, expires=0)
        right = hmac.compare_digest(row.mac, self._mac(row, secret))
        useless = row.revoked or now >= row.expires or self.revoked(identity)
        if prefix != _PREFIX or not right or useless:
            raise NotAllowedError(_REFUSED)
        return Principal.from_json(json.loads(row.principal))

    def listed(self) -> Sequence[TokenRow]:
        """Return every token that was issued, without what it is."""
        with self.database.read() as session:
            return list_tokens(session)

    def known(self, identity: str) -> None:
        """Raise NotFoundError if no such token was issued."""
        with self.database.read() as session:
            get_token(session, identity)

    def _mac(self, row: TokenRow, secret: str) -> bytes:
        # Over what the token is worth, too: the row lies where others may write.
        said = (row.id, secret, row.principal, row.kind, str(row.issued), str(row.expires))
        return hmac.digest(self.key, lv(*(each.encode() for each in said)), hashlib.sha256)


def principal_of(role: str, *, name: str, tenant: str | None, clearance: Level) -> Principal:
    """Return the principal that a token of one role stands for."""
    return Principal(
        id=name, kind="person", tenant=tenant, roles=frozenset({role}), clearance=clearance
    )
