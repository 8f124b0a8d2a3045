"""Answers as a page shows them: names instead of ids, sentences instead of codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from api.offline import shipped_taxonomy
from api.wording.sentences import sentence, word
from policy.canonical import JSON
from policy.verdicts import Verdict, Verdicts
from routing.network import Network, Site
from routing.spans import Span


@dataclass(frozen=True)
class Names:
    """The names of a network's sites and spans in one language."""

    network: Network
    lang: str

    @cached_property
    def sites(self) -> Mapping[str, str]:
        """The name of every site."""
        return {site.id: named(site, self.lang) for site in self.network.sites}

    @cached_property
    def spans(self) -> Mapping[str, Span]:
        """Every span under its id."""
        return {span.id: span for span in self.network.spans}

    def site(self, identity: str) -> str:
        """Return a site's name, its id if the network does not have it."""
        return self.sites.get(identity, identity)

    def span(self, identity: str) -> str:
        """Return a span as the two sites that it joins."""
        span = self.spans.get(identity)
        return identity if span is None else f"{self.site(span.source)} – {self.site(span.target)}"

    def subject(self, identity: str | None) -> str:
        """Return the name of whatever a reason is about; empty for a request or a path."""
        if identity is None:
            return ""
        return self.span(identity) if identity in self.spans else self.site(identity)


def named(site: Site, lang: str) -> str:
    """Return the part of a name like `Tokyo 東京` that is in the language."""
    parts = (site.name or site.id).split(" ")
    chosen = [part for part in parts if part.isascii() is (lang == "en")]
    return " ".join(chosen or parts)


def attribute(value: object, lang: str) -> str:
    """Return the word for an attribute's value; a dash for what is not recorded."""
    if value is None:
        return "—"
    code = f"value.{value}"
    found = word(code, lang)
    return str(value) if found == code else found


def states(verdicts: Verdicts) -> dict[str, str]:
    """Return yes, no or unknown of every subject; unknown when nothing is known against it."""
    found: dict[str, str] = {}
    for place, subject in enumerate(verdicts.subjects):
        column = verdicts.status[:, place]
        if verdicts.admissible[place]:
            found[subject] = "yes"
        else:
            found[subject] = "no" if not len(column) or Verdict.NO in column else "unknown"
    return found


def answer_view(answer: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return an answer's paths and refusal as the templates show them."""
    refusal = answer.get("refusal")
    return {
        "verdict": answer["verdict"],
        "paths": [_path(path, names) for path in answer["paths"]],
        "price": answer.get("price") or None,
        "obligations": [
            sentence(f"obligation.{each['code'].removeprefix('obligation.')}", {}, names.lang)
            for each in answer.get("obligations", ())
        ],
        "refusal": None if refusal is None else _refusal(refusal, names),
    }


def _path(path: Mapping[str, Any], names: Names) -> dict[str, Any]:
    hops = [
        _hop(names.spans.get(span), span, names.site(reached), names.lang)
        for span, reached in zip(path["spans"], path["nodes"][1:], strict=True)
    ]
    return {**path, "start": names.site(path["nodes"][0]), "hops": hops, "end": hops[-1]["to"]}


def _hop(span: Span | None, identity: str, reached: str, lang: str) -> dict[str, Any]:
    facts = {} if span is None else span.attributes
    exchange = facts.get("encryption.key_exchange")
    sealed = [attribute(facts.get("encryption.layer"), lang)]
    if exchange is not None:
        sealed.append(attribute(exchange, lang))
    return {
        "id": identity,
        "to": reached,
        "km": None if span is None else span.km,
        "operator": facts.get("operator") or "—",
        "conduit": attribute(facts.get("conduit"), lang),
        "encryption": " · ".join(sealed),
    }


def _refusal(refusal: Mapping[str, Any], names: Names) -> dict[str, Any]:
    cut = refusal.get("blocking_cut") or {}
    waiver = refusal.get("minimum_waiver")
    nearest = refusal.get("nearest")
    return {
        "reasons": grouped(refusal["reasons"], names),
        "remedies": distinct(
            sentence(each["code"], each["args"], names.lang) for each in refusal["remedies"]
        ),
        "cut": [_barred(each, names) for each in cut.get("spans", ())],
        "cut_sites": [
            {"name": names.site(each["site"]), "rules": _rules(each, names.lang)}
            for each in (*cut.get("sites", ()), *cut.get("destinations", ()))
        ],
        "fixes": [
            {**_barred(each, names), "km": each["km"]}
            for each in refusal.get("single_span_fixes", ())
        ],
        "waiver": None
        if not waiver or not waiver["rules"]
        else [word(f"rule.{rule}", names.lang) for rule in waiver["rules"]],
        "nearest": None
        if nearest is None
        else {"site": nearest["site"], "name": names.site(nearest["site"]), "km": nearest["km"]},
    }


def _barred(span: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {
        "id": span["span"],
        "name": names.span(span["span"]),
        "operator": span.get("operator") or "—",
        "rules": _rules(span, names.lang),
    }


def _rules(barred: Mapping[str, Any], lang: str) -> list[dict[str, Any]]:
    return [
        {"name": word(f"rule.{rule}", lang), "unknown": kind == "unknown"}
        for kind in ("violated", "unknown")
        for rule in barred[kind]
    ]


def grouped(reasons: Iterable[Mapping[str, Any]], names: Names) -> list[dict[str, Any]]:
    """Return one row per sentence, with everything that it is said of."""
    rows: dict[str, dict[str, Any]] = {}
    for reason in reasons:
        about = names.subject(reason["subject"])
        args = {**spoken(reason["args"], names.lang), "subject": about}
        said = sentence(reason["code"], args, names.lang)
        row = rows.setdefault(
            said,
            {
                "sentence": said,
                "basis": word(f"basis.{reason['basis']}", names.lang),
                "citation": reason["citation"],
                "subjects": [],
            },
        )
        if about and about not in row["subjects"]:
            row["subjects"].append(about)
    return list(rows.values())


def spoken(args: Mapping[str, Any], lang: str) -> dict[str, JSON]:
    """Return the arguments of a reason in words: regimes, attributes and values by their names."""
    return {name: _spoken(name, value, lang) for name, value in args.items()}


def _spoken(name: str, value: Any, lang: str) -> JSON:
    if isinstance(value, list | tuple):
        return [_spoken(name, each, lang) for each in value]
    regime = shipped_taxonomy().regimes.get(str(value)) if name == "regime" else None
    if regime is not None:
        return regime.title_ja if lang == "ja" else regime.title_en
    for code in (f"attribute.{value}", f"value.{value}", f"accreditation.{value}"):
        if (found := word(code, lang)) != code:
            return found
    return None if value is None else str(value)


def distinct(lines: Iterable[str]) -> Sequence[str]:
    """Return the lines without repeats."""
    return tuple(dict.fromkeys(lines))
