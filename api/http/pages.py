"""Answers that come in pages, and answers that need not be sent twice."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response

from policy.canonical import JSON, canonical, digest

LONGEST: Final = 200
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="How many at most.")]
After = Annotated[str, Query(max_length=64, description="The last id of the page before.")]

T = TypeVar("T")


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """Return the page, and whether there is another; `found` has one more than the page."""
    return found[:limit], len(found) > limit


def page(
    request: Request, name: str, rows: Sequence[Mapping[str, JSON]], following: Mapping[str, object]
) -> JSONResponse:
    """Return a page under `name`, with a link to the `following` one unless that is empty."""
    headers: dict[str, str] = {}
    if following:
        query = urlencode({**request.query_params, **following})
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return JSONResponse({name: list(rows), "next": dict(following) or None}, headers=headers)


def single(request: Request, document: Mapping[str, Any]) -> Response:
    """Return one thing with its ETag; 304 to who has it already."""
    tag = f'"{digest(canonical(dict(document))).removeprefix("sha256:")}"'
    known = {each.strip() for each in request.headers.get("If-None-Match", "").split(",")}
    if tag in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, media_type="application/json", headers={"ETag": tag})
