"""What a column is, decided from its counts and its name.

* A kind with a check digit: at least 80 % valid of its form, 8 valid cells and 8 distinct values
  (by chance: less than one column in a million); with fewer the name must say the same.
* A kind with a form alone: the same share; kinds of rare form count cell by cell.
* A kind without a form (names, diagnoses, numbers of insurers' own making): the name decides.
* A column of a table without rows: the name alone.
* Otherwise: the most sensitive thing found in the text of any cell.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from policy.canonical import JSON
from policy.classify import digits, headers
from policy.classify.evidence import THRESHOLD, Evidence, confidence
from policy.classify.kinds import NONE, PERSONAL, PUBLICATION
from policy.classify.profile import ENOUGH, RARE, SHARE, Profile, Tally
from policy.label import Level

_DIRTY: Final = 0.3
_LETTER_PAIRS: Final = 3
_CROWD: Final = 100

# Kinds whose form many other things share, unless most cells have it.
_COMMON: Final = frozenset(
    {"phone", "postal_code", "ip", "jp.passport", "jp.employment_insurance", "person", "eccn"}
)
_NAMED: Final = frozenset(
    {
        "person", "organisation", "address", "birth_date", "diagnosis", "bank_account", "secret",
        "jp.insured_number", "jp.care_insured_number", "jp.pension_number",
        "jp.employment_insurance", "jp.passport", "jp.residence_card", "phone", "postal_code",
        "eccn",
    }
)  # fmt: skip
_NEVER_NUMERIC: Final = frozenset({"person", "organisation", "address", "diagnosis"})
_ALWAYS_NUMERIC: Final = frozenset({"phone", "postal_code", "bank_account", "jp.pension_number"})

LevelOf = Callable[[str], Level]


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """The kind of a column's cells, under the contract's name `type`, and how sure that is."""

    type: str
    confidence: float

    def to_json(self) -> dict[str, JSON]:
        """Return the two fields."""
        return {"type": self.type, "confidence": self.confidence}


@dataclass(frozen=True, slots=True)
class Judged:
    """A column: its finding, all the evidence, and how many of its rows concern a person."""

    finding: ColumnFinding
    evidence: tuple[Evidence, ...]
    persons: int


def judge(name: str, profile: Profile, level_of: LevelOf) -> Judged:
    """Decide what the column `name` holds."""
    claimed = headers.kind(name)
    if not profile.rows and not profile.cells:
        return _by_name_alone(name, claimed)
    checked = sorted(_checked(name, claimed, profile), key=_by_ratio(claimed))[:1]
    formed = [] if checked else list(_formed(name, claimed, profile))
    loose = list(_loose(name, profile))
    named = [] if checked or formed else list(_named(name, claimed, profile))
    everything = (*checked, *formed, *named, *loose)
    best = _best(checked or formed, (*named, *loose), level_of)
    finding = ColumnFinding(best.kind, best.confidence) if best else ColumnFinding(NONE, 0.0)
    personal = [found.count for found in everything if found.kind in PERSONAL and _sure(found)]
    return Judged(finding, everything, max(personal, default=0))


def _by_name_alone(name: str, claimed: str | None) -> Judged:
    if claimed is None:
        return Judged(ColumnFinding(NONE, 0.0), (), 0)
    found = Evidence(rule="schema.name", kind=claimed, confidence=0.75, column=name, count=0)
    return Judged(ColumnFinding(claimed, found.confidence), (found,), 0)


def _sure(found: Evidence) -> bool:
    return found.confidence >= THRESHOLD


def _by_ratio(claimed: str | None) -> Callable[[Evidence], tuple[float, bool, int, str]]:
    order = list(digits.RULES)
    return lambda found: (
        -(found.validity or 0),
        found.kind != claimed,
        order.index(found.kind),
        found.rule,
    )


def _best(
    decided: list[Evidence], others: tuple[Evidence, ...], level_of: LevelOf
) -> Evidence | None:
    if decided and _sure(decided[0]):
        return decided[0]
    candidates = [*decided, *others]
    return max(
        candidates,
        key=lambda found: (_sure(found), level_of(found.kind), found.confidence, found.kind),
        default=None,
    )


def _evidence(name: str, kind: str, how: str, tally: Tally, sure: float) -> Evidence:
    return Evidence(
        rule=f"column.{how}",
        kind=kind,
        confidence=sure,
        column=name,
        count=tally.valid,
        validity=round(tally.ratio, 4),
        masked=tally.masked,
    )


def _checked(name: str, claimed: str | None, profile: Profile) -> Iterator[Evidence]:
    for kind in digits.RULES:
        tally = profile.tally(kind)
        if tally.valid == 0:
            continue
        many = tally.valid >= ENOUGH and len(tally.values) >= ENOUGH
        if tally.dense or (tally.ratio >= SHARE and (many or claimed == kind)):
            yield _evidence(name, kind, "check-digit", tally, _strength(kind, claimed, many=many))
        elif claimed == kind:
            dirty = tally.ratio >= _DIRTY and tally.valid >= _LETTER_PAIRS
            yield _evidence(name, kind, "check-digit", tally, 0.8 if dirty else 0.5)
        elif tally.ratio >= _DIRTY and tally.forms >= _CROWD:
            # Three times what chance gives, of many: something is mixed in, so it holds.
            yield _evidence(name, kind, "check-digit.mixed", tally, 0.6)


def _strength(kind: str, claimed: str | None, *, many: bool) -> float:
    return confidence(3.0 if many else 0.5, 2.0 if claimed == kind else 0.0)


def _formed(name: str, claimed: str | None, profile: Profile) -> Iterator[Evidence]:
    for kind in sorted(RARE | _COMMON):
        tally = profile.tally(kind)
        most = tally.ratio >= SHARE
        if tally.valid == 0 or (claimed not in {kind, None} and not most and kind in _COMMON):
            continue
        if claimed == kind and (most or tally.valid >= ENOUGH):
            yield _evidence(name, kind, "form", tally, 0.97)
        elif (most or tally.dense) and tally.valid >= ENOUGH and _varied(kind, tally):
            yield _evidence(name, kind, "form", tally, 0.9 if kind in RARE else 0.85)
        elif kind in RARE:
            yield _evidence(name, kind, "form", tally, 0.8)


def _varied(kind: str, tally: Tally) -> bool:
    # A product code has one prefix; passports and surnames have many.
    if kind in {"jp.passport", "person"}:
        return len(tally.heads) >= _LETTER_PAIRS
    return len(tally.values) >= ENOUGH


def _named(name: str, claimed: str | None, profile: Profile) -> Iterator[Evidence]:
    if claimed not in _NAMED or not profile.cells:
        return
    numeric = profile.numeric / profile.cells
    if claimed in _NEVER_NUMERIC and numeric > 1 - SHARE and claimed != "diagnosis":
        return
    sure = 0.75 if claimed in _ALWAYS_NUMERIC and numeric < SHARE else 0.85
    yield Evidence(
        rule="column.name",
        kind=claimed,
        confidence=sure,
        column=name,
        count=profile.cells,
        masked="•••••",
    )


def _loose(name: str, profile: Profile) -> Iterator[Evidence]:
    for kind, loose in sorted(profile.loose.items()):
        if kind not in PUBLICATION:
            yield Evidence(
                rule=loose.rule,
                kind=kind,
                confidence=loose.confidence,
                column=name,
                count=loose.count,
                masked=loose.masked,
            )
