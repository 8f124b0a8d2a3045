"""The console: pages rendered here, that work without scripts, for each kind of user."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from api.console import datasets, decisions, home, passages, signin
from api.console.chart import draw
from api.console.render import FOLDER, page
from api.gate import Gate
from api.http.problems import STATUS, status_of
from api.instance import Instance

_FAULT: Final = "an internal fault; nothing was released"


def create_console(instance: Instance, gate: Gate) -> FastAPI:
    """Return the console over one instance; it is mounted under `/console`."""
    app = FastAPI(title="Sekisho console", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    chart = draw(gate.world.topology.network)
    for router in (
        signin.routes(instance),
        home.routes(instance, gate, chart),
        datasets.routes(instance, gate),
        passages.routes(instance, gate),
        decisions.routes(instance),
    ):
        app.include_router(router)
    for kind, _ in STATUS:
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    return app


def _expected(request: Request, failure: Exception) -> Response:
    return _failed(request, status_of(failure), " ".join(str(failure).split()))


def _http(request: Request, failure: Exception) -> Response:
    if not isinstance(failure, HTTPException):
        return _unexpected(request, failure)
    if failure.status_code == HTTPStatus.UNAUTHORIZED:
        return signin.sign_in_first(request)
    return _failed(request, HTTPStatus(failure.status_code), str(failure.detail))


def _invalid(request: Request, _failure: Exception) -> Response:
    return _failed(request, HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not well formed")


def _unexpected(request: Request, _failure: Exception) -> Response:
    return _failed(request, HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT)


def _failed(request: Request, status: HTTPStatus, detail: str) -> Response:
    return page(request, "problem.html", None, status=int(status), code=int(status), detail=detail)
