"""The label that content gets: joined upwards only, explained, and never betraying a value."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from policy.canonical import canonical
from policy.classify import sampling
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.classify.evidence import Evidence, confidence, mask, ordered
from policy.classify.kinds import CATEGORIES
from policy.label import Label, Level
from policy.regimes import load_taxonomy
from tests.policy.issued_numbers import CHECKED, FORMED, Random

FOLDER = Path(__file__).parents[2] / "policy" / "taxonomy"
TAXONOMY = load_taxonomy({path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")})
VECTORS = sorted((Path(__file__).parent / "vectors" / "classify").glob("*.json"))


def result(name: str, raw: bytes, *, full: bool = True, **given_labels: Any) -> Classification:
    content = Content(name, io.BytesIO(raw), len(raw))
    return classify(content, TAXONOMY, full=full, seed=20261123, **given_labels)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_vector_is_labelled_as_expected(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    declared = Level.parse(case["declared"]) if case["declared"] else None
    found = result(case["file"], case["text"].encode(case["encoding"]), declared=declared)
    expect = case["expect"]
    assert str(found.label.level) == expect["level"], [each.to_json() for each in found.evidence]
    assert set(expect.get("categories", [])) <= found.label.categories
    assert expect.get("categories") != [] or not found.label.categories
    assert found.state == expect.get("state", "settled")
    assert list(found.hints) == expect.get("hints", [])
    assert set(expect.get("types", [])) <= {each.kind for each in found.evidence}
    for column, kind in expect.get("columns", {}).items():
        assert (column, found.columns[column].type) == (column, kind)


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_same_bytes_give_the_same_result(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    raw = case["text"].encode(case["encoding"])
    once, again = (canonical(result(case["file"], raw).to_json()) for _ in range(2))
    assert once == again


def values(source: Random) -> list[str]:
    made = [make(source) for make in (CHECKED | FORMED).values()]
    return [*made, f"AKIA{'ABCDEFGHIJ234567'}", f"hunter{source.randrange(10**6, 10**7)}!"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), form=st.sampled_from(["table", "bare table", "text", "json"]))
def test_no_value_appears_anywhere_in_a_result(seed: int, form: str) -> None:
    source = Random(seed)
    rows = [values(source) for _ in range(10)]
    kinds = [*CHECKED, *FORMED, "token", "パスワード"]
    table = "\n".join(",".join(row) for row in rows)
    raw = {
        "table": ",".join(kinds) + "\n" + table,
        "bare table": table,
        "text": "\n".join(
            f"個人番号 法人番号 免許証 カード番号: {value} パスワード={value}"
            for row in rows
            for value in row
        ),
        "json": json.dumps([dict(zip(row, row, strict=True)) for row in rows]),
    }[form]
    name = {"text": "a.txt", "json": "a.json"}.get(form, "a.csv")
    shown = json.dumps(result(name, raw.encode()).to_json("a"), ensure_ascii=False)
    for row in rows:
        for value in row:
            assert value not in shown


def test_a_broken_file_betrays_no_value_either() -> None:
    number = CHECKED["jp.my_number"](Random(1))
    for name, raw in [
        ("a.csv", "a,b\n" + f"{number},1\n" * 60 + f"{number},2,3\n" * 50),
        ("a.json", f'[{{"{number}": {number}x'),
        ("a.ndjson", f'{{"a": 1}}\n{number} {number}\n'),
        ("a.txt", f"{number}\x00"),
    ]:
        found = result(name, raw.encode())
        assert found.unknown
        assert number not in json.dumps(found.to_json())


@given(value=st.text(min_size=1, max_size=40))
def test_a_mask_keeps_at_most_two_characters_and_no_length(value: str) -> None:
    masked = mask(value)
    assert masked.startswith("•••••")
    assert len(masked) <= 7
    assert masked[5:] in ("", value[-2:])


@pytest.mark.parametrize("declared", list(Level))
def test_unreadable_is_unknown_and_never_low(declared: Level) -> None:
    found = result("a.pdf", b"%PDF-1.7", declared=declared)
    assert found.unknown
    assert found.label.level == max(Level.L3, declared)
    assert found.content_digest is None
    assert found.provisional
    assert found.to_json()["unreadable"] == "byte 0: a PDF, which no reader opens"


@pytest.mark.parametrize("declared", list(Level))
@pytest.mark.parametrize(
    "text", ["なし", "TLP:CLEAR\n", "氏名：山田太郎", "【極秘】\n", "特定秘密\n"]
)
def test_a_label_is_never_below_what_was_declared_or_detected(text: str, declared: Level) -> None:
    alone, found = result("a.txt", text.encode()), result("a.txt", text.encode(), declared=declared)
    assert found.label.level == max(declared, alone.label.level)
    raised = alone.label.level > declared
    assert (found.state == "CONFLICT_RAISED") == raised
    assert ("over-classified?" in found.hints) == (declared > alone.label.level)


def test_what_is_inherited_and_the_floor_are_joined_and_closed() -> None:
    inherited = TAXONOMY.label_of(["diagnosis"])
    floor = Label(level=Level.L2, integrity=2)
    found = result("a.txt", "氏名：山田太郎".encode(), inherited=inherited, floor=floor)
    assert found.label.level == Level.L3
    assert "medical" in found.label.categories
    assert found.label.integrity == 2


def test_a_weak_detection_holds_at_the_higher_level() -> None:
    text = "リスト規制技術について外為令別表を確認すること".encode()
    assert result("a.txt", text).state == "PROVISIONAL_HOLD"
    held = result("a.txt", text, declared=Level.L2)
    assert (held.state, held.label.level) == ("PROVISIONAL_HOLD", Level.L4)
    settled = result("a.txt", text, declared=Level.L4)
    assert settled.state == "settled"


def test_a_sign_in_the_middle_of_a_long_text_publishes_nothing() -> None:
    filler = "本日は晴天なり。\n" * 300
    text = f"{filler}ライセンス: CC BY 4.0\n{filler}"
    assert result("a.txt", text.encode()).label.level == Level.L1
    assert result("a.txt", ("ライセンス: CC BY 4.0\n" + filler).encode()).label.level == Level.L0


def test_only_a_full_scan_records_the_digest() -> None:
    raw = "関所".encode()
    full, part = result("a.txt", raw), result("a.txt", raw, full=False)
    assert full.content_digest == ("sha256:" + __import__("hashlib").sha256(raw).hexdigest())
    assert (full.provisional, part.provisional) == (False, True)
    assert part.content_digest is None


def test_a_sample_says_how_much_it_saw_and_what_it_may_miss() -> None:
    rows = "key,memo\n" + "".join(
        f"{i},本日は晴天なり、特記なし、以上である\n" for i in range(150_000)
    )
    raw = rows.encode()
    assert len(raw) > sampling.WHOLE
    found = result("a.csv", raw, full=False)
    said = found.sampled.to_json()
    assert 10_000 < found.sampled.seen < 60_000
    assert abs(found.sampled.total - 150_000) < 2_000
    assert 0 < found.sampled.prevalence < 0.001
    assert said["seed"] == 20261123
    assert result("a.csv", raw).sampled.to_json()["would_miss_prevalence_below"] == 0.0


def test_a_sample_sees_the_head_the_middle_and_the_tail() -> None:
    plain = "本日は晴天なり、特記すべきことはなにもない。\n" * 80_000
    for text in ("a@example.jp\n" + plain, plain + "a@example.jp\n"):
        found = result("a.txt", text.encode(), full=False)
        assert [each.kind for each in found.evidence] == ["email"]
        assert found.evidence[0].block is not None
        assert found.sampled.unit == "bytes"


def test_quoted_line_breaks_make_a_sample_read_everything() -> None:
    raw = ("key,memo\n" + '1,"二行\nにわたる"\n' * 200_000).encode()
    assert len(raw) > sampling.WHOLE
    assert result("a.csv", raw, full=False).sampled.seen == 200_000


@given(seed=st.integers(0, 99), items=st.integers(0, 500), count=st.integers(3, 40))
def test_strata_are_in_order_and_hold_both_ends(seed: int, items: int, count: int) -> None:
    chosen = sampling.strata(seed, items, count)
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) <= max(count, 0)
    assert all(0 <= item < items for item in chosen)
    assert items == 0 or {0, items - 1} <= set(chosen)


def test_sample_sizes_are_the_published_ones() -> None:
    assert [sampling.rows_needed(p) for p in (0.01, 0.001, 0.0001)] == [459, 4603, 46050]
    assert sampling.Sampled(0, 5, 1).prevalence == 1.0


def test_every_category_that_a_detector_brings_is_in_the_taxonomy() -> None:
    for categories in CATEGORIES.values():
        assert set(categories) <= set(TAXONOMY.categories)


def test_evidence_is_ordered_and_says_only_what_applies() -> None:
    late = Evidence(rule="r", kind="email", confidence=0.9, start=9, end=10)
    early = Evidence(rule="r", kind="email", confidence=0.9, start=1, end=2, distance=0)
    assert ordered([late, early]) == (early, late)
    assert late.to_json() == {
        "rule": "r", "type": "email", "confidence": 0.9, "start": 9, "end": 10, "count": 1
    }  # fmt: skip
    assert confidence() == 0.5
