"""The pages on decisions and on the log that holds them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.console.render import page
from api.console.view import Names, answer_view
from api.console.viewer import Viewer, viewer
from api.http.access import EVERYBODY, check_form, cookie_token, own
from api.http.decisions import Before, decision_document, replay_decision
from api.http.pages import cut
from api.instance import Instance
from api.store.decisions import list_decisions
from api.tokens import Role
from routing.network import parse_network

PAGE: Final = 50


def routes(instance: Instance) -> APIRouter:
    """Return the routes of the pages on decisions and on the log."""
    router = APIRouter()
    anybody = viewer(instance, *EVERYBODY)
    reader = viewer(instance, Role.TENANT, Role.AUDITOR)
    auditor = viewer(instance, Role.AUDITOR)

    @router.get("/decisions")
    def list_(
        request: Request,
        who: Annotated[Viewer, Depends(reader)],
        before: Before = None,
        verdict: str = "",
    ) -> Response:
        chosen = verdict if verdict in {"permit", "refuse"} else None
        with instance.database.read() as session:
            found = list_decisions(
                session,
                tenant=own(who.principal),
                before=before,
                limit=PAGE + 1,
                verdict=chosen,
            )
        rows, more = cut(found, PAGE)
        last = rows[-1].position if more else None
        return page(request, "decisions.html", who, rows=rows, more=last, verdict=chosen or "")

    @router.get("/decisions/{identity}")
    def show(request: Request, who: Annotated[Viewer, Depends(reader)], identity: str) -> Response:
        return page(request, "decision.html", who, **_shown(instance, who, identity), replay=None)

    @router.post("/decisions/{identity}/replay")
    async def again(
        request: Request, who: Annotated[Viewer, Depends(auditor)], identity: str
    ) -> Response:
        async with request.form(max_files=0, max_fields=8) as form:
            check_form(instance, cookie_token(request), str(form.get("form", "")))
        found = await run_in_threadpool(
            replay_decision, instance, identity, tenant=own(who.principal)
        )
        shown = _shown(instance, who, identity)
        return page(request, "decision.html", who, **shown, replay=found)

    @router.get("/log")
    def log(request: Request, who: Annotated[Viewer, Depends(anybody)]) -> Response:
        signed = instance.log.checkpoint()
        return page(
            request,
            "log.html",
            who,
            size=instance.log.size,
            origin=instance.settings.origin,
            note=signed.note.decode(),
        )

    return router


def _shown(instance: Instance, who: Viewer, identity: str) -> dict[str, Any]:
    document = decision_document(instance, identity, tenant=own(who.principal))
    network = parse_network(instance.objects.get(str(document["epoch"])))
    names = Names(network, who.lang)
    return {"decision": document, "answer": answer_view(document["answer"], names), "names": names}
