"""`/v1/paths:find` and `/v1/paths:check`: as in the shell, on the network in force."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.asking import purpose_of
from api.checking import check_path
from api.errors import NotAllowedError, UsageError
from api.gate import Gate
from api.http.access import EVERYBODY, bearer, own
from api.instance import Instance
from api.tokens import Role
from api.wayfinding import Subject, Way, find_way, question_of
from policy.constraints import constraints_from
from policy.label import Label, Level
from policy.question import Principal
from routing.paths import Path

Id = Annotated[str, Field(min_length=1, max_length=256)]
Protect = Literal["none", "span", "node", "srlg"]
MOST_PATHS = 100
MOST_SPANS = 10_000


class Travelling(BaseModel):
    """What is to travel: a label (a level, or a label document) or one's own dataset."""

    model_config = ConfigDict(extra="forbid")
    label: Id | dict[str, Any] | None = None
    dataset: Id | None = None
    purpose: Id | None = None
    rules: dict[str, Any] = Field(default_factory=dict, description="Constraints; they narrow.")


class Find(Travelling):
    """A question for paths between two sites, or to whichever cluster is nearest."""

    source: Id = Field(alias="from")
    target: Id | None = Field(default=None, alias="to")
    to_any_cluster: bool = False
    protect: Protect = "none"
    k: int = Field(default=1, ge=1, le=MOST_PATHS)

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if self.k > 1 and self.protect != "none":
            raise ValueError("several paths, or protected ones: not both at once")
        return self


class Hops(BaseModel):
    """A path as `spans.json` has it."""

    model_config = ConfigDict(extra="forbid")
    source: Id = Field(alias="from")
    spans: list[Id] = Field(min_length=1, max_length=MOST_SPANS)


class Check(Travelling):
    """A question about a given path."""

    path: Hops


def routes(instance: Instance, gate: Gate) -> APIRouter:
    """Return the routes on paths."""
    router = APIRouter(tags=["paths"])
    anybody = bearer(instance, *EVERYBODY)
    world, clock = gate.world, gate.clock

    @router.post("/paths:find", operation_id="findPaths")
    async def find(who: Annotated[Principal, Depends(anybody)], body: Find) -> Response:
        targets = targets_of(gate, body.target, any_cluster=body.to_any_cluster)
        rules = constraints_from(body.rules)
        way = Way(body.source, targets, rules, body.protect, body.k)
        answer = await find_way(world, subject_of(instance, who, body), way, clock)
        return JSONResponse(answer.document)

    @router.post("/paths:check", operation_id="checkPath")
    async def check(who: Annotated[Principal, Depends(anybody)], body: Check) -> Response:
        path = Path.of(world.topology, body.path.source, body.path.spans)
        way = Way(body.path.source, (path.sites[-1],), constraints_from(body.rules))
        asked = question_of(subject_of(instance, who, body), way, clock)
        return JSONResponse(await check_path(world, asked, path))

    return router


def targets_of(gate: Gate, target: str | None, *, any_cluster: bool) -> tuple[str, ...]:
    """Return the site that was named, or every cluster.

    Raises:
        UsageError: neither or both were asked for.
    """
    if (target is None) != any_cluster:
        raise UsageError("give either to or to_any_cluster")
    return gate.world.clusters if target is None else (target,)


def subject_of(instance: Instance, who: Principal, body: Travelling) -> Subject:
    """Return what is to travel.

    Raises:
        UsageError: neither a label nor a dataset, or both.
        NotAllowedError: a dataset, and not by a tenant.
        NotFoundError: not one of the tenant's datasets.
    """
    if (body.label is None) == (body.dataset is None):
        raise UsageError("give either label or dataset")
    if body.dataset is None:
        return Subject(label_of(body.label))
    if Role.TENANT not in who.roles:
        raise NotAllowedError("only a tenant asks by dataset; ask by label")
    dataset = instance.register.dataset(body.dataset, tenant=own(who))
    return Subject(dataset.label, dataset, who, purpose_of(dataset, body.purpose))


def label_of(stated: str | dict[str, Any] | None) -> Label:
    """Return the label that a level or a label document states; raises LabelError."""
    if isinstance(stated, dict):
        return Label.from_json(stated.get("label", stated))
    return Label(level=Level.parse(stated or ""))
