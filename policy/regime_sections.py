"""The sections of all taxonomy files together, and what must hold between them.

Shapes are the business of `regime_documents`; here names must be known, unique and reachable,
because a name that leads nowhere is a constraint that silently never holds.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from pydantic import ValidationError

from policy.errors import TaxonomyError
from policy.regime import UNSETTLED
from policy.regime_documents import (
    BoundDoc,
    CategoryDoc,
    Document,
    GroupDoc,
    RecordDoc,
    RuleDoc,
    TermDoc,
)
from policy.regime_yaml import read_yaml


class _Entry(Protocol):
    @property
    def id(self) -> str: ...


_Doc = TypeVar("_Doc", bound=_Entry)
_BOUNDS: Final = ("placement", "transit", "operators", "key_holders")
_MOST_FILES: Final = 64


@dataclass(frozen=True)
class Sections:
    """Every entry by id; the second of each pair says where it stands, for messages."""

    groups: Mapping[str, tuple[GroupDoc, str]]
    accreditations: Mapping[str, tuple[TermDoc, str]]
    counts: Mapping[str, tuple[TermDoc, str]]
    obligations: Mapping[str, tuple[TermDoc, str]]
    categories: Mapping[str, tuple[CategoryDoc, str]]
    records: Mapping[str, tuple[RecordDoc, str]]
    rules: Mapping[str, tuple[RuleDoc, str]]

    def codes(self, written: Iterable[str]) -> frozenset[str]:
        """Return the jurisdictions of `written`, in which `@ID` stands for a group's."""
        spelled = [
            self.groups[code[1:]][0].codes if code.startswith("@") else [code] for code in written
        ]
        return frozenset(code for codes in spelled for code in codes)


def read_sections(documents: Mapping[str, bytes]) -> Sections:
    """Return the sections of all files, checked against each other.

    Raises:
        TaxonomyError: names the file and the place, as `japan-personal.yaml: records/3/level`.
    """
    if len(documents) > _MOST_FILES:
        raise TaxonomyError(f"{len(documents)} files, at most {_MOST_FILES} are read")
    parsed = [(name, _parse(name, documents[name])) for name in sorted(documents)]
    sections = Sections(
        groups=_gather(parsed, "groups", lambda document: document.groups),
        accreditations=_gather(parsed, "accreditations", lambda document: document.accreditations),
        counts=_gather(parsed, "counts", lambda document: document.counts),
        obligations=_gather(parsed, "obligations", lambda document: document.obligations),
        categories=_gather(parsed, "categories", lambda document: document.categories),
        records=_gather(parsed, "records", lambda document: document.records),
        rules=_gather(parsed, "rules", lambda document: document.rules),
    )
    _check(sections)
    return sections


def _parse(name: str, raw: bytes) -> Document:
    try:
        return Document.model_validate(read_yaml(name, raw))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # The message is pydantic's, without the value: a hostile file does not speak in our logs.
        place = "/".join(_printable(step) for step in first["loc"]) or "/"
        fault = first["msg"].removeprefix("Value error, ")
        raise TaxonomyError(f"{name}: {place}: {fault}") from error


def _printable(step: str | int) -> str:
    return "".join(mark if mark.isprintable() else "?" for mark in str(step)[:40])


def _gather(
    parsed: Sequence[tuple[str, Document]], key: str, pick: Callable[[Document], Sequence[_Doc]]
) -> dict[str, tuple[_Doc, str]]:
    found: dict[str, tuple[_Doc, str]] = {}
    for name, document in parsed:
        for at, entry in enumerate(pick(document)):
            place = f"{name}: {key}/{at}"
            if entry.id in found:
                raise TaxonomyError(
                    f"{place}/id: {entry.id} stands already at {found[entry.id][1]}"
                )
            found[entry.id] = (entry, place)
    if not found:
        # An empty section would lower every label that rested on it.
        raise TaxonomyError(f"no file holds any {key}")
    return found


def _check(sections: Sections) -> None:
    _check_categories(sections)
    for rule, place in sections.rules.values():
        _known(rule.when.categories, sections.categories, f"{place}/when/categories")
        _known(rule.when.counts, sections.counts, f"{place}/when/counts")
        _known(rule.then.categories, sections.categories, f"{place}/then/categories")
        _known(rule.then.regimes, sections.records, f"{place}/then/regimes")
    for record, place in sections.records.values():
        _check_record(record, place, sections)


def _check_categories(sections: Sections) -> None:
    applied = {name for record, _ in sections.records.values() for name in record.applies_to}
    for category, place in sections.categories.values():
        _known(category.implies, sections.categories, f"{place}/implies")
        if category.alone == (category.id in applied):
            # Otherwise a deleted record or file would lower what it applied to, unseen.
            state = "a record applies to it" if category.alone else "no record applies to it"
            raise TaxonomyError(f"{place}/alone: {category.id}: {state}")


def _check_record(record: RecordDoc, place: str, sections: Sections) -> None:
    _known(record.applies_to, sections.categories, f"{place}/applies_to")
    _known(record.adds, sections.categories, f"{place}/adds")
    _known(record.obligations, sections.obligations, f"{place}/obligations")
    _known(record.attests, sections.accreditations, f"{place}/attests")
    for at, demand in enumerate(record.accreditations):
        _known(demand.one_of, sections.accreditations, f"{place}/accreditations/{at}/one_of")
    for axis, bound in _bounds(record):
        _check_bound(bound, f"{place}/{axis}", sections)
    brought = {name for rule, _ in sections.rules.values() for name in rule.then.regimes}
    if record.id in brought and not _binds(record):
        raise TaxonomyError(f"{place}: a rule brings {record.id}, which has no effect")
    if _binds(record) and not record.applies_to and record.id not in brought:
        raise TaxonomyError(f"{place}/applies_to: nothing brings {record.id}")


def _check_bound(bound: BoundDoc, place: str, sections: Sections) -> None:
    written = [*(bound.allowed or ()), *bound.denied]
    names = [code[1:] for code in written if code.startswith("@")]
    _known(names, sections.groups, place)
    if bound.basis != "policy":
        for name in names:
            if sections.groups[name][0].certainty in UNSETTLED:
                raise TaxonomyError(f"{place}: group {name} is unsettled, so the basis is policy")


def _binds(record: RecordDoc) -> bool:
    return record.kind == "data" and record.status == "in-force"


def _bounds(record: RecordDoc) -> Iterator[tuple[str, BoundDoc]]:
    written = (record.placement, record.transit, record.operators, record.key_holders)
    for axis, bound in zip(_BOUNDS, written, strict=True):
        if bound is not None:
            yield axis, bound


def _known(names: Iterable[str], known: Collection[str], place: str) -> None:
    for name in names:
        if name not in known:
            raise TaxonomyError(f"{place}: {name} is not known")
