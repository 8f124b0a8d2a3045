"""The taxonomy: every regime and mosaic rule in force, and the closure of a label under them.

Closing only raises: it is inflationary, idempotent and monotone in the label and in the counts.
What the taxonomy does not know is refused, because an unknown category would bring no regime.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from types import MappingProxyType
from typing import Final

from policy.errors import TaxonomyError
from policy.label import Label, Level
from policy.mosaic import MosaicRule
from policy.regime import Category, Ground, Regime
from policy.regime_build import build_category, build_regime, build_rule
from policy.regime_documents import TermDoc
from policy.regime_sections import read_sections
from policy.regime_table import regime_table_markdown
from policy.taxonomy_digest import taxonomy_digest
from policy.territory import nowhere

NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})
REFUSED_SOURCE: Final = "level.L5"
"""The source of the bounds that every L5 label carries, whatever brought it there."""

_NOWHERE: Final = nowhere(REFUSED_SOURCE)
_REFUSED: Final = Label(
    level=Level.L5, placement=_NOWHERE, transit=_NOWHERE, operators=_NOWHERE, key_holders=_NOWHERE
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the vocabulary with its titles."""

    id: str
    title_ja: str
    title_en: str


@dataclass(frozen=True, kw_only=True)
class Taxonomy:
    """Regimes, mosaic rules and vocabulary by id; `digest` is over the documents' bytes."""

    regimes: Mapping[str, Regime]
    mosaic: tuple[MosaicRule, ...]
    digest: str
    categories: Mapping[str, Category]
    obligations: Mapping[str, Term]
    accreditations: Mapping[str, Term]
    counts: Mapping[str, Term]
    groups: Mapping[str, frozenset[str]]

    def label_of(
        self,
        categories: Iterable[str],
        *,
        level: Level = Level.L0,
        counts: Mapping[str, int] = NO_COUNTS,
    ) -> Label:
        """Return the closed label of content that holds `categories`, at least `level`.

        Raises:
            TaxonomyError: a category or count that the taxonomy does not know.
        """
        return self.close(Label(level=level, categories=frozenset(categories)), counts)

    def close(self, label: Label, counts: Mapping[str, int] = NO_COUNTS) -> Label:
        """Return the least label above `label` to which nothing more applies.

        Raises:
            TaxonomyError: a category, regime or count that the taxonomy does not know.
        """
        self._refuse_unknown(label, counts)
        while (raised := self._raise(label, counts)) != label:
            label = raised
        return label

    def ground(self, source: str, axis: str) -> Ground:
        """Return on what the bound that `source` sets on `axis` stands.

        Raises:
            TaxonomyError: no regime is called `source`.
        """
        if source == REFUSED_SOURCE:
            return Ground("policy", "P", REFUSED_SOURCE)
        if source not in self.regimes:
            raise TaxonomyError(f"no regime is called {source[:64]}")
        return self.regimes[source].ground(axis)

    @cached_property
    def _brought_by(self) -> Mapping[str, frozenset[str]]:
        brought: defaultdict[str, set[str]] = defaultdict(set)
        for regime in self.regimes.values():
            for category in regime.applies_to:
                brought[category].add(regime.id)
        return {category: frozenset(ids) for category, ids in brought.items()}

    def _raise(self, label: Label, counts: Mapping[str, int]) -> Label:
        brought = [self._brought_by.get(category, frozenset()) for category in label.categories]
        regimes = label.regimes.union(*brought)
        effects = [
            *(self.categories[category].effect for category in label.categories),
            *(self.regimes[regime].effect for regime in regimes),
            *(rule.effect for rule in self.mosaic if rule.fires(label, counts)),
            *((_REFUSED,) if label.level is Level.L5 else ()),
        ]
        return reduce(Label.join, effects, label)

    def _refuse_unknown(self, label: Label, counts: Mapping[str, int]) -> None:
        known: tuple[tuple[Iterable[str], Mapping[str, object], str], ...] = (
            (label.categories, self.categories, "category"),
            (label.regimes, self.regimes, "regime"),
            (counts, self.counts, "count"),
        )
        for names, vocabulary, what in known:
            for name in sorted(names):
                if name not in vocabulary:
                    raise TaxonomyError(f"no {what} is called {name[:64]}")
        if any(type(count) is not int or count < 0 for count in counts.values()):
            raise TaxonomyError("a count is a whole number, not below zero")


def load_taxonomy(documents: Mapping[str, bytes]) -> Taxonomy:
    """Return the taxonomy of the files `documents`, by name.

    Raises:
        TaxonomyError: any fault in any file; names the file and the place.
    """
    sections = read_sections(documents)
    return Taxonomy(
        regimes={name: build_regime(doc, sections) for name, (doc, _) in sections.records.items()},
        mosaic=tuple(build_rule(doc) for doc, _ in sections.rules.values()),
        digest=taxonomy_digest(documents),
        categories={name: build_category(doc) for name, (doc, _) in sections.categories.items()},
        obligations=_terms(sections.obligations),
        accreditations=_terms(sections.accreditations),
        counts=_terms(sections.counts),
        groups={name: frozenset(doc.codes) for name, (doc, _) in sections.groups.items()},
    )


def _terms(entries: Mapping[str, tuple[TermDoc, str]]) -> dict[str, Term]:
    return {name: Term(name, doc.title.ja, doc.title.en) for name, (doc, _) in entries.items()}


__all__ = [
    "NO_COUNTS",
    "REFUSED_SOURCE",
    "Category",
    "Ground",
    "MosaicRule",
    "Regime",
    "Taxonomy",
    "Term",
    "load_taxonomy",
    "regime_table_markdown",
]
