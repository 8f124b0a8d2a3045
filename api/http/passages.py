"""`/v1/passages`: ask for one, list, show and revoke."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api import gate as gates
from api.asking import purpose_of
from api.dataset import Dataset
from api.gate import Gate
from api.http.access import bearer, own
from api.http.once import Key, Once
from api.http.pages import After, Limit, cut, page, single
from api.http.paths import Id, Protect, targets_of
from api.instance import Instance
from api.tokens import Role
from policy.canonical import digest
from policy.constraints import constraints_from
from policy.question import Principal

LONGEST_REASON = 500


class Ask(BaseModel):
    """A request to have a dataset carried."""

    model_config = ConfigDict(extra="forbid")
    dataset: Id
    target: Id | None = Field(default=None, alias="to")
    to_any_cluster: bool = False
    purpose: Id | None = None
    rules: dict[str, Any] = Field(default_factory=dict, description="Constraints; they narrow.")
    protect: Protect = "none"


class Revoke(BaseModel):
    """Why a passage is stopped; it is recorded."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes on passages."""
    router = APIRouter(prefix="/passages", tags=["passages"])
    steward, once = bearer(instance, Role.TENANT), Once(instance, "requestPassage")
    reader = bearer(instance, Role.TENANT, Role.AUDITOR, Role.ADMIN)

    @router.post("", operation_id="requestPassage", responses={201: {"description": "Granted."}})
    async def request_(
        who: Annotated[Principal, Depends(steward)], body: Ask, key: Key = None
    ) -> Response:
        async def made() -> Response:
            dataset = instance.register.dataset(body.dataset, tenant=own(who))
            return _answer(await gate.grant(_asked(gate, dataset, who, body)))

        return await once.answer(key, who, digest(body.model_dump_json().encode()), made)

    @router.get("", operation_id="listPassages")
    def list_(
        request: Request,
        who: Annotated[Principal, Depends(reader)],
        after: After = "",
        limit: Limit = 50,
    ) -> Response:
        found = instance.register.passages(tenant=own(who), after=after, limit=limit + 1)
        rows, more = cut(found, limit)
        following = {"after": rows[-1].id} if more else {}
        return page(request, "passages", [row.to_json() for row in rows], following)

    @router.get("/{identity}", operation_id="getPassage")
    def show(
        request: Request, who: Annotated[Principal, Depends(reader)], identity: str
    ) -> Response:
        return single(request, instance.register.passage(identity, tenant=own(who)).to_json())

    @router.post("/{identity}:revoke", operation_id="revokePassage")
    async def revoke(
        who: Annotated[Principal, Depends(reader)], identity: str, body: Revoke
    ) -> Response:
        passage = instance.register.passage(identity, tenant=own(who))
        index = await gate.revoke(passage.id, principal=who, reason=body.reason)
        return JSONResponse({"passage": passage.id, "index": index})

    return router


def _asked(gate: Gate, dataset: Dataset, who: Principal, body: Ask) -> gates.Request:
    return gates.Request(
        dataset=dataset,
        principal=who,
        purpose=purpose_of(dataset, body.purpose),
        targets=targets_of(gate, body.target, any_cluster=body.to_any_cluster),
        constraints=constraints_from(body.rules),
        protect=body.protect,
    )


def _answer(decided: gates.Decided) -> Response:
    passage = decided.passage
    document = {
        "decision": decided.id,
        "passage": None if passage is None else passage.to_json(),
        **decided.reckoning.document,
    }
    if passage is None:
        return JSONResponse(document)
    return JSONResponse(document, 201, {"Location": f"/v1/passages/{passage.id}"})
