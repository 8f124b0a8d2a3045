"""Who looks at a page, in which language, and what the page's forms must carry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from api.http.access import Allow, cookie_token, form_token
from api.instance import Parts
from api.tokens import Role
from policy.question import Principal

LANG_COOKIE: Final = "sekisho_lang"
LANGS: Final = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in user of the console; `form` is what its forms carry."""

    principal: Principal
    lang: str
    form: str

    @property
    def roles(self) -> frozenset[str]:
        """What kind of user it is."""
        return self.principal.roles

    def may(self, *roles: str) -> bool:
        """Whether the viewer is one of these; templates show buttons by it."""
        return bool(self.roles & set(roles))


@dataclass(frozen=True, slots=True)
class Admit:
    """A dependency: the viewer of a page that these kinds of user may see."""

    parts: Parts
    allow: Allow

    async def __call__(self, request: Request) -> Viewer:
        """Return the viewer; raises as `Allow` does."""
        principal = await self.allow(request)
        return Viewer(principal, language(request), form_token(self.parts, cookie_token(request)))


def viewer(parts: Parts, *roles: Role) -> Callable[[Request], Awaitable[Viewer]]:
    """Return the dependency of a page that these kinds of user may see."""
    return Admit(parts, Allow(parts, frozenset(roles), cookie_token))


def language(request: Request) -> str:
    """Return `ja` or `en`: as asked for here, as asked for before, or as the browser prefers."""
    for stated in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if stated in LANGS:
            return stated
    for part in request.headers.get("Accept-Language", "").split(","):
        named = part.strip()[:2].lower()
        if named in LANGS:
            return named
    return "en"
