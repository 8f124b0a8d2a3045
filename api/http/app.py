"""The API: every route under `/v1`, and health beside it, wired anew for each instance."""

from typing import Any, Final

from fastapi import APIRouter, FastAPI
from typing_extensions import override

from api.gate import Gate
from api.http import datasets, decisions, health, log, networks, passages, paths, problems
from api.http.bounds import Bounds
from api.instance import Instance

VERSION: Final = "1"
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_FAILED: Final = {
    "description": "A problem.",
    "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class API(FastAPI):
    """FastAPI whose description says that every failure is a problem document."""

    @override
    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document."""
        if self.openapi_schema is None:
            document = super().openapi()
            parts = document.setdefault("components", {})
            schemas = parts.setdefault("schemas", {})
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schemas["Problem"] = _PROBLEM
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path, item in document["paths"].items():
                for operation in item.values():
                    _describe(operation, open_=not path.startswith("/v1/"))
        return self.openapi_schema or {}


def create_app(instance: Instance, gate: Gate) -> FastAPI:
    """Return the API over one instance and its gate; nothing is shared between two of them."""
    app = API(title="Sekisho", version=VERSION, docs_url=None, redoc_url=None)
    v1 = APIRouter(prefix="/v1")
    for router in (
        datasets.routes(instance, gate),
        networks.routes(instance, gate),
        paths.routes(instance, gate),
        passages.routes(instance, gate),
        decisions.routes(instance),
        log.routes(instance),
    ):
        v1.include_router(router)
    app.include_router(v1)
    app.include_router(health.routes(instance, gate))
    app.add_middleware(Bounds)
    problems.install(app)
    return app


def _describe(operation: dict[str, Any], *, open_: bool) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _FAILED
    if not open_:
        operation["security"] = [{"token": []}]
