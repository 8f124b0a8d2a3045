"""`/v1/decisions`: list, show and replay what was decided."""

import asyncio
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from api.http.access import bearer, own
from api.http.pages import Limit, cut, page, single
from api.instance import Instance
from api.record import Entry
from api.replay import Replay, replay
from api.store.decisions import get_decision, list_decisions
from api.tokens import Role
from policy.engines.embedded import EmbeddedEngine
from policy.question import Principal

_LAST = 1 << 53
Before = Annotated[int | None, Query(ge=0, le=_LAST, description="Only from before this position.")]


def routes(instance: Instance) -> APIRouter:
    """Return the routes on decisions."""
    router = APIRouter(prefix="/decisions", tags=["decisions"])
    reader = bearer(instance, Role.TENANT, Role.AUDITOR)
    auditor = bearer(instance, Role.AUDITOR)

    @router.get("", operation_id="listDecisions")
    def list_(
        request: Request,
        who: Annotated[Principal, Depends(reader)],
        before: Before = None,
        limit: Limit = 50,
        verdict: Literal["permit", "refuse"] | None = None,
    ) -> Response:
        with instance.database.read() as session:
            found = list_decisions(
                session, tenant=own(who), before=before, limit=limit + 1, verdict=verdict
            )
        rows, more = cut(found, limit)
        following = {"before": rows[-1].position} if more else {}
        return page(request, "decisions", [row.model_dump() for row in rows], following)

    @router.get("/{identity}", operation_id="getDecision")
    def show(
        request: Request, who: Annotated[Principal, Depends(reader)], identity: str
    ) -> Response:
        return single(request, decision_document(instance, identity, tenant=own(who)))

    @router.post("/{identity}:replay", operation_id="replayDecision")
    def again(who: Annotated[Principal, Depends(auditor)], identity: str) -> Response:
        found = replay_decision(instance, identity, tenant=own(who))
        return JSONResponse(found.to_json())

    return router


def decision_document(instance: Instance, identity: str, *, tenant: str | None) -> dict[str, Any]:
    """Return a decision as it was recorded, with its answer; NotFoundError as the index says."""
    index, entry = _entry(instance, identity, tenant)
    answer = json.loads(instance.objects.get(str(entry.facts["outcome"])))
    return {"index": index, "at": entry.at, **entry.facts, "answer": answer}


def replay_decision(instance: Instance, identity: str, *, tenant: str | None) -> Replay:
    """Work a decision out once more; call it in a thread, for it compiles the policy anew."""
    _, entry = _entry(instance, identity, tenant)
    return asyncio.run(replay(entry, instance.objects, EmbeddedEngine))


def _entry(instance: Instance, identity: str, tenant: str | None) -> tuple[int, Entry]:
    with instance.database.read() as session:
        position = get_decision(session, identity, tenant=tenant).position
    return position, instance.ledger.entry(position)
