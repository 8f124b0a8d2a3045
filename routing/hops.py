"""The per-hop table of a path: every rule's verdict on every span and site, in order."""

from policy.canonical import JSON
from policy.verdicts import Verdicts
from routing.barriers import UNJUDGED
from routing.paths import Path
from routing.topology import Topology


def hop_table(
    topology: Topology, path: Path, span_verdicts: Verdicts, site_verdicts: Verdicts
) -> list[dict[str, JSON]]:
    """Return one row per hop: the span, the site it leads to, and `yes|no|unknown` per rule.

    The first row is the source, without a span. A rule of both the span and the site is as bad
    as the worse of the two; a subject that was not judged is unknown.
    """
    rows = [_row(topology, None, path.sites[0], span_verdicts, site_verdicts)]
    hops = zip(path.spans, path.sites[1:], strict=True)
    rows += [_row(topology, span, site, span_verdicts, site_verdicts) for span, site in hops]
    return rows


def _row(
    topology: Topology, span: str | None, site: str, spans: Verdicts, sites: Verdicts
) -> dict[str, JSON]:
    here = topology.site(site)
    row: dict[str, JSON] = {
        "span": span,
        "site": site,
        "site_operator": here.operator,
        "jurisdiction": here.jurisdiction,
        "rules": _rules(sites, site),
    }
    if span is None:
        return row
    found = topology.span(span)
    sealed = found.encryption
    return {
        **row,
        "km": found.km,
        "operator": found.operator,
        "owner": found.owner,
        "duct_owner": found.duct_owner,
        "jurisdictions": None if found.jurisdictions is None else list(found.jurisdictions),
        "conduit": found.conduit,
        "encryption": None if sealed is None else sealed.to_json(),
        "evidence": {stated.attribute: stated.to_json() for stated in found.evidence},
        "rules": _worse(_rules(spans, span), _rules(sites, site)),
    }


def _rules(verdicts: Verdicts, subject: str) -> dict[str, JSON]:
    if subject not in verdicts.subjects or not verdicts.rules:
        return {UNJUDGED: "unknown"}
    found = verdicts.of(verdicts.subjects.index(subject))
    return {name: verdict.word for name, verdict in found.items()}


def _worse(span: dict[str, JSON], site: dict[str, JSON]) -> dict[str, JSON]:
    order = ("yes", "unknown", "no")
    return {
        name: max(
            span.get(name, "yes"), site.get(name, "yes"), key=lambda word: order.index(str(word))
        )
        for name in sorted(span.keys() | site.keys())
    }
