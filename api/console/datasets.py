"""The pages on datasets: a tenant's own, what was found in one, and where it may be placed."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, Response

from api.asking import placements, purpose_of
from api.console.render import page
from api.console.view import Names, grouped
from api.console.viewer import Viewer, viewer
from api.gate import Gate
from api.http.access import check_form, cookie_token, own
from api.http.datasets import MOST_FIELDS, register_upload
from api.instance import Instance
from api.offline import shipped_taxonomy
from api.tokens import Role
from policy.label import Label

PAGE: Final = 50


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes of the pages on datasets."""
    router = APIRouter(prefix="/datasets")
    steward = viewer(instance, Role.TENANT)
    reader = viewer(instance, Role.TENANT, Role.AUDITOR)
    network = gate.world.topology.network

    @router.get("")
    def list_(
        request: Request, who: Annotated[Viewer, Depends(reader)], after: str = ""
    ) -> Response:
        found = instance.register.datasets(tenant=own(who.principal), after=after, limit=PAGE + 1)
        names = Names(network, who.lang)
        more = found[PAGE - 1].id if len(found) > PAGE else None
        return page(request, "datasets.html", who, datasets=found[:PAGE], more=more, names=names)

    @router.post("")
    async def register(request: Request, who: Annotated[Viewer, Depends(steward)]) -> Response:
        async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
            check_form(instance, cookie_token(request), str(form.get("form", "")))
            made = await run_in_threadpool(register_upload, instance, gate, form, who.principal)
        return RedirectResponse(f"/console/datasets/{made['id']}", 303)

    @router.get("/{identity}")
    def show(request: Request, who: Annotated[Viewer, Depends(reader)], identity: str) -> Response:
        dataset = instance.register.dataset(identity, tenant=own(who.principal))
        findings = json.loads(instance.objects.get(dataset.findings))
        return page(
            request,
            "dataset.html",
            who,
            dataset=dataset,
            findings=findings,
            meaning=meaning(dataset.label, who.lang),
            names=Names(network, who.lang),
            rows=None,
        )

    @router.post("/{identity}/placements")
    async def place(
        request: Request, who: Annotated[Viewer, Depends(steward)], identity: str
    ) -> Response:
        async with request.form(max_files=0, max_fields=8) as form:
            check_form(instance, cookie_token(request), str(form.get("form", "")))
        dataset = instance.register.dataset(identity, tenant=own(who.principal))
        found = await placements(gate, dataset, who.principal, purpose_of(dataset, None))
        names = Names(network, who.lang)
        return page(
            request,
            "dataset.html",
            who,
            dataset=dataset,
            findings=json.loads(instance.objects.get(dataset.findings)),
            meaning=meaning(dataset.label, who.lang),
            names=names,
            rows=[_row(each.cluster, each.verdict, each.decided, names) for each in found],
        )

    return router


def _row(cluster: str, verdict: str, decided: Any, names: Names) -> Mapping[str, Any]:
    answer = decided.reckoning.document
    refusal = answer.get("refusal")
    return {
        "cluster": cluster,
        "name": names.site(cluster),
        "verdict": verdict,
        "decision": decided.id,
        "km": answer["paths"][0]["km"] if answer["paths"] else None,
        "why": []
        if refusal is None
        else [r["sentence"] for r in grouped(refusal["reasons"], names)],
    }


def meaning(label: Label, lang: str) -> dict[str, list[str]]:
    """Return the titles of a label's categories and regimes; an id where there is no title."""
    taxonomy = shipped_taxonomy()

    def titles(ids: frozenset[str], known: Mapping[str, Any]) -> list[str]:
        return [getattr(known[i], f"title_{lang}") if i in known else i for i in sorted(ids)]

    return {
        "categories": titles(label.categories, taxonomy.categories),
        "regimes": titles(label.regimes, taxonomy.regimes),
    }
