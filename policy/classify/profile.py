"""What a column holds, counted batch by batch in bounded memory.

For every kind: how many cells have its form, and how many of those are valid. Nothing is decided
here, and no cell is kept: of values there remain counts, masks and a few hashes.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from policy.classify import digit_columns, lexicon
from policy.classify.cells import Cells
from policy.classify.digit_columns import Flags, Matrix
from policy.classify.evidence import mask
from policy.classify.text import TextScan

FEW: Final = 64
"""Distinct values that are told apart; more are not counted."""
SHARE: Final = 0.8
"""Valid over well-formed cells from which a column is of a kind."""
ENOUGH: Final = 8
"""Valid cells from which that share is no accident."""
RUN: Final = 64
"""Rows of a stretch; four fifths of them valid by chance: never."""
# Kinds whose form is rare enough to count in any single cell.
RARE: Final = frozenset({"email", "address", "jp.residence_card", "jp.invoice_number"})
_SHORT: Final = 4

_EMAIL: Final = r"^[A-Za-z0-9][A-Za-z0-9._%+-]*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"
_IP: Final = r"^((25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})$"
_IP6: Final = r"^[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]{1,4}$"
_PHONE81: Final = r"^\+81[- ]?(\(0\))?[1-9][0-9]{0,3}[- ]?[0-9]{1,4}[- ]?[0-9]{3,4}$"
_ADDRESS: Final = (
    rf"^(〒?[0-9]{{3}}-?[0-9]{{4}}\s*)?({lexicon.PREFECTURES})"
    r"[\p{Han}ぁ-んァ-ヶー]{1,9}[市区町村郡].*[0-9一二三四五六七八九十]"
)
_NAME: Final = rf"^({lexicon.SURNAMES})[ 　]?[\p{{Han}}々ぁ-んァ-ヶ]{{1,4}}$"
_ECCN: Final = r"^[0-9][A-E][0-9]{3}(\.[a-z](\.[0-9]{1,2})?)*$"
SHAPES: Final = (
    ("postal_code", "999-9999"),
    ("jp.residence_card", "AA99999999AA"),
    ("jp.passport", "AA9999999"),
    ("jp.employment_insurance", "9999-999999-9"),
    ("jp.pension_number", "9999-999999"),
)


@dataclass
class Tally:
    """Of one kind: cells of its form, valid ones, some distinct values, one mask.

    `dense` are the valid cells of batches that are mostly of this kind: in a sorted file such a
    stretch may be a small share of the whole.
    """

    forms: int = 0
    valid: int = 0
    dense: int = 0
    values: set[int] = field(default_factory=set[int])
    heads: set[bytes] = field(default_factory=set[bytes])
    masked: str = "•••••"

    @property
    def ratio(self) -> float:
        """Valid over well-formed cells."""
        return self.valid / self.forms if self.forms else 0.0


@dataclass
class Loose:
    """Findings of one kind within the text of cells."""

    rule: str
    masked: str
    confidence: float = 0.0
    count: int = 0


class Profile:
    """The running counts of one column."""

    def __init__(self) -> None:
        """Begin with no cells."""
        self.rows = 0
        self.cells = 0
        self.numeric = 0
        self.small = 0
        self.figures = 0
        self.tallies: dict[str, Tally] = {}
        self.loose: dict[str, Loose] = {}

    def add(self, cells: Cells, *, figures: bool = False) -> None:
        """Count the cells of one more batch; `figures` also counts numbers below ten."""
        if not len(cells):
            return
        self.cells += len(cells)
        self.numeric += int(cells.numeric.sum())
        self._add_digits(cells)
        # Digits alone need a keyword, and a cell of digits has none.
        explained = np.asarray(cells.lengths == cells.digit_counts, np.bool_)
        for kind, valid in _forms(cells):
            self._tally(kind, len(cells), valid, cells)
            if kind in RARE or _mostly(valid):
                explained |= valid
        if figures:
            self._add_figures(cells)
        self._add_loose(cells, ~explained & (cells.lengths >= _SHORT))

    def tally(self, kind: str) -> Tally:
        """Return the counts of `kind`, zeros if it was never seen."""
        return self.tallies.get(kind, Tally())

    def _add_digits(self, cells: Cells) -> None:
        for length in digit_columns.LENGTHS:
            rows, matrix = cells.matrix(length)
            if len(rows):
                for kind, valid in digit_columns.check(matrix).items():
                    self._tally_digits(kind, matrix, valid)

    def _tally_digits(self, kind: str, matrix: Matrix, valid: Flags) -> None:
        tally = self.tallies.setdefault(kind, Tally())
        tally.forms += len(matrix)
        tally.valid += int(valid.sum())
        if valid.any():
            good = matrix[valid][:FEW]
            tally.masked = mask("".join(map(str, good[0])))
            some = {hash(row.tobytes()) for row in good}
            tally.dense += _dense(matrix, valid)
            if len(tally.values) < FEW:
                tally.values |= some

    def _tally(self, kind: str, forms: int, valid: Flags, cells: Cells) -> None:
        found = int(valid.sum())
        tally = self.tallies.setdefault(kind, Tally())
        tally.forms += forms
        tally.valid += found
        if found >= ENOUGH and _mostly(valid):
            tally.dense += found
        if found and len(tally.values) < FEW:
            some = cells.first(valid, FEW)
            tally.masked = mask(some[0])
            tally.values.update(map(hash, some))
            tally.heads.update(text[:2].encode("utf-8", "replace") for text in some)

    def _add_figures(self, cells: Cells) -> None:
        whole = cells.matching(r"^-?[0-9][0-9,]*(\.[0-9]+)?$")
        self.figures += int(whole.sum())
        self.small += int((whole & cells.matching("^[1-9]$")).sum())

    def _add_loose(self, cells: Cells, chosen: Flags) -> None:
        if not chosen.any():
            return
        scan = TextScan()
        scan.feed("\x1e".join(cells.texts(chosen)))
        scan.finish()
        for found in scan.found:
            loose = self.loose.setdefault(found.kind, Loose(found.rule, found.masked))
            loose.confidence = max(loose.confidence, found.confidence)
        counts: Counter[str] = Counter(scan.counts)
        for kind, count in counts.items():
            self.loose[kind].count += count


def _dense(matrix: Matrix, valid: Flags) -> int:
    """Count the rows of the stretches that are mostly valid, and of values that differ."""
    cut = len(valid) // RUN * RUN
    if not cut:
        full = valid
    else:
        runs = valid[:cut].reshape(-1, RUN).mean(axis=1) >= SHARE
        full = np.repeat(runs, RUN)
    rows = matrix[: len(full)][full][: RUN * FEW]
    different = len(np.unique(rows, axis=0)) >= ENOUGH
    return int(full.sum()) if different and (cut or _mostly(valid)) else 0


def _mostly(valid: Flags) -> bool:
    return bool(valid.mean() >= SHARE)


def _forms(cells: Cells) -> Iterator[tuple[str, Flags]]:
    for kind, shape in SHAPES:
        yield kind, cells.shape(shape)
    yield "jp.invoice_number", _invoices(cells)
    yield "phone", _phones(cells)
    if cells.has("@"):
        yield "email", cells.matching(_EMAIL)
    if cells.has("."):
        yield "ip", cells.matching(_IP)
    elif cells.has(":"):
        yield "ip", cells.matching(_IP6)
    if cells.lettered:
        yield "eccn", cells.matching(_ECCN)
    if cells.wide:
        yield "address", cells.matching(_ADDRESS)
        yield "person", cells.matching(_NAME)


def _invoices(cells: Cells) -> Flags:
    flags = cells.shape("A9999999999999")
    rows = np.flatnonzero(flags)
    block = cells.data[cells.edges[rows][:, None] + np.arange(14)]
    if len(rows):
        numbers = block[:, 1:] - ord("0")
        flags[rows] = (block[:, 0] == ord("T")) & digit_columns.check(numbers)[
            "jp.corporate_number"
        ]
    return flags


def _phones(cells: Cells) -> Flags:
    """Japanese numbers: mobile and IP in 11 digits, others in 10; or with +81."""
    flags = np.zeros(len(cells), np.bool_)
    for length in (10, 11):
        rows, matrix = cells.matrix(length)
        if len(rows):
            flags[rows] = _dialled(matrix)
    return flags | cells.matching(_PHONE81) if cells.has("+") else flags


def _dialled(matrix: Matrix) -> Flags:
    first, second, third = matrix[:, 0], matrix[:, 1], matrix[:, 2]
    mobile = (second >= 5) & (third == 0)  # noqa: PLR2004  050, 060, 070, 080, 090
    outside = (first == 0) & (second != 0)
    return np.asarray(outside & (mobile if matrix.shape[1] == 11 else ~mobile))  # noqa: PLR2004
