"""The first page: the map, what may pass where, and the way that was asked for."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from api.asking import purpose_of
from api.console.board import Marks, board
from api.console.chart import Chart
from api.console.render import page
from api.console.view import Names, answer_view, states
from api.console.viewer import Viewer, viewer
from api.dataset import Dataset
from api.errors import SekishoError
from api.gate import Gate
from api.http.access import EVERYBODY, own
from api.http.problems import status_of
from api.instance import Instance
from api.tokens import Role
from api.wayfinding import Subject, Way, find_way, question_of
from policy.errors import PolicyError
from policy.label import Label, Level
from routing.errors import RoutingError

LEVELS: Final = ("L0", "L1", "L2", "L3", "L4")
KINDS: Final = ("cluster", "exchange", "landing", "pop")
PROTECTIONS: Final = ("none", "span", "node", "srlg")
MOST_DATASETS: Final = 200
_DEFAULT: Final = "L3"


class Asked(BaseModel):
    """The form: from where, to where (empty: the nearest cluster), what, how protected."""

    model_config = ConfigDict(extra="ignore")
    source: str = Field(default="", alias="from", max_length=256)
    target: str = Field(default="", alias="to", max_length=256)
    what: str = Field(default="", max_length=256)
    protect: str = Field(default="none", pattern="^(none|span|node|srlg)$")


def routes(instance: Instance, gate: Gate, chart: Chart) -> APIRouter:
    """Return the route of the first page."""
    router = APIRouter()
    anybody = viewer(instance, *EVERYBODY)

    @router.get("/")
    async def home(
        request: Request, who: Annotated[Viewer, Depends(anybody)], asked: Annotated[Asked, Query()]
    ) -> HTMLResponse:
        datasets = _datasets(instance, who)
        try:
            found = await _found(gate, chart, who, asked, datasets)
        except (SekishoError, PolicyError, RoutingError) as failure:
            found = await _found(gate, chart, who, Asked(), ())
            found["problem"] = str(failure)
            return page(request, "home.html", who, status=status_of(failure), **found)
        return page(request, "home.html", who, **found)

    return router


async def _found(
    gate: Gate, chart: Chart, who: Viewer, asked: Asked, datasets: Sequence[Dataset]
) -> dict[str, Any]:
    names = Names(gate.world.topology.network, who.lang)
    what = asked.what or (datasets[0].id if datasets else _DEFAULT)
    subject = _subject(who, what, datasets)
    source = asked.source or (subject.dataset.site if subject.dataset else "")
    targets = (asked.target,) if asked.target else gate.world.clusters
    way = Way(source or names.network.sites[0].id, targets, protect=asked.protect)
    for site in (way.source, *targets):
        gate.world.topology.site(site)
    judgement = await gate.world.judge(question_of(subject, way, gate.clock), targets)
    sites = states(judgement.sites)
    clusters = _ends(states(judgement.clusters), sites, gate.world.clusters)
    answer = None
    if asked.source:
        answer = (await find_way(gate.world, subject, way, gate.clock)).document
    marks = Marks.of(answer, [site for site in (asked.source, asked.target) if site])
    spans = states(judgement.spans)
    return {
        "asked": asked,
        "level": what,
        "source": source,
        "options": _options(names),
        "levels": LEVELS,
        "protections": PROTECTIONS,
        "datasets": datasets,
        "chosen": subject.dataset,
        "answer": None if answer is None else answer_view(answer, names),
        "map": board(chart, names, spans, {**sites, **clusters}, marks),
        "clusters": [(each, names.site(each), clusters[each]) for each in sorted(clusters)],
        "names": names,
        "problem": None,
    }


def _subject(who: Viewer, what: str, datasets: Sequence[Dataset]) -> Subject:
    chosen = next((each for each in datasets if each.id == what), None)
    if chosen is None:
        return Subject(Label(level=Level.parse(what)))
    return Subject(chosen.label, chosen, who.principal, purpose_of(chosen, None))


def _datasets(instance: Instance, who: Viewer) -> Sequence[Dataset]:
    if Role.TENANT not in who.roles:
        return ()
    return instance.register.datasets(tenant=own(who.principal), limit=MOST_DATASETS)


def _ends(clusters: dict[str, str], sites: dict[str, str], wanted: Sequence[str]) -> dict[str, str]:
    """Return whether a cluster may be an end: as a destination and as a site."""
    found: dict[str, str] = {}
    for each in wanted:
        both = {clusters[each], sites[each]}
        found[each] = "no" if "no" in both else "unknown" if "unknown" in both else "yes"
    return found


def _options(names: Names) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    for site in names.network.sites:
        groups.setdefault(site.kind or "pop", []).append((site.id, names.site(site.id)))
    return [
        (kind, sorted(sites, key=lambda each: each[1])) for kind, sites in groups.items() if sites
    ]
