"""Mosaic rules: what becomes more sensitive together.

An antecedent is a conjunction of "has category" and "count is at least", and a consequence only
adds, so every rule is monotone: the order of joins does not matter and the closure exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from policy.label import Label
from policy.regime import Ground


@dataclass(frozen=True, kw_only=True)
class MosaicRule:
    """When all `categories` are there and every count reaches its threshold, more is added."""

    id: str
    title_ja: str
    title_en: str
    categories: frozenset[str]
    counts: Mapping[str, int] = field(hash=False)
    adds_categories: frozenset[str]
    adds_regimes: frozenset[str]
    ground: Ground

    def fires(self, label: Label, counts: Mapping[str, int]) -> bool:
        """Say whether the antecedent holds; a count that is not given is 0."""
        reached = all(counts.get(name, 0) >= least for name, least in self.counts.items())
        return reached and self.categories <= label.categories

    @property
    def effect(self) -> Label:
        """What the rule joins to a label when it fires."""
        return Label(categories=self.adds_categories, regimes=self.adds_regimes)
