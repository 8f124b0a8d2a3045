"""The map with its meaning: which span admits what travels, where the path runs, what blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.console.chart import Chart
from api.console.lettering import letter
from api.console.projection import HEIGHT, INSET, WIDTH
from api.console.view import Names, attribute
from routing.network import Site

_BEHIND: Final = {"no": 0, "unknown": 1, "yes": 2}


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn over the map; ids of spans and sites."""

    paths: Sequence[Mapping[str, Any]] = ()
    cut: Sequence[str] = ()
    ends: Sequence[str] = ()

    @classmethod
    def of(cls, answer: Mapping[str, Any] | None, ends: Sequence[str]) -> "Marks":
        """Return the marks of an answer as JSON; without one, only the ends."""
        if answer is None:
            return cls(ends=ends)
        cut = (answer.get("refusal") or {}).get("blocking_cut") or {}
        return cls(answer["paths"], [each["span"] for each in cut.get("spans", ())], ends)


def board(
    chart: Chart, names: Names, spans: Mapping[str, str], sites: Mapping[str, str], marks: Marks
) -> dict[str, Any]:
    """Return everything the template of the map draws; verdicts are yes, no or unknown."""
    travelled = {site for path in marks.paths for site in path["nodes"]}
    lines: list[dict[str, Any]] = [
        {
            "id": line.span.id,
            "d": line.d,
            "state": spans.get(line.span.id, "unknown"),
            "middle": line.middle,
            "title": names.span(line.span.id),
            "km": line.span.km,
            "operator": line.span.operator or "—",
            "conduit": attribute(line.span.conduit, names.lang),
        }
        for line in chart.lines
    ]
    # What admits is drawn last, over what does not.
    lines.sort(key=lambda line: _BEHIND[line["state"]])
    on_map = {line["id"]: line for line in lines}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "inset": INSET.sheet,
        "land": chart.land,
        "inset_land": chart.inset_land,
        "lines": lines,
        "admitted": sum(line["state"] == "yes" for line in lines),
        "paths": [
            [on_map[span]["d"] for span in path["spans"] if span in on_map] for path in marks.paths
        ],
        "cut": [on_map[span] for span in marks.cut if span in on_map],
        "sites": _sites(chart, names, sites, travelled, marks),
    }


def _sites(
    chart: Chart,
    names: Names,
    states: Mapping[str, str],
    travelled: set[str],
    marks: Marks,
) -> list[dict[str, Any]]:
    network = [site for site in names.network.sites if site.id in chart.places]
    network.sort(key=lambda site: _weight(site, travelled, marks))
    lettered = {
        site.id: _lettering(site, names, chart)
        for site in network
        if site.kind == "cluster" or site.id in {*chart.abroad, *marks.ends, *travelled}
    }
    where = letter(lettered, chart.places)
    return [
        {
            "id": site.id,
            "kind": site.kind or "pop",
            "state": states.get(site.id, "unknown"),
            "name": names.site(site.id),
            "x": chart.places[site.id][0],
            "y": chart.places[site.id][1],
            "end": site.id in marks.ends,
            "way": site.id in travelled,
            "label": where.get(site.id),
            "lettering": lettered.get(site.id, ""),
        }
        for site in reversed(network)
    ]


def _lettering(site: Site, names: Names, chart: Chart) -> str:
    """Return the name; of what stands on the sheet's edge, with its country."""
    name = names.site(site.id)
    return f"{name} {site.jurisdiction}" if site.id in chart.abroad and site.jurisdiction else name


def _weight(site: Site, travelled: set[str], marks: Marks) -> tuple[bool, bool, bool]:
    return (site.id not in marks.ends, site.kind != "cluster", site.id not in travelled)
