"""Classifying running text and tables against plain tools on the same bytes."""

import csv
import io
import re
from functools import cache

from api.offline import shipped_taxonomy
from api.resources import example
from bench.measure import Row, throughput
from policy.classify.classify import Classification, classify
from policy.classify.content import Content

TEXT_SIZE = 2_000_000  # characters
TABLE_COPIES = 25

# What a script would use: nothing is checked, weighed or settled between them.
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)\d{12}(?!\d)",
        r"(?<!\d)\d{4}[- ]\d{4}[- ]\d{4}(?!\d)",
        r"(?<!\d)\d{13}(?!\d)",
        r"\bT\d{13}\b",
        r"(?<!\d)\d{11}(?!\d)",
        r"(?<!\d)\d{8}(?!\d)",
        r"(?<!\d)\d{6}(?!\d)",
        r"(?<!\d)\d{10}(?!\d)",
        r"(?<!\d)\d{4}-\d{6}(?!\d)",
        r"(?<!\d)\d{4}-\d{6}-\d(?!\d)",
        r"[A-Z]{2}\d{7}\b",
        r"[A-Z]{2}\d{8}[A-Z]{2}\b",
        r"(?<!\d)(?:\d{4}[- ]?){3}\d{4}(?!\d)",
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"0\d{1,4}-\d{1,4}-\d{4}",
        r"\+81[- ]?\d{1,4}[- ]\d{1,4}[- ]\d{4}",
        r"〒?\d{3}-\d{4}",
        r"(?:東京都|北海道|(?:京都|大阪)府|..県|...県)\w{2,20}",
        r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"\b[0-9][A-E]\d{3}(?:\.[a-z0-9]+)*",
        r"(?:社外秘|極秘|秘密|機密性[123])",
        r"(?:CONFIDENTIAL|SECRET|RESTRICTED)",
    )
)


@cache
def _text() -> str:
    filler = (
        "本日の会議では回線の増設と保守の日程を確認した。担当は追って連絡する。\n"
        "The meeting confirmed the schedule of the new circuits and the next survey.\n"
    )
    note = example("datasets/design-note.md").read_text(encoding="utf-8")
    row = "連絡先 090-1234-5678 / someone@example.jp / 個人番号 123456789018\n"
    block = filler * 60 + note + row  # less than one hit in a KiB
    return (block * (TEXT_SIZE // len(block) + 1))[:TEXT_SIZE]


@cache
def _table() -> bytes:
    head, *rows = example("datasets/residents.csv").read_bytes().splitlines(keepends=True)
    return head + b"".join(rows) * TABLE_COPIES


def _classify(name: str, raw: bytes) -> Classification:
    content = Content(name, io.BytesIO(raw), len(raw))
    return classify(content, shipped_taxonomy(), full=True, seed=0)


def _scan(text: str) -> int:
    return sum(1 for pattern in PATTERNS for _ in pattern.finditer(text))


def _scan_cells(raw: bytes) -> int:
    rows = csv.reader(io.StringIO(raw.decode()))
    return sum(1 for row in rows for cell in row for pattern in PATTERNS if pattern.search(cell))


def text_against_plain_patterns() -> Row:
    """A text read in full, labelled and digested, against patterns that check nothing."""
    raw = _text().encode()
    return throughput(
        "classify: text, Japanese and English, under a hit in a KiB",
        lambda: _classify("note.txt", raw),
        f"{len(PATTERNS)} patterns of Python's re, nothing checked",
        lambda: _scan(_text()),
        amount=len(raw) / 1e6,
        unit="MB",
    )


def table_against_plain_patterns() -> Row:
    """A resident table of 5,000 rows in full against the patterns tried on every cell."""
    raw = _table()
    return throughput(
        "classify: table of 5,000 rows, in full",
        lambda: _classify("residents.csv", raw),
        f"csv and {len(PATTERNS)} patterns of Python's re on every cell",
        lambda: _scan_cells(raw),
        amount=len(raw) / 1e6,
        unit="MB",
    )


BENCHES = (text_against_plain_patterns, table_against_plain_patterns)
