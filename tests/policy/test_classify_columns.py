"""Columns are named by what is in them, whatever the encoding, the width or the hyphens."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.regimes import Taxonomy, load_taxonomy
from tests.policy.issued_numbers import CHECKED, FORMED, Random, my_number, some_digits

FOLDER = Path(__file__).parents[2] / "policy" / "taxonomy"
TAXONOMY: Taxonomy = load_taxonomy({path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")})
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def result(name: str, raw: bytes, *, full: bool = True) -> Classification:
    return classify(Content(name, io.BytesIO(raw), len(raw)), TAXONOMY, full=full, seed=7)


def kinds(header: list[str], rows: list[list[str]], encoding: str = "utf-8") -> list[str]:
    text = "\n".join(",".join(row) for row in [header, *rows]) + "\n"
    found = result("table.csv", text.encode(encoding))
    assert not found.unknown, found.unreadable
    return [column.type for column in found.columns.values()]


@pytest.mark.parametrize("kind", [*CHECKED, *FORMED])
@settings(max_examples=6, deadline=None)
@given(
    seed=st.integers(0, 10**6), encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp932", "euc_jp"])
)
def test_a_column_is_named_by_its_cells_alone(kind: str, seed: int, encoding: str) -> None:
    source = Random(seed)
    make = (CHECKED | FORMED)[kind]
    rows = [[f"r{i}", make(source)] for i in range(40)]
    assert kinds(["key", "x"], rows, encoding) == ["none", kind]


def hyphenated(number: str) -> str:
    return "-".join(number[i : i + 4] for i in range(0, len(number), 4))


@pytest.mark.parametrize("kind", CHECKED)
@pytest.mark.parametrize("style", ["wide", "hyphens", "wide hyphens", "long vowel", "spaces"])
def test_width_and_hyphens_do_not_hide_a_number(kind: str, style: str) -> None:
    source = Random(kind + style)
    rows: list[list[str]] = []
    for i in range(30):
        number = CHECKED[kind](source)
        number = number if style == "wide" else hyphenated(number)
        number = number.translate(WIDE) if style.startswith("wide") else number
        number = number.replace("-", "ー") if style == "long vowel" else number
        rows.append([f"r{i}", number.replace("-", " ") if style == "spaces" else number])
    assert kinds(["key", "x"], rows) == ["none", kind]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), length=st.integers(6, 16))
def test_columns_of_random_digits_are_nothing(seed: int, length: int) -> None:
    source = Random(seed)
    rows = [
        ["a", str(source.randrange(1, 10)) + some_digits(source, length - 1)] for _ in range(60)
    ]
    assert kinds(["key", "x"], rows)[1] == "none"


def test_one_number_repeated_is_no_column_of_numbers() -> None:
    assert kinds(["key", "x"], [[str(i), "123456789018"] for i in range(50)])[1] == "none"
    assert kinds(["key", "x"], [[str(i), "000000000000"] for i in range(50)])[1] == "none"


def test_few_values_need_the_name() -> None:
    rows = [["a", "123456789018"], ["b", "987654321093"]]
    assert kinds(["key", "x"], rows)[1] == "none"
    assert kinds(["key", "個人番号"], rows)[1] == "jp.my_number"
    assert kinds(["key", "My Number"], rows)[1] == "jp.my_number"


def test_a_licence_under_the_name_of_a_my_number_is_a_licence() -> None:
    source = Random(3)
    rows = [[str(i), CHECKED["jp.drivers_licence"](source)] for i in range(40)]
    assert kinds(["key", "個人番号"], rows)[1] == "jp.drivers_licence"


def test_the_name_decides_between_kinds_with_the_same_rule() -> None:
    numbers = ["138008", "131016", "011007", "272005"]
    luhn = [[str(i), number] for i, number in enumerate(["138008", "130013"])]
    assert kinds(["key", "介護保険者番号"], luhn)[1] == "jp.care_insurer_number"
    assert kinds(["key", "保険者番号"], luhn)[1] == "jp.insurer_number"
    assert kinds(["key", "団体コード"], [[str(i), n] for i, n in enumerate(numbers[1:2])])[1] == (
        "jp.municipality_code"
    )


@pytest.mark.parametrize(
    ("name", "cell", "kind"),
    [
        ("氏名", "アレクサンドラ", "person"),
        ("患者氏名", "勅使河原某", "person"),
        ("full_name", "Ada Lovelace", "person"),
        ("会社名", "架空商事", "organisation"),
        ("住所", "霞ヶ関", "address"),
        ("傷病名", "感冒", "diagnosis"),
        ("ICD10コード", "E11.9", "diagnosis"),
        ("生年月日", "1980-01-02", "birth_date"),
        ("被保険者番号", "1234567", "jp.insured_number"),
        ("介護保険被保険者番号", "0000123456", "jp.care_insured_number"),
        ("基礎年金番号", "1234-567890", "jp.pension_number"),
        ("雇用保険被保険者番号", "1234-567890-1", "jp.employment_insurance"),
        ("口座番号", "1234567", "bank_account"),
        ("パスワード", "correct horse", "secret"),
        ("ECCN", "3A001.b.2", "eccn"),
        ("旅券番号", "TR1234567", "jp.passport"),
        ("電話番号", "0312345678", "phone"),
        ("郵便番号", "1000001", "postal_code"),
        ("メールアドレス", "a@example.jp", "email"),
        ("IPアドレス", "192.0.2.7", "ip"),
        ("性別", "女", "none"),
        ("備考", "特になし", "none"),
        ("商品名", "鉛筆", "none"),
    ],
)
def test_a_name_speaks_where_cells_cannot(name: str, cell: str, kind: str) -> None:
    assert kinds(["key", name], [["a", cell], ["b", cell]])[1] == kind


def test_numbers_under_the_name_of_a_person_are_no_names() -> None:
    assert kinds(["key", "name"], [[str(i), str(i * 7)] for i in range(20)])[1] == "none"


def test_free_text_takes_the_most_sensitive_thing_in_any_cell() -> None:
    rows = [[str(i), "本日は晴れ"] for i in range(200)]
    rows[150][1] = "連絡先は taro@example.jp まで"
    assert kinds(["key", "memo"], rows)[1] == "email"
    rows[170][1] = "マイナンバーは123456789018とのこと"
    assert kinds(["key", "memo"], rows)[1] == "jp.my_number"


def test_a_keyword_in_one_cell_does_not_speak_of_the_next() -> None:
    rows = [["1", "個人番号は別紙"], ["2", "数値123456789018です"]]
    assert kinds(["key", "memo"], rows)[1] == "none"


def test_a_named_column_of_failing_numbers_is_held_and_not_believed() -> None:
    source = Random(11)
    rows = [[str(i), my_number(source)[:11] + "0"] for i in range(40)]
    found = result("t.csv", ("key,個人番号\n" + "\n".join(",".join(r) for r in rows)).encode())
    assert found.state == "PROVISIONAL_HOLD"
    assert found.columns["個人番号"].confidence < 0.7
    assert found.label.level == 3


@pytest.mark.parametrize("kind", ["jp.my_number", "phone"])
def test_a_stretch_of_a_sorted_file_is_enough(kind: str) -> None:
    source = Random(kind)
    plain = "".join(f"{i},{source.randrange(10**11, 10**12)}\n" for i in range(250_000))
    made = [(CHECKED | FORMED)[kind](source) for _ in range(999)]
    stretch = "".join(f"{i},{made[i % 999]}\n" for i in range(230_000))
    found = result("t.csv", ("key,x\n" + plain + stretch).encode())
    assert found.columns["x"].type == kind


def test_two_hundred_numbers_in_a_row_are_found_among_fifty_thousand() -> None:
    source = Random(6)
    others = [str(source.randrange(10**11, 10**12)) for _ in range(50_000)]
    others[20_000:20_000] = [my_number(source) for _ in range(200)]
    assert kinds(["x"], [[number] for number in others]) == ["jp.my_number"]


def test_numbers_mixed_with_others_hold_the_dataset() -> None:
    source = Random(8)
    rows = "".join(f"{my_number(source)}\n{source.randrange(10**11, 10**12)}\n" for _ in range(99))
    found = result("t.csv", ("x\n" + rows).encode())
    assert found.state == "PROVISIONAL_HOLD"
    assert found.label.level == 3


def test_one_telephone_number_among_remarks_is_found() -> None:
    rows = [[str(i), "なし"] for i in range(50)] + [["x", "090-1234-5678"], ["y", "次回相談"]]
    assert kinds(["key", "memo"], rows)[1] == "phone"


def test_a_file_without_header_shows_no_value_as_a_name() -> None:
    source = Random(5)
    rows = [["山田太郎", my_number(source), "03-1234-5678"] for _ in range(20)]
    found = result("t.csv", "\n".join(",".join(row) for row in rows).encode())
    assert list(found.columns) == ["column 1", "column 2", "column 3"]
    assert found.columns["column 2"].type == "jp.my_number"


def test_repeated_and_missing_names_are_told_apart() -> None:
    found = result("t.csv", b"name,name,\na,b,c\nd,e,f\n")
    assert list(found.columns) == ["name", "name (2)", "column 3"]


def test_persons_are_counted_for_the_thresholds() -> None:
    source = Random(2)
    rows = "\n".join(f"山田太郎,{source.randrange(99)}" for _ in range(1001))
    found = result("t.csv", ("氏名,x\n" + rows).encode())
    assert "jp.appi.leak" in found.label.regimes
    fewer = result("t.csv", ("氏名,x\n" + rows.split("\n", 1)[1]).encode())
    assert "jp.appi.leak" not in fewer.label.regimes
