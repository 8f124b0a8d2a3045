"""`/v1/log`: the log's checkpoint and tiles as C2SP tlog-tiles names them, straight from the files.

Read only. A path is read as the name of a tile first: what is none never meets the disk.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response

from api.errors import NotFoundError
from api.http.access import EVERYBODY, bearer
from api.instance import Instance
from api.log.publish import CHECKPOINT
from api.tokens import Role
from crypto.errors import FormatError
from crypto.tlog.tiles import Tile
from policy.question import Principal

_LONGEST: Final = 64


def routes(instance: Instance) -> APIRouter:
    """Return the routes on the log."""
    router = APIRouter(prefix="/log", tags=["log"])
    anybody = bearer(instance, *EVERYBODY)
    # Entries name tenants and datasets, so only those read them who see every tenant's.
    auditor = bearer(instance, Role.AUDITOR, Role.ADMIN)

    @router.get("/checkpoint", operation_id="getCheckpoint", response_class=FileResponse)
    def checkpoint(_who: Annotated[Principal, Depends(anybody)]) -> Response:
        return _file(instance.layout.log / CHECKPOINT, "text/plain; charset=utf-8")

    @router.get("/tile/{path:path}", operation_id="getTile", response_class=FileResponse)
    def tile(_who: Annotated[Principal, Depends(auditor)], path: str) -> Response:
        return _file(instance.layout.log / _tile(path), "application/octet-stream")

    return router


def _tile(path: str) -> str:
    try:
        return Tile.parse(f"tile/{path[:_LONGEST]}").path
    except FormatError as failure:
        raise NotFoundError("no such tile") from failure


def _file(path: Path, media: str) -> Response:
    if not path.is_file():
        raise NotFoundError("not published yet")
    return FileResponse(path, media_type=media)
