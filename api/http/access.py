"""Who asks, and whether their kind of user may: one dependency that every route states.

The API takes a token as `Authorization: Bearer`, the console the same token from a cookie that
scripts cannot read and other sites cannot send. What a tenant may see is only the tenant's own.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.security.utils import get_authorization_scheme_param
from starlette.exceptions import HTTPException

from api.errors import NotAllowedError
from api.instance import Parts
from api.tokens import Role
from policy.question import Principal

COOKIE: Final = "sekisho"
EVERYBODY: Final = frozenset(Role)
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_SEES_ALL: Final = frozenset({Role.AUDITOR, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Allow:
    """A dependency: the principal, if the token is good and its role among `roles`."""

    parts: Parts
    roles: frozenset[Role]
    token_of: Callable[[Request], str]

    async def __call__(self, request: Request) -> Principal:
        """Return who asks.

        Raises:
            HTTPException: 401 without a token that is accepted.
            NotAllowedError: not for this kind of user.
        """
        principal = recognised(self.parts, self.token_of(request))
        if principal is None:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, "a token is needed", _CHALLENGE)
        if not principal.roles & self.roles:
            raise NotAllowedError("not for this kind of user")
        return principal


def recognised(parts: Parts, token: str) -> Principal | None:
    """Return whose token it is, None when it is not accepted."""
    try:
        return parts.tokens.recognise(token, now=parts.now()) if token else None
    except NotAllowedError:
        return None


def bearer(parts: Parts, *roles: Role) -> Callable[[Request], Awaitable[Principal]]:
    """Return the dependency of an API route that these kinds of user may ask."""
    return Allow(parts, frozenset(roles), bearer_token)


def bearer_token(request: Request) -> str:
    """Return the token of the `Authorization` header, empty without one."""
    scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
    return token if scheme.lower() == "bearer" else ""


def cookie_token(request: Request) -> str:
    """Return the token of the console's cookie, empty without one."""
    return request.cookies.get(COOKIE, "")


def own(principal: Principal) -> str | None:
    """Return the one tenant whose things the principal may see; None sees every tenant's.

    Raises:
        NotAllowedError: neither somebody's steward nor of a role that sees all.
    """
    if principal.roles & _SEES_ALL:
        return None
    if Role.TENANT in principal.roles and principal.tenant is not None:
        return principal.tenant
    raise NotAllowedError("not for this kind of user")


def form_token(parts: Parts, session: str) -> str:
    """Return what a form carries so that no other site can make the browser send it."""
    return hmac.digest(parts.tokens.key, b"form\0" + session.encode(), hashlib.sha256).hex()


def check_form(parts: Parts, session: str, sent: str) -> None:
    """Check what a form carried.

    Raises:
        NotAllowedError: the form was not made for this session.
    """
    if not hmac.compare_digest(form_token(parts, session).encode(), sent.encode()):
        raise NotAllowedError("this form is out of date; load the page again")
