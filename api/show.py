"""How answers look in a terminal: tables that know wide characters, in Japanese or English."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text
from typing_extensions import override

from api.asking import Placement
from api.wording.printable import printable
from api.wording.sentences import sentence, word
from routing.network import Network

COLOURS: Final = {"permit": "green", "yes": "green", "refuse": "red", "no": "red"}
MOST_ROWS: Final = 40
MOST_NAMED: Final = 5


class _Screen(Console):
    """A console on which the names in other people's documents are text and nothing else."""

    @override
    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


console: Final = _Screen(highlight=False, soft_wrap=False)


def table(*headings: str) -> Table:
    """Return an empty table with these headings."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def verdict(text: str) -> Text:
    """Return a verdict in its colour; what is neither yes nor no is amber."""
    return Text(text, style=COLOURS.get(text, "yellow"))


def show_answer(answer: Mapping[str, Any], network: Network, lang: str) -> None:
    """Show the answer of `path find`: the paths hop by hop, or the refusal."""
    console.print(verdict(answer["verdict"]))
    for path in answer["paths"]:
        show_path(path, network, lang)
    if "price" in answer and answer["paths"]:
        price = answer["price"]
        console.print(
            word("screen.price", lang, km=_figure(price["extra_km"]), ms=_figure(price["extra_ms"]))
        )
    if "refusal" in answer:
        show_refusal(answer["refusal"], lang)


def show_path(path: Mapping[str, Any], network: Network, lang: str) -> None:
    """Show a path, one hop a row."""
    names = {site.id: site.name or site.id for site in network.sites}
    spans = {span.id: span for span in network.spans}
    rows = table(*(word(f"screen.{key}", lang) for key in HOP))
    for span_id, reached in zip(path["spans"], path["nodes"][1:], strict=True):
        span = spans[span_id].attributes
        rows.add_row(
            span_id,
            names[reached],
            f"{spans[span_id].km:g}",
            str(span.get("operator", "?")),
            str(span.get("conduit", "?")),
            f"{span.get('encryption.layer', '?')}/{span.get('encryption.key_exchange', '?')}",
        )
    console.print(f"{names[path['nodes'][0]]} → {names[path['nodes'][-1]]}")
    console.print(rows)
    console.print(
        word(
            "screen.total",
            lang,
            km=_figure(path["km"]),
            ms=_figure(path["latency_ms"]),
            operators=path["operators"],
            jurisdictions=path["jurisdictions"],
        )
    )


HOP: Final = ("span", "to", "km", "operator", "conduit", "encryption")


def show_refusal(refusal: Mapping[str, Any], lang: str) -> None:
    """Show why not, and what would help."""
    console.print(word("screen.reasons", lang), style="bold")
    seen: dict[tuple[str, str], list[str]] = {}
    for reason in refusal["reasons"]:
        line = sentence(reason["code"], {**reason["args"], "subject": reason["subject"]}, lang)
        basis = word(f"basis.{reason['basis']}", lang)
        source = f" [{basis}: {reason['citation']}]" if reason["citation"] else f" [{basis}]"
        seen.setdefault((line, source), []).append(reason["subject"] or "")
    for (line, source), subjects in list(seen.items())[:MOST_ROWS]:
        console.print(f"  • {line}{_about(subjects)}{source}", markup=False)
    for remedy in refusal.get("remedies", ()):
        console.print(f"  → {sentence(remedy['code'], remedy['args'], lang)}", markup=False)
    _show_blockage(refusal, lang)


def _about(subjects: Sequence[str]) -> str:
    """Return the spans and sites that one reason is about, the first few by name."""
    named = [subject for subject in dict.fromkeys(subjects) if subject]
    more = "" if len(named) <= MOST_NAMED else f" +{len(named) - MOST_NAMED}"
    return f": {', '.join(named[:MOST_NAMED])}{more}" if named else ""


def _show_blockage(refusal: Mapping[str, Any], lang: str) -> None:
    cut = refusal.get("blocking_cut") or {"spans": [], "sites": []}
    if cut["spans"] or cut["sites"]:
        console.print(word("screen.cut", lang), style="bold")
        rows = table(*(word(f"screen.{key}", lang) for key in ("span", "operator", "rules")))
        for span in cut["spans"]:
            rows.add_row(span["span"], str(span.get("operator") or "?"), _failing(span))
        for site in cut["sites"]:
            rows.add_row(site["site"], str(site.get("operator") or "?"), _failing(site))
        console.print(rows)
    for fix in refusal.get("single_span_fixes", ())[:MOST_ROWS]:
        console.print(
            "  → " + word("screen.fix", lang, span=fix["span"], rules=_failing(fix)), markup=False
        )
    waiver = refusal.get("minimum_waiver")
    if waiver:
        console.print(word("screen.waiver", lang, rules=waiver["rules"]))


def _failing(span: Mapping[str, Any]) -> str:
    return ", ".join([*span.get("violated", ()), *(f"{r}?" for r in span.get("unknown", ()))])


def show_check(document: Mapping[str, Any], network: Network, lang: str) -> None:
    """Show the answer of `path check`: every rule on every hop."""
    names = {site.id: site.name or site.id for site in network.sites}
    rules = sorted({rule for hop in document["hops"] for rule in hop["rules"]})
    rows = table(word("screen.span", lang), word("screen.to", lang), *rules)
    for hop in document["hops"]:
        cells = [verdict(hop["rules"].get(rule, "")) for rule in rules]
        rows.add_row(hop["span"], names.get(hop["site"], hop["site"]), *cells)
    console.print(rows)
    console.print(verdict(document["verdict"]))
    if "refusal" in document:
        show_refusal(document["refusal"], lang)


def show_placements(rows: Sequence[Placement], lang: str) -> None:
    """Show for every cluster whether a dataset may be placed there, how far it is, or why not."""
    made = table(*(word(f"screen.{key}", lang) for key in ("cluster", "verdict", "km", "why")))
    for row in rows:
        paths = row.decided.reckoning.paths
        lines = [
            sentence(each.code, {**each.args, "subject": each.subject}, lang)
            for each in row.reasons
        ]
        km = _figure(paths[0].km) if paths else ""
        made.add_row(row.cluster, verdict(row.verdict), km, " / ".join(dict.fromkeys(lines)))
    console.print(made)


def show_classification(result: Mapping[str, Any], lang: str) -> None:
    """Show what a file is, and what says so."""
    label = result["label"]
    console.print(
        word(
            "screen.label" if label["regimes"] else "screen.label.bare",
            lang,
            file=result.get("file", ""),
            level=label["level"],
            word=word(f"level.{label['level']}", lang),
            categories=label["categories"],
            regimes=label["regimes"],
        ),
        markup=False,
    )
    if result.get("unknown"):
        console.print(word("screen.unread", lang, why=result["unreadable"]), style="yellow")
    found = {name: column for name, column in result["columns"].items() if column["type"] != "none"}
    if found:
        rows = table(*(word(f"screen.{key}", lang) for key in ("column", "type", "confidence")))
        for name, column in found.items():
            rows.add_row(name, column["type"], f"{column['confidence']:.2f}")
        console.print(rows)
    elif result["evidence"]:
        console.print(", ".join(sorted({item["type"] for item in result["evidence"]})))


def show_network(network: Network, lang: str) -> None:
    """Show the sites, with how many spans each has."""
    degree = {site.id: 0 for site in network.sites}
    for span in network.spans:
        degree[span.source] += 1
        degree[span.target] += 1
    rows = table(*(word(f"screen.{key}", lang) for key in SITE))
    for site in network.sites:
        rows.add_row(
            site.id,
            site.name or "",
            site.kind or "?",
            site.jurisdiction or "?",
            site.operator or "?",
            str(degree[site.id]),
        )
    console.print(rows)
    console.print(f"{network.name}: {len(network.sites)} + {len(network.spans)}, {network.digest}")


SITE: Final = ("site", "name", "kind", "jurisdiction", "operator", "spans")


def show_rows(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Show any rows under headings."""
    made = table(*headings)
    for row in rows:
        made.add_row(*row)
    console.print(made)


def _figure(value: float) -> str:
    return f"{value:,.1f}"
