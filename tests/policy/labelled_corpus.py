"""A labelled corpus that the rules were not written from: columns and sentences with their truth.

Names, headings and sentences are chosen apart from the detectors' own lists, and half of the
surnames are not among those. The negatives look like identifiers and are none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.policy import issued_numbers as issued
from tests.policy.issued_numbers import Random, letters, some_digits

Make = Callable[[Random], str]
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SURNAMES = (
    "勅使河原",
    "東海林",
    "海老原",
    "轟",
    "柳楽",
    "真壁",
    "松井",
    "藤田",
    "室井",
    "南雲",
)
GIVEN = ("結衣", "蓮", "陽翔", "美月", "健太", "さくら", "一樹", "莉子", "大輔", "千尋")


def person(source: Random) -> str:
    return source.choice(SURNAMES) + source.choice(("", " ", "　")) + source.choice(GIVEN)


def grouped(number: str) -> str:
    return "-".join(number[at : at + 4] for at in range(0, len(number), 4))


def pension(source: Random) -> str:
    return f"{some_digits(source, 4)}-{some_digits(source, 6)}"


def employment(source: Random) -> str:
    return f"{some_digits(source, 4)}-{some_digits(source, 6)}-{some_digits(source, 1)}"


def birth(source: Random) -> str:
    return f"{source.randrange(1940, 2015)}年{source.randrange(1, 13)}月{source.randrange(1, 29)}日"


def secret(source: Random) -> str:
    return letters(source, 3).lower() + some_digits(source, 4) + "!" + letters(source, 3)


def town(source: Random) -> str:
    place = source.choice(
        (
            "長野県松本市丸の内",
            "愛媛県松山市一番町",
            "宮城県仙台市青葉区本町",
            "福岡県福岡市博多区東公園",
        )
    )
    return f"{place}{source.randrange(1, 9)}-{source.randrange(1, 30)}"


def disease(source: Random) -> str:
    return source.choice(("気管支喘息", "2型糖尿病", "うつ病", "胃がん", "高血圧症", "てんかん"))


MADE: Mapping[str, Make] = {
    **issued.CHECKED,
    **issued.FORMED,
    "person": person,
    "address": town,
    "jp.pension_number": pension,
    "jp.employment_insurance": employment,
    "jp.insured_number": lambda source: some_digits(source, 8),
    "bank_account": lambda source: some_digits(source, 7),
    "birth_date": birth,
    "secret": secret,
    "diagnosis": disease,
}
HEADS: Mapping[str, tuple[str, ...]] = {
    "jp.my_number": ("個人番号（12桁）", "従業員マイナンバー", "my_number", "c1"),
    "jp.corporate_number": ("法人番号", "取引先の法人番号", "corporate_number", "c2"),
    "jp.invoice_number": ("適格請求書発行事業者登録番号", "インボイス番号", "c3"),
    "jp.resident_code": ("住民票コード", "本人の住民票コード", "resident_code", "c4"),
    "jp.drivers_licence": ("運転免許証番号", "免許証No", "drivers_license_no", "c5"),
    "jp.passport": ("旅券番号", "パスポートNo.", "passport_no", "c6"),
    "jp.residence_card": ("在留カード番号", "residence_card", "c7"),
    "jp.insurer_number": ("保険者番号", "insurer_number", "c8"),
    "jp.municipality_code": ("全国地方公共団体コード", "市区町村コード", "c9"),
    "gtin": ("JANコード", "ean", "バーコード"),
    "card": ("クレジットカード番号", "card_number", "支払カード番号", "c10"),
    "phone": ("電話番号", "連絡先TEL", "携帯電話", "phone_number", "c11"),
    "email": ("メールアドレス", "E-mail", "連絡用メール", "c12"),
    "ip": ("IPアドレス", "client_ip", "c13"),
    "address": ("住所", "ご自宅住所", "home_address", "c14"),
    "person": ("氏名", "お客様氏名", "患者名", "full_name"),
    "postal_code": ("郵便番号", "zip_code", "c15"),
    "jp.pension_number": ("基礎年金番号", "pension_number"),
    "jp.employment_insurance": ("雇用保険被保険者番号", "employment_insurance_no"),
    "jp.insured_number": ("被保険者番号", "被保険者証記号番号"),
    "bank_account": ("口座番号", "振込先口座番号", "account_number"),
    "birth_date": ("生年月日", "誕生日", "date_of_birth"),
    "secret": ("パスワード", "password", "api_key"),
    "diagnosis": ("傷病名", "主病名", "diagnosis", "既往歴"),
}
SENTENCES: Mapping[str, tuple[str, ...]] = {
    "jp.my_number": (
        "扶養控除のため個人番号{}を預かった。",
        "My Number: {} (copy attached)",
        "マイナンバーについては担当課で厳重に保管しており、その値は{}である。",
        "電話で確認した個人番号は{}、注文番号は別途通知する。",
    ),
    "jp.corporate_number": ("当社の法人番号は{}である。",),
    "jp.invoice_number": ("領収書に登録番号{}と記した。",),
    "jp.resident_code": ("住民票コード：{}を照合すること。",),
    "jp.drivers_licence": ("免許証を確認した（番号 {}）。", "driver's license no. {} on file"),
    "jp.passport": ("旅券番号{}で予約した。", "Passport {} was presented."),
    "jp.residence_card": ("在留カードの番号は{}、有効期限は翌年。",),
    "jp.insurer_number": ("保険者番号{}の組合に照会した。",),
    "jp.municipality_code": ("団体コード{}の自治体が対象だ。",),
    "gtin": ("JANコード{}の商品を補充する。",),
    "card": ("お支払いはカード番号 {} でした。", "Charged to credit card {} today."),
    "phone": ("折り返しは{}まで。", "Call {} after six."),
    "email": ("資料は{}へ送付のこと。", "Write to {} for a copy."),
    "ip": ("接続元は{}だった。", "login from {} failed"),
    "address": ("転居先は{}です。",),
    "person": ("{}様より電話あり。", "申込者の氏名：{}", "窓口で{}さんが対応した。", "担当 {}"),
    "postal_code": ("返送先は〒{}です。",),
    "jp.pension_number": ("基礎年金番号 {} を確認した。",),
    "jp.employment_insurance": ("雇用保険の番号は{}と届いた。",),
    "jp.insured_number": ("保険証の番号{}を控えた。",),
    "bank_account": ("普通預金 {} にお振込みください。", "口座番号は{}。"),
    "birth_date": ("生年月日：{}",),
    "secret": ("初期パスワード：{}", "api_key = {}"),
    "diagnosis": ("患者は昨年{}と診断された。",),
}
NEGATIVES: Mapping[str, Make] = {
    "送り状番号": lambda source: some_digits(source, 12),
    "注文番号": lambda source: some_digits(source, 13),
    "order_no": lambda source: f"A{some_digits(source, 9)}",
    "更新日時": lambda source: f"20260{source.randrange(1, 9)}{some_digits(source, 8)}",
    "数量": lambda source: str(source.randrange(1, 10_000)),
    "品番": lambda source: f"{letters(source, 2)}-{some_digits(source, 5)}",
    "版": lambda source: f"{source.randrange(9)}.{source.randrange(99)}.{source.randrange(999)}",
    "備考": lambda source: source.choice(("特になし", "確認済み", "次回に持ち越し", "完了")),
    "sensor": lambda source: f"{source.randrange(99)}.{some_digits(source, 6)}",
}
NOT_SENTENCES = (
    "送り状番号{}の荷物を受け取った。",
    "注文番号{}は明日出荷する。",
    "伝票{}と照合した。",
    "Tracking number {} left Osaka.",
    "The job {} took 12 ms at 2026-11-23 10:00:00.",
    "製造番号{}の装置を更新した。",
    "個人番号とは別の管理番号{}で検索した。",
    "免許証の写しは不要、伝票番号は{}である。",
    "カード番号の欄ではなく受付番号{}を記入する。",
    "保険証の件は、{}円の請求書を参照。",
)
FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "full-width": lambda value: value.translate(WIDE),
    "hyphenated": grouped,
}


@dataclass(frozen=True)
class Column:
    """A table of one column; `kind` is None for a negative."""

    kind: str | None
    head: str
    cells: tuple[str, ...]

    def to_bytes(self) -> bytes:
        return "\n".join(
            [f"key,{self.head}", *(f"k{at},{cell}" for at, cell in enumerate(self.cells))]
        ).encode()


@dataclass(frozen=True)
class Sentence:
    """A text with `kind` at `start:end`, in one of `FORMS`; None and 0:0 for a negative."""

    kind: str | None
    form: str
    text: str
    start: int = 0
    end: int = 0


def columns(seed: int, copies: int) -> Iterator[Column]:
    source = Random(f"columns {seed}")
    for copy in range(copies):
        for kind, heads in HEADS.items():
            form = FORMS["full-width" if copy % 4 == 3 and kind in issued.CHECKED else "plain"]
            head = heads[copy % len(heads)]
            noise = 8 * (copy % 2)
            yield Column(kind, head, _cells(source, MADE[kind], form, noise))
        for head, make in NEGATIVES.items():
            yield Column(None, head, _cells(source, make, str, 0))


def _cells(source: Random, make: Make, form: Callable[[str], str], noise: int) -> tuple[str, ...]:
    """Return 30 to 200 cells, some empty, `noise` in a hundred of them somebody's mistake."""
    cells: list[str] = []
    for _ in range(source.randrange(30, 200)):
        lot = source.randrange(100)
        mistake = source.choice(("確認中", "12345", "xxxx", "別紙参照", "1"))
        cells.append("" if lot < 4 else mistake if lot < 4 + noise else form(make(source)))
    return tuple(cells)


def sentences(seed: int, copies: int) -> Iterator[Sentence]:
    source = Random(f"sentences {seed}")
    for _ in range(copies):
        for kind, patterns in SENTENCES.items():
            for pattern in patterns:
                for form, spell in FORMS.items():
                    if form == "plain" or kind in issued.CHECKED:
                        yield _sentence(source, kind, pattern, form, spell(MADE[kind](source)))
        for pattern in NOT_SENTENCES:
            yield Sentence(None, "plain", pattern.format(some_digits(source, 12)))


def _sentence(source: Random, kind: str, pattern: str, form: str, value: str) -> Sentence:
    before = source.choice(("", "先日の件です。", "Memo 3. ", "本日、以下の連絡を受けた。\n"))
    head, tail = pattern.split("{}")
    start = len(before) + len(head)
    return Sentence(kind, form, before + head + value + tail, start, start + len(value))
