"""What a column's name says about its cells, in Japanese and English.

First match wins, so the narrower name stands first: 被保険者番号 before 保険者番号, an IP address
and an e-mail address before an address.
"""

import unicodedata
from functools import cache
from typing import Final

from policy.classify.patterns import compiled

_RULES: Final = (
    ("jp.my_number", "個人番号|マイナンバー|mynumber|individualnumber|kojinban"),
    ("jp.invoice_number", "適格請求書|インボイス|invoiceregist|qualifiedinvoice"),
    ("jp.corporate_number", "法人番号|corporatenumber|corporateid|h[ou]+jinban|corpnum"),
    ("jp.resident_code", "住民票コード|住民票code|residentcode|residentrecordcode|juminhyo"),
    ("jp.drivers_licence", "免許証|免許番号|driver.*licen[cs]e|licen[cs]en(o|um)|menkyo"),
    ("jp.passport", "旅券|パスポート|passport"),
    ("jp.residence_card", "在留カード|residencecard|zair[yu]+card"),
    ("jp.care_insured_number", "介護.*被保険者|careinsured|kaigo.*hihoken"),
    ("jp.care_insurer_number", "介護保険者|careinsurer"),
    ("jp.employment_insurance", "雇用保険|employmentinsurance|koyouhoken"),
    ("jp.insured_number", (
        "被保険者|保険証|記号番号|^記号$|枝番|insuredn|insuredid|insuranceid|hihoken"
    )),
    ("jp.insurer_number", "保険者番号|保険者no|insurern|insurerid|hokensha"),
    ("jp.pension_number", "年金番号|基礎年金|pensionn|nenkin"),
    ("jp.municipality_code", (
        "団体コード|市区?町村コード|自治体コード|municipalit.*code|lgcode|citycode"
    )),
    ("card", "カード番号|クレジット|creditcard|cardn(o|um)|^pan$|paymentcard"),
    ("bank_account", "口座|bankaccount|accountn(o|um)|iban"),
    ("email", "メール|e?mail"),
    ("ip", "ipアドレス|ipaddr|^ip$|(client|remote|source|src|dst)ip"),
    ("phone", "電話|携帯|^tel|tel$|telno|phone|mobile|^fax|ファックス|ファクス"),
    ("postal_code", "郵便番号|〒|postal|zip|postcode|yubin"),
    ("birth_date", "生年月日|誕生日|出生日|birth|^dob$|seinengappi"),
    ("address", "住所|所在地|居所|本籍|address|^addr|jusho"),
    ("diagnosis", (
        "傷病|病名|診断|既往|主訴|症状|所見|処方|投薬|薬剤名?$|アレルギー|検査結果|治療|手術|"
        "icd|diagnos|disease|medication|prescri|symptom|allerg|treatment"
    )),
    ("organisation", (
        "会社|法人名|企業名|商号|団体名|取引先|勤務先|事業者名|屋号|病院名|医療機関名|"
        "company|organi[sz]ation|employer|vendor|supplier"
    )),
    ("gtin", "^jan|jan(コード|code)|gtin|^ean|^upc|バーコード|barcode"),
    ("secret", "パスワード|暗証|秘密鍵|password|passwd|secret|apikey|privatekey|accesstoken"),
    ("eccn", "eccn|輸出規制分類"),
    ("person", (
        "氏名|姓名|^姓|^名$|名前|患者名|顧客名|担当者|世帯主|代表者|保護者|契約者|申請者|"
        "フリガナ|ふりがな|カナ氏名|氏名カナ|^カナ$|^かな$|fullname|firstname|lastname|familyname|givenname|"
        "(patient|customer|person|employee|user|client|contact|holder|resident|member)name|"
        "^name$|^namae$|^shimei$"
    )),
)  # fmt: skip

# Words of a heading that no detector needs but that show it is a heading.
_ORDINARY: Final = (
    "番号|コード|名|日付|年月|金額|件数|数量|区分|備考|性別|年齢|都道府県|市区町村|人口|世帯|単位|"
    "合計|id$|^id|code|date|time|type|count|amount|price|total|text|value|status|note|year|score"
)


@cache
def normal(name: str) -> str:
    """Return a column's name without width, case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(mark for mark in plain if mark.isalnum() or mark in "〒ー")


@cache
def kind(name: str) -> str | None:
    """Return the kind of cells that a column of this `name` claims to hold, if any."""
    plain = normal(name).encode("utf-8", "replace")
    return next((kind for kind, words in _RULES if compiled(words).search(plain)), None)


def known(name: str) -> bool:
    """Say whether `name` is a word that heads columns."""
    plain = normal(name).encode("utf-8", "replace")
    return len(name) <= 40 and (  # noqa: PLR2004
        kind(name) is not None or compiled(_ORDINARY).search(plain) is not None
    )
