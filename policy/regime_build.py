"""From checked documents to the values that labels are made of."""

from policy.label import GOV, STD, Level
from policy.mosaic import MosaicRule
from policy.regime import Category, EncryptionEffect, Ground, Regime
from policy.regime_documents import BoundDoc, CategoryDoc, ConstraintDoc, RecordDoc, RuleDoc
from policy.regime_sections import Sections
from policy.territory import ANYWHERE, Bound, Territory


def build_category(doc: CategoryDoc) -> Category:
    """Return the category of `doc`."""
    return Category(
        id=doc.id,
        title_ja=doc.title.ja,
        title_en=doc.title.en,
        level=Level.parse(doc.level),
        implies=frozenset(doc.implies),
    )


def build_rule(doc: RuleDoc) -> MosaicRule:
    """Return the mosaic rule of `doc`."""
    return MosaicRule(
        id=doc.id,
        title_ja=doc.title.ja,
        title_en=doc.title.en,
        categories=frozenset(doc.when.categories),
        counts=dict(doc.when.counts),
        adds_categories=frozenset(doc.then.categories),
        adds_regimes=frozenset(doc.then.regimes),
        ground=Ground(doc.basis, doc.certainty, doc.citation),
    )


def build_regime(doc: RecordDoc, sections: Sections) -> Regime:
    """Return the regime of `doc`, with its territories spelled out."""
    return Regime(
        id=doc.id,
        title_ja=doc.title.ja,
        title_en=doc.title.en,
        kind=doc.kind,
        status=doc.status,
        level=Level.parse(doc.level),
        integrity=doc.integrity,
        availability=doc.availability,
        applies_to=frozenset(doc.applies_to),
        categories=frozenset(doc.adds),
        placement=_territory(doc.id, doc.placement, sections),
        transit=_territory(doc.id, doc.transit, sections),
        operators=_territory(doc.id, doc.operators, sections),
        key_holders=_territory(doc.id, doc.key_holders, sections),
        accreditations=frozenset(frozenset(demand.one_of) for demand in doc.accreditations),
        suite=GOV if doc.suite and doc.suite.floor == "gov" else STD,
        obligations=frozenset(doc.obligations),
        encryption_effect=EncryptionEffect(doc.encryption.effect, tuple(doc.encryption.conditions)),
        attests=frozenset(doc.attests),
        basis=doc.basis,
        certainty=doc.certainty,
        citation=doc.citation,
        review_required=doc.review_required,
        note=doc.note or "",
        grounds=_grounds(doc),
    )


def _territory(source: str, doc: BoundDoc | None, sections: Sections) -> Territory:
    if doc is None:
        return ANYWHERE
    allowed = None if doc.allowed is None else sections.codes(doc.allowed)
    return Territory(frozenset({Bound(source, allowed, sections.codes(doc.denied))}))


def _grounds(doc: RecordDoc) -> dict[str, Ground]:
    axes: dict[str, ConstraintDoc | None] = {
        "placement": doc.placement,
        "transit": doc.transit,
        "operators": doc.operators,
        "key_holders": doc.key_holders,
        # One ground speaks for the axis: the weakest, so that nothing sounds firmer than it is.
        "accreditations": max(doc.accreditations, key=_weakness, default=None),
        "suite": doc.suite,
    }
    return {
        axis: Ground(ground.basis, ground.certainty, ground.citation or doc.citation)
        for axis, ground in axes.items()
        if ground is not None
    }


def _weakness(doc: ConstraintDoc) -> int:
    return ("V", "V2", "K", "U", "P").index(doc.certainty)
