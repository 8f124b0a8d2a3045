"""How right the classifier is, on a generated corpus that its rules were not written from.

`python -m bench.accuracy [--copies N] [--seed S]` prints the tables of `docs/classification.md`.
"""

import argparse
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from api.offline import shipped_taxonomy
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.classify.evidence import THRESHOLD
from policy.classify.kinds import CATEGORIES
from policy.classify.text import TextScan
from policy.label import Level
from tests.policy.labelled_corpus import Column, Sentence, columns, sentences

BINS = 10


@dataclass
class Count:
    """Right, wrong and missed findings of one kind."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Right over found."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Right over there."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


@dataclass
class Score:
    """Counts by kind, levels too low and too high, and (confidence, right) pairs."""

    counts: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    items: int = 0
    under: int = 0
    negatives: int = 0
    raised: int = 0
    sure: list[tuple[float, bool]] = field(default_factory=list[tuple[float, bool]])

    def level(self, kind: str | None, level: Level) -> None:
        """Count one item's level against what its kind asks for."""
        if kind is None:
            self.negatives += 1
            self.raised += level >= Level.L3
        else:
            self.items += 1
            self.under += level < shipped_taxonomy().label_of(CATEGORIES[kind]).level

    @property
    def brier(self) -> float:
        """The mean square of confidence minus truth."""
        return sum((sure - right) ** 2 for sure, right in self.sure) / max(1, len(self.sure))

    @property
    def calibration_error(self) -> float:
        """The expected calibration error over ten bins."""
        bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
        for sure, right in self.sure:
            bins[min(BINS - 1, int(sure * BINS))].append((sure, right))
        gaps = (abs(sum(sure - right for sure, right in each)) for each in bins.values())
        return sum(gaps) / max(1, len(self.sure))


def _classify(name: str, raw: bytes) -> Classification:
    content = Content(name, io.BytesIO(raw), len(raw))
    return classify(content, shipped_taxonomy(), full=True, seed=0)


def of_columns(items: Iterable[Column]) -> Score:
    """Score the type reported for each column, and the level of its table."""
    score = Score()
    for item in items:
        result = _classify("a.csv", item.to_bytes())
        found = result.columns[item.head]
        told = None if found.type == "none" else found.type
        if told is not None:
            score.sure.append((found.confidence, told == item.kind))
        _compare(score, item.kind, told)
        score.level(item.kind, result.label.level)
    return score


def _compare(score: Score, truth: str | None, told: str | None) -> None:
    if truth == told:
        if truth is not None:
            score.counts[truth].right += 1
        return
    if told is not None:
        score.counts[told].wrong += 1
    if truth is not None:
        score.counts[truth].missed += 1


def of_sentences(items: Iterable[Sentence]) -> Score:
    """Score the findings that are sure enough to decide: kind, and a common character."""
    score = Score()
    for item in items:
        scan = TextScan()
        scan.feed(item.text)
        scan.finish()
        hit = False
        for found in scan.found:
            there = found.start < item.end and item.start < found.end
            right = there and found.kind == item.kind
            score.sure.append((found.confidence, right))
            if found.confidence >= THRESHOLD:
                hit |= right
                score.counts[found.kind].right += right
                score.counts[found.kind].wrong += not right
        if item.kind is not None:
            score.counts[item.kind].missed += not hit
        score.level(item.kind, _classify("a.txt", item.text.encode()).label.level)
    return score


def table(score: Score) -> Iterator[str]:
    """Yield the rows of a table in Markdown, one kind each, and the sums."""
    yield "| type | precision | recall | F1 | n |"
    yield "|---|---|---|---|---|"
    total = Count()
    for kind, count in sorted(score.counts.items()):
        yield _row(kind, count)
        total.right += count.right
        total.wrong += count.wrong
        total.missed += count.missed
    yield _row("**all**", total)
    yield ""
    yield (
        f"under-classified {score.under / max(1, score.items):.2%} of {score.items}, "
        f"L3 or higher on {score.raised / max(1, score.negatives):.2%} of {score.negatives} "
        f"negatives, Brier {score.brier:.3f}, ECE {score.calibration_error:.3f}"
    )


def _row(name: str, count: Count) -> str:
    there = count.right + count.missed
    return f"| {name} | {count.precision:.3f} | {count.recall:.3f} | {count.f1:.3f} | {there} |"


def main(copies: int, seed: int) -> str:
    """Return both tables, for columns and for text."""
    corpus = list(sentences(seed, copies))
    lines = ["### Columns", "", *table(of_columns(columns(seed, copies)))]
    lines += ["", "### Text", "", *table(of_sentences(corpus)), ""]
    for form in ("plain", "full-width", "hyphenated"):
        score = of_sentences(item for item in corpus if item.form == form and item.kind)
        right = sum(count.right for count in score.counts.values())
        lines.append(f"{form}: recall {right / max(1, score.items):.3f} of {score.items}  ")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.accuracy")
    parser.add_argument("--copies", type=int, default=40)
    parser.add_argument("--seed", type=int, default=20261123)
    given = parser.parse_args()
    print(main(given.copies, given.seed))
