"""`/v1/datasets`: register a file, list, show, say what was found and where it may be placed."""

import hashlib
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData, UploadFile

from api.asking import placements, purpose_of
from api.errors import UsageError
from api.gate import Gate
from api.http.access import bearer, own
from api.http.once import Key, Once
from api.http.pages import After, Limit, cut, page, single
from api.instance import Instance
from api.registry import Registration
from api.tokens import Role
from policy.canonical import JSON, canonical, digest
from policy.label import Level
from policy.question import Principal

MOST_FIELDS: Final = 32
LONGEST_NAME: Final = 200
_PART: Final = 1 << 20
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,12}$")
_UPLOAD: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "site", "purposes"],
                    "properties": {
                        "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "site": {"type": "string", "description": "The site where it lies."},
                        "purposes": {"type": "array", "items": {"type": "string"}},
                        "name": {"type": "string"},
                        "declared": {"type": "string", "enum": ["L0", "L1", "L2", "L3", "L4"]},
                    },
                }
            }
        },
    }
}


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes on datasets."""
    router = APIRouter(prefix="/datasets", tags=["datasets"])
    steward, once = bearer(instance, Role.TENANT), Once(instance, "registerDataset")
    reader = bearer(instance, Role.TENANT, Role.AUDITOR)

    @router.post("", operation_id="registerDataset", status_code=201, openapi_extra=_UPLOAD)
    async def register(
        request: Request, who: Annotated[Principal, Depends(steward)], key: Key = None
    ) -> Response:
        async def made() -> Response:
            document = await run_in_threadpool(register_upload, instance, gate, form, who)
            return JSONResponse(document, 201, {"Location": f"/v1/datasets/{document['id']}"})

        # The form is read here and not by the framework, which would read it before the token.
        async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
            asked = "" if key is None else await run_in_threadpool(fingerprint, form)
            return await once.answer(key, who, asked, made)

    @router.get("", operation_id="listDatasets")
    def list_(
        request: Request,
        who: Annotated[Principal, Depends(reader)],
        after: After = "",
        limit: Limit = 50,
    ) -> Response:
        found = instance.register.datasets(tenant=own(who), after=after, limit=limit + 1)
        rows, more = cut(found, limit)
        following = {"after": rows[-1].id} if more else {}
        return page(request, "datasets", [row.to_json() for row in rows], following)

    @router.get("/{identity}", operation_id="getDataset")
    def show(
        request: Request, who: Annotated[Principal, Depends(reader)], identity: str
    ) -> Response:
        return single(request, instance.register.dataset(identity, tenant=own(who)).to_json())

    @router.get("/{identity}/classification", operation_id="getClassification")
    def classification(
        request: Request, who: Annotated[Principal, Depends(reader)], identity: str
    ) -> Response:
        dataset = instance.register.dataset(identity, tenant=own(who))
        return single(request, json.loads(instance.objects.get(dataset.findings)))

    @router.get("/{identity}/placements", operation_id="listPlacements")
    async def placed(
        who: Annotated[Principal, Depends(steward)], identity: str, purpose: str | None = None
    ) -> Response:
        dataset = instance.register.dataset(identity, tenant=own(who))
        rows = await placements(gate, dataset, who, purpose_of(dataset, purpose))
        answers = [{**row.to_json(), "verdict": row.verdict} for row in rows]
        return JSONResponse({"dataset": identity, "placements": answers})

    return router


def register_upload(
    instance: Instance, gate: Gate, form: FormData, who: Principal
) -> dict[str, JSON]:
    """Register the uploaded file as a dataset of the steward's tenant; keep no copy.

    Raises:
        UsageError: no file, or something stated is missing.
        UnknownSiteError: the network has no such site.
        NotAllowedError: the content is L5.
    """
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise UsageError("the form needs a file")
    site = _text(form, "site")
    gate.world.topology.site(site)
    purposes = [part.strip() for each in form.getlist("purposes") for part in str(each).split(",")]
    declared, bare = _text(form, "declared"), Path(file.filename or "").name
    stated = Registration(
        tenant=own(who) or "",
        site=site,
        purposes=frozenset(part for part in purposes if part),
        name=_text(form, "name") or bare[-LONGEST_NAME:],
        declared=Level.parse(declared) if declared else None,
    )
    with tempfile.TemporaryDirectory(prefix="sekisho-upload-") as folder:
        # Readers choose by the ending; nothing else of the caller's name reaches the disk.
        path = Path(folder) / f"upload{''.join(_ENDING.findall(bare))}"
        with path.open("xb") as copy:
            shutil.copyfileobj(file.file, copy)
        dataset, found = instance.registry.register(path, stated)
    return {**dataset.to_json(), "evidence": [each.to_json() for each in found.evidence]}


def fingerprint(form: FormData) -> str:
    """Return a digest of everything that the form says, the file's content included."""
    said: list[JSON] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            said.append([name, value.filename, _content(value.file)])
        else:
            said.append([name, value])
    return digest(canonical(said))


def _content(file: BinaryIO) -> str:
    whole = hashlib.sha256()
    file.seek(0)
    while part := file.read(_PART):
        whole.update(part)
    file.seek(0)
    return whole.hexdigest()


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise UsageError(f"{name} is a text of at most {LONGEST_NAME} characters")
    return value.strip()
