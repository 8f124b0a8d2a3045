"""Failures as problem documents (RFC 9457): one table from error classes to status codes."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.errors import (
    ConflictError,
    FaultError,
    NotAllowedError,
    NotFoundError,
    SekishoError,
    UnavailableError,
    UsageError,
)
from crypto.errors import CryptoError
from policy.errors import BundleError, EngineError, PolicyError
from routing.errors import RoutingError

MEDIA_TYPE: Final = "application/problem+json"

# The first class that matches decides, so subclasses stand before their bases.
STATUS: Final[tuple[tuple[type[Exception], HTTPStatus], ...]] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (NotAllowedError, HTTPStatus.FORBIDDEN),
    (ConflictError, HTTPStatus.CONFLICT),
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (UnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (FaultError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (SekishoError, HTTPStatus.INTERNAL_SERVER_ERROR),
    (EngineError, HTTPStatus.SERVICE_UNAVAILABLE),
    (BundleError, HTTPStatus.SERVICE_UNAVAILABLE),
    (PolicyError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (RoutingError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CryptoError, HTTPStatus.FORBIDDEN),
)


def status_of(failure: Exception) -> HTTPStatus:
    """Return the status of a failure; what nobody thought of is an internal error."""
    for kind, status in STATUS:
        if isinstance(failure, kind):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(status: HTTPStatus, detail: str, **members: object) -> JSONResponse:
    """Return a problem document; `detail` never holds key material or raw hits."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail}
    headers = {"Retry-After": "1"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse({**body, **members}, status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every failure of the app with a problem document."""
    for kind, _ in STATUS:
        app.add_exception_handler(kind, _expected)
    app.add_exception_handler(Exception, _unexpected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def _expected(_request: Request, failure: Exception) -> JSONResponse:
    return problem(status_of(failure), " ".join(str(failure).split()))


def _unexpected(_request: Request, _failure: Exception) -> JSONResponse:
    # What failed may name what must not be shown; the server's own log has it.
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "an internal fault; nothing was released")


def _http(_request: Request, failure: Exception) -> JSONResponse:
    if not isinstance(failure, HTTPException):
        return _unexpected(_request, failure)
    answer = problem(HTTPStatus(failure.status_code), str(failure.detail))
    answer.headers.update(failure.headers or {})
    return answer


def _invalid(_request: Request, failure: Exception) -> JSONResponse:
    if not isinstance(failure, RequestValidationError):
        return _unexpected(_request, failure)
    errors = [
        {
            "pointer": "/" + "/".join(str(part) for part in error["loc"]),
            "code": error["type"],
            "message": error["msg"],
        }
        for error in failure.errors()
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not well formed", errors=errors)
