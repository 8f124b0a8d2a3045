"""`/healthz` and `/readyz`: whether the process lives, and whether it can decide and record."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text

from api.gate import Gate
from api.instance import Instance
from policy.engines.probe import probe


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes that whoever runs the process asks; they tell nothing else."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", operation_id="getHealth")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz", operation_id="getReadiness")
    async def ready() -> Response:
        checks = {
            "database": _holds(lambda: _asked(instance)),
            "log": _holds(instance.log.checkpoint),
            "trust": _holds(instance.trust),
            "engine": await _decides(gate),
        }
        good = all(checks.values())
        return JSONResponse({"ready": good, "checks": checks}, 200 if good else 503)

    return router


def _holds(check: Callable[[], Any]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 - whatever fails, the answer is that it is not ready
        return False
    return True


async def _decides(gate: Gate) -> bool:
    try:
        await probe(gate.world.engine, gate.world.bundle)
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def _asked(instance: Instance) -> None:
    with instance.database.read() as session:
        session.connection().execute(text("SELECT 1"))
