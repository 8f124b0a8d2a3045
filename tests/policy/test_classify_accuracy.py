"""The accuracy table can be made again, and what it promises holds on a small sample."""

import re
from pathlib import Path

from bench import accuracy
from tests.policy.labelled_corpus import HEADS, SENTENCES, columns, sentences

GUIDE = Path(__file__).parents[2] / "docs" / "classification.md"


def test_columns_are_named_right_and_never_labelled_too_low() -> None:
    score = accuracy.of_columns(columns(1, 2))
    assert min(count.f1 for count in score.counts.values()) >= 0.9
    assert score.under == 0
    assert score.raised == 0


def test_what_stands_in_sentences_is_found_and_nothing_else() -> None:
    score = accuracy.of_sentences(sentences(1, 2))
    assert all(count.f1 >= 0.95 for kind, count in score.counts.items() if kind != "person")
    assert score.counts["person"].precision >= 0.9
    assert score.raised == 0


def test_the_command_prints_both_tables() -> None:
    printed = accuracy.main(1, 7)
    assert printed.count("| type | precision | recall | F1 | n |") == 2
    assert "under-classified" in printed
    assert "full-width: recall" in printed


def test_a_score_counts_wrong_and_missed_apart() -> None:
    count = accuracy.Count(right=8, wrong=2, missed=0)
    assert (count.precision, count.recall) == (0.8, 1.0)
    score = accuracy.Score(sure=[(0.9, True), (0.9, False)])
    assert round(score.brier, 3) == 0.41
    assert round(score.calibration_error, 3) == 0.4


def test_the_guide_names_the_commands_and_every_kind() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert "`python -m bench.accuracy`" in guide
    assert "`python -m bench classify`" in guide
    told = re.findall(r"^\| ([a-z_.]+) \| [01]\.", guide, re.MULTILINE)
    assert told == [*sorted(HEADS), *sorted(SENTENCES)]
