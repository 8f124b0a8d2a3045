"""Running text: a number counts only beside its keyword, and glued or wide forms are found."""

import re
import unicodedata

import pytest
from hypothesis import given, settings, strategies as st

from policy.classify import ground, numbers, signs, singles, text as text_module
from policy.classify.patterns import compiled, fold, widen
from policy.classify.text import Found, TextScan
from tests.policy.issued_numbers import CHECKED, FORMED, Random, email, my_number

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
KEYWORDS = {
    "jp.my_number": "個人番号",
    "jp.resident_code": "住民票コード",
    "jp.drivers_licence": "免許証番号",
    "jp.corporate_number": "法人番号",
    "jp.insurer_number": "保険者番号",
    "jp.municipality_code": "団体コード",
    "gtin": "JANコード",
    "card": "カード番号",
}


def scan(text: str, piece: int = 10**6) -> list[Found]:
    scanned = TextScan()
    for start in range(0, len(text), piece):
        scanned.feed(text[start : start + piece])
    scanned.finish()
    return sorted(scanned.found, key=lambda found: (found.start, found.kind))


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in scan(text)]


@pytest.mark.parametrize("kind", CHECKED)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_number_is_found_glued_wide_and_hyphenated(kind: str, seed: int) -> None:
    number = CHECKED[kind](Random(seed))
    dashed = "-".join(number[i : i + 4] for i in range(0, len(number), 4))
    for form in (number, number.translate(WIDE), dashed, dashed.replace("-", "－")):
        text = f"本件の{KEYWORDS[kind]}は{form}です。"
        assert found(text) == [(kind, form)]


@pytest.mark.parametrize("kind", CHECKED)
def test_a_check_digit_alone_is_never_enough(kind: str) -> None:
    source = Random(kind)
    for _ in range(30):
        assert found(f"数値は{CHECKED[kind](source)}であった。") == []


@settings(max_examples=60, deadline=None)
@given(gap=st.integers(0, 60))
def test_a_keyword_reaches_forty_characters_and_no_further(gap: int) -> None:
    filler = "あいうえお" * 12
    text = f"個人番号{filler[:gap]}123456789018"
    assert bool(found(text)) == (gap <= 40)


def test_the_nearest_keyword_decides_between_kinds() -> None:
    both = "個人番号：309912345660 免許証番号：309912345660"
    assert [kind for kind, _ in found("免許証番号：309912345660")] == ["jp.drivers_licence"]
    assert [kind for kind, _ in found(both)][-1] == "jp.drivers_licence"


def test_a_number_of_something_else_is_left_alone() -> None:
    assert found("個人番号とは別に、注文番号：123456789018 をお知らせください") == []
    assert found("個人番号 1-123456789018-2") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("連絡はtaro@example.jpまで", [("email", "taro@example.jp")]),
        ("電話０３－１２３４－５６７８へ", [("phone", "０３－１２３４－５６７８")]),
        ("携帯は09012345678です", [("phone", "09012345678")]),
        ("+81-90-1234-5678", [("phone", "+81-90-1234-5678")]),
        ("〒100-0001", [("postal_code", "100-0001")]),
        ("host 192.0.2.10 down", [("ip", "192.0.2.10")]),
        ("host 2001:db8::8a2e:1 down", [("ip", "2001:db8::8a2e:1")]),
        ("在留カード番号：AB12345678CD", [("jp.residence_card", "AB12345678CD")]),
        ("旅券番号TR1234567を提示", [("jp.passport", "TR1234567")]),
        ("登録番号T7123456789012", [("jp.invoice_number", "T7123456789012")]),
        ("基礎年金番号は1234-567890", [("jp.pension_number", "1234-567890")]),
        ("雇用保険被保険者番号 1234-567890-1", [("jp.employment_insurance", "1234-567890-1")]),
        ("被保険者番号：12345678", [("jp.insured_number", "12345678")]),
        ("普通預金 口座番号 1234567", [("bank_account", "1234567")]),
        ("カード番号 4000 0000 0000 0002", [("card", "4000 0000 0000 0002")]),
        ("氏名：山田太郎様 は来た", [("person", "山田太郎")]),
        ("佐藤花子さんが来た", [("person", "佐藤花子")]),
        ("Patient: Ada Lovelace, ward 3", [("person", "Ada Lovelace")]),
        ("東京都千代田区霞が関1丁目2番3号にて", [("address", "東京都千代田区霞が関1丁目2番3号")]),
        ("生年月日：昭和55年1月2日", [("birth_date", "昭和55年1月2")]),
        ("傷病名：2型糖尿病", [("diagnosis", "2型糖尿病")]),
        ("患者は肺がんと診断された", [("diagnosis", "肺がん")]),
        ("password = hunter2secret", [("secret", "hunter2secret")]),
        ("パスワードはTr0ub4dor&3です", [("secret", "Tr0ub4dor&3")]),
        ("key AKIAABCDEFGHIJKLMNOP", [("secret", "AKIAABCDEFGHIJKLMNOP")]),
        ("-----BEGIN EC PRIVATE KEY-----", [("secret", "-----BEGIN EC PRIVATE KEY-----")]),
        ("postgres://app:s3cr3tpw@db/x", [("secret", "s3cr3tpw")]),
        ("ECCN: 3A001.b.2", [("eccn", "3A001.b.2")]),
        ("外為令別表の7の項に該当", [("jp.export_control", "外為令別表の7の項")]),
        ("This is ITAR-controlled data", [("itar", "ITAR-controlled")]),
    ],
)
def test_each_kind_is_found_where_it_stands(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "東京都千代田区で会議があった",
        "皆様、お客様、神様",
        "version 300.400.500.600",
        "2026-11-23 12:34:56",
        "password = ${DB_PASSWORD}",
        "高血圧は生活習慣と関係する",
        "特定秘密の保護に関する法律について述べる",
        "秘密の花園という極秘でない本",
        "外為法の改正が報じられた",
        "型番 3A001 の部品",
        "株価は 1,234,567 円",
        "T1234567890123",
    ],
)
def test_ordinary_text_holds_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("【極秘】", "marking.top_secret_document"),
        ("秘", "marking.secret_document"),
        ("㊙", "marking.secret_document"),
        ("取扱区分：機密性３情報", "marking.gov_c3"),
        ("（機密性2情報）", "marking.gov_c2"),
        ("機密性3B", "marking.lg_c3b"),
        ("特定秘密", "marking.sds"),
        ("【特別防衛秘密】", "marking.msds"),
        ("■重要経済安保情報", "marking.economic_security"),
        ("TOP SECRET//SI//NOFORN", "marking.us_classified"),
        ("(S//NF) The plan", "marking.us_classified"),
        ("NATO RESTRICTED", "marking.nato_classified"),
        ("SECRET UE/EU SECRET", "marking.eu_classified"),
        ("社外秘", "marking.trade_secret"),
        ("CUI//SP-EXPT", "marking.cui"),
        ("TLP:RED", "marking.tlp_red"),
        ("TLP:AMBER+STRICT", "marking.tlp_amber_strict"),
        ("TLP:AMBER", "marking.tlp_amber"),
        ("ＴＬＰ：ＧＲＥＥＮ", "marking.tlp_green"),
        ("TLP:CLEAR", "sign.tlp_clear"),
        ("出典 政府標準利用規約（第2.0版）", "sign.open_licence"),
        ("License: CC BY 4.0", "sign.open_licence"),
        ("報道発表資料", "sign.press_release"),
    ],
)
def test_markings_are_read_where_they_stand_alone(line: str, kind: str) -> None:
    assert kind in [each for each, _ in found(f"資料\n{line}\n本文はここから。\n")]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(text_module, "STEP", 2_000)
    monkeypatch.setattr(ground, "WINDOW", 600)
    return 2_000


def test_where_the_text_is_cut_does_not_matter(small: int) -> None:
    source = Random(1)
    sentence = "関所では手形を改める。"
    text = "".join(
        sentence * source.randrange(30) + f"個人番号は{my_number(source)}、{email(source)}。"
        for _ in range(60)
    )
    whole = scan(text)
    assert len(whole) == 120
    assert len(text) > 3 * small
    for piece in (1, 7, 64, 1999, 2000, 2001, 5000):
        assert scan(text, piece) == whole


@pytest.mark.parametrize("gap", [0, 40])
def test_no_edge_of_a_window_hides_a_value_or_its_keyword(small: int, gap: int) -> None:
    value = "個人番号" + "あ" * gap + "1234-5678-9018"
    for start in range(small - 80, small + 20):
        text = "い" * start + value + "い" * 99
        (only,) = scan(text)
        assert (only.kind, text[only.start : only.end]) == ("jp.my_number", "1234-5678-9018")


def test_windows_of_any_size_see_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Random(2)
    fillers = ("本日は、", "ＴＥＬ", "at 10:30 on 2026-11-23 ", "皆様に—")
    text = "".join(
        source.choice(fillers) * source.randrange(40)
        + f"{KEYWORDS.get(kind, '連絡先')}は{make(source)}、"
        for _ in range(15)
        for kind, make in (CHECKED | FORMED).items()
    )
    whole = scan(text)
    assert len(whole) > 150
    for step, window in ((300, 100), (2_000, 4_096), (5_000, 64)):
        monkeypatch.setattr(text_module, "STEP", step)
        monkeypatch.setattr(ground, "WINDOW", window)
        assert scan(text) == whole


RUN = re.compile(
    rb"(?<![0-9A-Za-z_])(?<![0-9][-.])[0-9](?:-?[0-9])*(?![0-9A-Za-z_])(?!-[0-9])(?![-.][0-9])"
)


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789-.aZ_ 号", max_size=60))
def test_runs_of_digits_are_those_of_the_regular_expression(text: str) -> None:
    raw = text.encode()
    expected = [
        (match.start(), match.end(), size)
        for match in RUN.finditer(raw)
        if 6 <= (size := len(match.group().replace(b"-", b""))) <= 19
    ]
    assert [tuple(run) for run in numbers.runs(raw)] == expected


def test_folding_keeps_every_place() -> None:
    text = "カード０１２ー３４５－Ａ＠b　ー１"
    assert fold(text) == "カード012-345-A@b ー1"
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ﾏｲﾅﾝﾊﾞｰ：123456789018、以上", ("jp.my_number", "123456789018")),
        ("ﾃﾞﾝﾜではなくﾊﾟｽﾎﾟｰﾄTR1234567を", ("jp.passport", "TR1234567")),
        ("ｶﾞｷﾞｸﾞ ﾊﾟｽﾜｰﾄﾞはTr0ub4dor&3です", ("secret", "Tr0ub4dor&3")),
    ],
)
def test_half_width_kana_are_read_and_places_are_those_of_the_text(
    text: str, expected: tuple[str, str]
) -> None:
    assert found(text) == [expected]


@given(pieces=st.lists(st.sampled_from(["ｱ", "ｱﾞ", "ｶﾞ", "ﾊﾟ", "ｰ", "1", "a", "番", " "])))
def test_widening_knows_where_each_character_came_from(pieces: list[str]) -> None:
    text = "".join(pieces)
    wide, origin = widen(text)
    assert wide == unicodedata.normalize("NFKC", text)
    assert len(origin) == len(wide) + 1
    assert origin[-1] == len(text)
    assert origin == sorted(set(origin))


def test_every_trigger_fires_wherever_its_pattern_matches() -> None:
    source = Random(3)
    texts = [f"{make(source)}様" for make in FORMED.values() for _ in range(40)]
    for single in singles.SINGLES + signs.ALL:
        trigger, full = compiled(single.trigger), compiled(single.full)
        for raw in map(str.encode, texts):
            assert trigger.search(raw) or not full.search(raw)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=400))
def test_no_text_breaks_the_scan_and_places_are_places(text: str) -> None:
    for each in scan(text):
        assert 0 <= each.start < each.end <= len(text)


@pytest.mark.parametrize(
    ("line", "marking"),
    [
        ("取扱注意 部外秘", "marking.trade_secret"),
        ("マル秘", "marking.secret_document"),
        ("複写厳禁・秘", "marking.secret_document"),
        ("重要　極秘", "marking.top_secret_document"),
        ("この本はマル秘テクニックを紹介する", None),
        ("社外秘について説明する", None),
    ],
)
def test_a_stamp_with_handling_words_is_a_marking_and_a_mention_is_none(
    line: str, marking: str | None
) -> None:
    kinds = [kind for kind, _ in found(f"{line}\n本文です。\n") if kind.startswith("marking.")]
    assert kinds == ([] if marking is None else [marking])
