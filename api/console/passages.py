"""The pages on passages: ask for one, list, revoke."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from api import gate as gates
from api.asking import purpose_of
from api.console.render import page
from api.console.view import Names
from api.console.viewer import Viewer, viewer
from api.errors import UsageError
from api.gate import Gate
from api.http.access import check_form, cookie_token, own
from api.http.passages import LONGEST_REASON
from api.instance import Instance
from api.tokens import Role

PAGE: Final = 50
MOST_FIELDS: Final = 8


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes of the pages on passages."""
    router = APIRouter(prefix="/passages")
    steward = viewer(instance, Role.TENANT)
    reader = viewer(instance, Role.TENANT, Role.AUDITOR, Role.ADMIN)

    @router.get("")
    def list_(
        request: Request, who: Annotated[Viewer, Depends(reader)], after: str = ""
    ) -> Response:
        found = instance.register.passages(tenant=own(who.principal), after=after, limit=PAGE + 1)
        return page(
            request,
            "passages.html",
            who,
            passages=found[:PAGE],
            more=found[PAGE - 1].id if len(found) > PAGE else None,
            now=instance.now(),
            names=Names(gate.world.topology.network, who.lang),
        )

    @router.post("")
    async def request_(request: Request, who: Annotated[Viewer, Depends(steward)]) -> Response:
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            check_form(instance, cookie_token(request), _text(form, "form"))
            asked = _asked(instance, gate, who, form)
        decided = await gate.grant(asked)
        return RedirectResponse(f"/console/decisions/{decided.id}", 303)

    @router.post("/{identity}/revoke")
    async def revoke(
        request: Request, who: Annotated[Viewer, Depends(reader)], identity: str
    ) -> Response:
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            check_form(instance, cookie_token(request), _text(form, "form"))
            reason = _text(form, "reason")[:LONGEST_REASON]
        if not reason:
            raise UsageError("say why; it is recorded")
        passage = instance.register.passage(identity, tenant=own(who.principal))
        await gate.revoke(passage.id, principal=who.principal, reason=reason)
        return RedirectResponse("/console/passages", 303)

    return router


def _asked(instance: Instance, gate: Gate, who: Viewer, form: FormData) -> gates.Request:
    dataset = instance.register.dataset(_text(form, "what"), tenant=own(who.principal))
    target = _text(form, "to")
    return gates.Request(
        dataset=dataset,
        principal=who.principal,
        purpose=purpose_of(dataset, None),
        targets=(target,) if target else gate.world.clusters,
        protect=_text(form, "protect") or "none",
    )


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()
