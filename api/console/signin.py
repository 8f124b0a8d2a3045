"""Signing in with a token, and out again."""

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from api.console.render import page
from api.console.viewer import Viewer, viewer
from api.errors import NotAllowedError
from api.http.access import COOKIE, EVERYBODY, recognised
from api.instance import Instance

HOME: Final = "/console/"
_LONGEST: Final = 512
_OURS: Final = frozenset({"same-origin", "none"})


def routes(instance: Instance) -> APIRouter:
    """Return the routes for signing in and out."""
    router = APIRouter()
    anybody = viewer(instance, *EVERYBODY)

    @router.get("/sign-in")
    async def form(request: Request, then: str = HOME) -> Response:
        return page(request, "signin.html", None, then=inside(then), refused=False)

    @router.post("/sign-in")
    async def enter(request: Request) -> Response:
        # There is no session yet whose token the form could carry; the browser says who sent it.
        if request.headers.get("Sec-Fetch-Site", "none") not in _OURS:
            raise NotAllowedError("signing in starts on this site")
        async with request.form(max_files=0, max_fields=8) as sent:
            token = str(sent.get("token", "")).strip()[:_LONGEST]
            then = inside(str(sent.get("then", HOME)))
        if recognised(instance, token) is None:
            refused = HTTPStatus.FORBIDDEN
            return page(request, "signin.html", None, status=refused, then=then, refused=True)
        answer = RedirectResponse(then, HTTPStatus.SEE_OTHER)
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
        return answer

    @router.post("/sign-out")
    async def leave(_who: Annotated[Viewer, Depends(anybody)]) -> Response:
        # A cookie that other sites cannot send is proof enough: leaving releases nothing.
        answer = RedirectResponse("/console/sign-in", HTTPStatus.SEE_OTHER)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    return router


def inside(then: str) -> str:
    """Return the page to go on to if it is one of the console's, else the first."""
    return then if then.startswith(HOME) and "\\" not in then and "//" not in then else HOME


def sign_in_first(request: Request) -> Response:
    """Send whoever is not signed in to the form, and back to where they wanted to go."""
    wanted = request.url.path if request.method == "GET" else HOME
    if request.url.query and request.method == "GET":
        wanted += f"?{request.url.query}"
    return RedirectResponse(f"/console/sign-in?then={quote(wanted)}", HTTPStatus.SEE_OTHER)
