"""Everything that one reading of a content brought to light, gathered part by part."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from policy.classify import statistics_sign
from policy.classify.columns import ColumnFinding, Judged, LevelOf, judge
from policy.classify.evidence import Evidence, ordered
from policy.classify.kinds import PUBLICATION
from policy.classify.profile import Profile
from policy.classify.tables import Part, Prose, Table
from policy.classify.text import Found, TextScan

MARGIN: Final = 500
"""Characters at the head and the tail where a sign of publication speaks of the whole text."""


class Survey:
    """The findings of text and tables; asked once, at the end."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self.rows = 0
        self._evidence: list[Evidence] = []
        self._profiles: dict[str, Profile] = {}
        self._stray: TextScan = TextScan()

    def add(self, part: Part) -> None:
        """Read one part to its end.

        Raises:
            UnreadableError: the part breaks off; what was seen before stays.
        """
        if isinstance(part, Prose):
            self._add_prose(part)
        else:
            self._add_table(part)

    def _add_prose(self, part: Prose) -> None:
        scan, begun = TextScan(), None
        try:
            for block, text in part.pieces:
                if block is not None and scan.characters:
                    self._close(scan, begun)
                    scan = TextScan()
                begun = block
                scan.feed(text)
        finally:
            self._close(scan, begun)

    def _close(self, scan: TextScan, block: int | None) -> None:
        scan.finish()
        kept = (found for found in scan.found if _speaks(found, scan.characters))
        self._evidence.extend(_of_text(found, block) for found in kept)

    def _add_table(self, table: Table) -> None:
        notes = TextScan()
        notes.feed(table.notes)
        notes.finish()
        self._evidence.extend(_of_text(found, None) for found in notes.found)
        for batch in table.batches:
            self.rows += batch.rows
            self._stray.feed(batch.stray)
            for name, cells in batch.columns.items():
                profile = self._profiles.setdefault(name, Profile())
                profile.rows += batch.rows
                profile.add(cells, figures=statistics_sign.is_figures(name))

    @property
    def without_rows(self) -> bool:
        """Whether there were columns and no row: a schema, judged by names alone."""
        return bool(self._profiles) and not self.rows

    def judged(self, level_of: LevelOf) -> "Findings":
        """Decide every column and put all evidence in order."""
        self._stray.finish()
        stray = (found for found in self._stray.found if found.kind not in PUBLICATION)
        columns = {
            name: (profile, judge(name, profile, level_of))
            for name, profile in self._profiles.items()
        }
        signs = statistics_sign.find(columns)
        of_columns = [each for _, judged in columns.values() for each in judged.evidence]
        if any(sign.kind == "sign.public_register" for sign in signs):
            of_columns = [_of_organisation(each) for each in of_columns]
        found = [
            *self._evidence,
            *(replace(_of_text(each, None), column="(stray rows)") for each in stray),
            *of_columns,
            *signs,
        ]
        return Findings(found, {name: judged for name, (_, judged) in columns.items()})


class Findings:
    """The evidence in order, the columns by name, and how many persons the tables hold."""

    def __init__(self, evidence: list[Evidence], judged: dict[str, Judged]) -> None:
        """Order `evidence`; read the columns off `judged`."""
        self.evidence = ordered(evidence)
        self.columns: dict[str, ColumnFinding] = {
            name: column.finding for name, column in judged.items()
        }
        self.persons = max((column.persons for column in judged.values()), default=0)

    def kinds(self, *, at_least: float) -> Iterator[str]:
        """Yield the kinds found with this confidence or more."""
        return (each.kind for each in self.evidence if each.confidence >= at_least)


def _of_organisation(found: Evidence) -> Evidence:
    # The seat of a company is published with its number and is nobody's home.
    return replace(found, kind="organisation_address") if found.kind == "address" else found


def _speaks(found: Found, characters: int) -> bool:
    at_edge = found.start < MARGIN or found.end > characters - MARGIN
    return found.kind not in PUBLICATION or at_edge


def _of_text(found: Found, block: int | None) -> Evidence:
    return Evidence(
        rule=found.rule,
        kind=found.kind,
        confidence=found.confidence,
        start=found.start,
        end=found.end,
        block=block,
        masked=found.masked,
        distance=found.distance,
    )
