"""Markings that say how sensitive a document is, and signs that it was published.

A marking is told from a mention by its place: alone on a line, in brackets, or in a form that
only markings have. A text *about* the secrecy act is not secret.
"""

from typing import Final

from policy.classify.singles import Single

# A line of its own, brackets, or a frame: what a mention in a sentence does not have.
_OPEN: Final = r"(?:^|[\n\r\x1e【\[（(〔「<＜《※■●・/])[ 　\t*#=_-]*"
_SHUT: Final = r"[ 　\t*#=_.-]*(?:$|[\n\r\x1e】\]）)〕」>＞》・/])"
_HANDLING: Final = (
    "取扱注意|取扱厳重注意|複写厳禁|複製厳禁|コピー厳禁|持出禁止|持ち出し禁止|要返却|重要|至急"
)
_COPY: Final = rf"(?:[ 　・/]*(?:指定|情報|文書|資料|相当|{_HANDLING}|(?:第?[0-9]+号)))*"
# What a stamp says before the marking: how to handle the paper.
_LEAD: Final = rf"(?:(?:{_HANDLING})[ 　・/]*)*"


def _framed(words: str) -> str:
    return f"{_OPEN}{_LEAD}({words}){_COPY}{_SHUT}"


def _framed_latin(words: str) -> str:
    return f"{_OPEN}({words}){_SHUT}"


_TLP: Final = r"TLP[:： ] ?"
_BANNER: Final = r"(?://[A-Z0-9 ,/-]+)?"

MARKINGS: Final = (
    Single("marking.sds", "marking.sds", "特定秘密", _framed("特定秘密"), 0.97),
    Single("marking.msds", "marking.msds", "特別防衛秘密", _framed("特別防衛秘密"), 0.97),
    Single(
        "marking.us", "marking.us_classified", r"SECRET|CONFIDENTIAL//|\((?:TS|S|C)//",
        _framed_latin(rf"(?:TOP SECRET|SECRET){_BANNER}|CONFIDENTIAL//[A-Z0-9 ,/-]+") +
        r"|\((?:TS|S|C)//[A-Z/]+\)", 0.95,
    ),
    Single(
        "marking.nato", "marking.nato_classified", "NATO|COSMIC",
        r"\b((?:NATO|COSMIC) (?:TOP SECRET|SECRET|CONFIDENTIAL|RESTRICTED))\b", 0.95,
    ),
    Single(
        "marking.eu", "marking.eu_classified", "UE/EU",
        r"((?:TRÈS SECRET|SECRET|CONFIDENTIEL|RESTREINT) UE/EU (?:TOP SECRET|SECRET|CONFIDENTIAL|"
        r"RESTRICTED))", 0.95,
    ),
    Single(
        "marking.esi", "marking.economic_security", "重要経済安保情報",
        _framed("重要経済安保情報"), 0.95,
    ),
    Single("marking.gokuhi", "marking.top_secret_document", "極秘", _framed("極秘"), 0.95),
    Single(
        "marking.hi", "marking.secret_document", "秘|㊙",
        _framed("秘|マル秘|まる秘|丸秘|[○〇]秘") + "|(㊙)", 0.9,
    ),
    Single("marking.gov_c3", "marking.gov_c3", "機密性", r"(機密性3)(?:[^A-Ca-c0-9]|$)", 0.9),
    Single("marking.gov_c2", "marking.gov_c2", "機密性", r"(機密性2)(?:[^0-9]|$)", 0.9),
    Single("marking.gov_c1", "marking.gov_c1", "機密性", _framed("機密性1"), 0.9),
    Single("marking.lg_c3a", "marking.lg_c3a", "機密性", r"(機密性3[Aa])", 0.9),
    Single("marking.lg_c3b", "marking.lg_c3b", "機密性", r"(機密性3[Bb])", 0.9),
    Single("marking.lg_c3c", "marking.lg_c3c", "機密性", r"(機密性3[Cc])", 0.9),
    Single(
        "marking.company", "marking.trade_secret", r"[外厳業]秘|(?i:confidential|trade secret)",
        _framed("社外秘|部外秘|関係者外秘|営業秘密|厳秘") + "|"
        + _framed_latin(r"(?i:(?:[a-z]+ (?:and )?)?confidential|trade secrets?)"), 0.85,
    ),
    Single(
        "marking.cui", "marking.cui", r"\bCUI\b|CONTROLLED UNCLASS",
        _framed_latin(r"CUI(?://[A-Z0-9/ -]+)?|CONTROLLED UNCLASSIFIED INFORMATION"), 0.9,
    ),
    Single("marking.noforn", "marking.noforn", "NOFORN", r"\b(NOFORN)\b", 0.85),
    Single("marking.tlp.red", "marking.tlp_red", "TLP", rf"({_TLP}RED)\b", 0.95),
    Single(
        "marking.tlp.strict", "marking.tlp_amber_strict", "TLP",
        rf"({_TLP}AMBER\+STRICT)\b", 0.95,
    ),
    Single(
        "marking.tlp.amber", "marking.tlp_amber", "TLP", rf"({_TLP}AMBER)(?:[^+A-Za-z]|$)", 0.95,
    ),
    Single("marking.tlp.green", "marking.tlp_green", "TLP", rf"({_TLP}GREEN)\b", 0.95),
)  # fmt: skip

_ITEM: Final = r"(?:第?[ 　]?(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})[ 　]?の?[ 　]?項)"
_NUMBER: Final = r"\b([0-9][A-E][0-9]{3}(?:\.[a-z](?:\.[0-9]{1,2})?)*)"

EXPORT: Final = (
    Single(
        "export.eccn", "eccn", r"ECCN|Export Control Classification",
        rf"(?:ECCN|Export Control Classification Number)[^0-9A-Z\x1e]{{0,20}}{_NUMBER}\b", 0.95,
    ),
    Single("export.ear99", "ear99", "EAR99", r"\b(EAR99)\b", 0.85),
    Single(
        "export.order", "jp.export_control", "別表",
        r"((?:外為令|外国為替令|輸出令|輸出貿易管理令)の?別表(?:第[一1])?"
        rf"[^\n\x1e]{{0,8}}?{_ITEM})", 0.9,
    ),
    Single(
        "export.judgement", "jp.export_control", r"該非判定|リスト規制",
        r"((?:該非判定|リスト規制)[^\n\x1e。]{0,20}?[:：は]?[ 　]?該当)(?:[^しせな外]|$)", 0.85,
    ),
    Single(
        "export.article", "jp.export_control", "外為法|外国為替及び外国貿易法",
        r"((?:外為法|外国為替及び外国貿易法)(?:第?25条|第?二十五条)?[^\n\x1e。]{0,30}"
        r"(?:規制対象|役務取引許可|許可が?必要|特定技術))", 0.8,
    ),
    Single(
        "export.mention", "jp.export_control", r"外為令別表|リスト規制",
        r"(外為令別表|リスト規制(?:技術|品))", 0.5,
    ),
    Single(
        "export.itar", "itar", r"\bITAR\b|22 CFR 12|USML",
        r"(ITAR[ -](?:controlled|restricted)|(?:subject to|controlled under) (?:the )?ITAR|"
        r"USML Category [IVX]+|22 CFR (?:Parts? )?12[0-9])", 0.9,
    ),
    Single(
        "export.ear", "eccn", r"\bEAR\b|Export Administration Reg|15 CFR 7",
        r"((?:subject to|controlled (?:by|under)) (?:the )?"
        r"(?:EAR\b|Export Administration Regulations)|15 CFR (?:Parts? )?7[3-7][0-9])", 0.6,
    ),
)  # fmt: skip

_CC: Final = r"CC[ -]BY(?:-SA)?(?:[ -]?[0-9]\.[0-9])?|CC0(?:[ -]1\.0)?"
_GRANT: Final = r"(?i:licen[cs]ed?|under |rights?: ?)|ライセンス|利用条件|出典"
_LICENCES: Final = (
    r"((?:政府標準|公共データ)利用規約(?:[（(][^）)\n]{1,12}[）)])?"
    r"(?:に?準拠|に?従|に?基づ|を適用|に定める|の下で)|"
    rf"(?:{_GRANT})[^\n\x1e]{{0,30}}(?:政府標準|公共データ)利用規約|"
    rf"(?:{_GRANT})[^\n\x1e]{{0,30}}(?:{_CC})(?:[^-A-Za-z0-9]|$)|"
    rf"(?:{_CC})[ 　]*(?:(?i:licen[cs]e|international)|ライセンス|国際|の下|で提供)|"
    r"(?:Creative Commons|クリエイティブ・?コモンズ)[^\n\x1e]{0,20}(?:Attribution|表示|BY|Zero))"
)

PUBLISHED: Final = (
    Single("sign.tlp", "sign.tlp_clear", "TLP", rf"({_TLP}(?:CLEAR|WHITE))\b", 0.95),
    Single("sign.public", "sign.public", "公開", _framed("公開|一般公開|公開可"), 0.85),
    Single(
        "sign.licence", "sign.open_licence",
        r"利用規約|CC[ -]BY|CC0|Creative Commons|クリエイティブ", _LICENCES, 0.9,
    ),
    Single(
        "sign.press", "sign.press_release",
        r"報道|プレスリリース|(?i:press release|for immediate release)",
        _framed("報道発表(?:資料)?|プレスリリース|報道資料") + "|"
        + _framed_latin("(?i:press release|for immediate release)"), 0.85,
    ),
    Single(
        "sign.register", "sign.public_register", r"法人番号公表サイト|官報",
        r"(法人番号公表サイト|官報(?:号外)?[ 　]*(?:第[0-9]+号|掲載))", 0.8,
    ),
)  # fmt: skip
"""Signs of publication, counted only where they speak of the whole document."""

ALL: Final = MARKINGS + EXPORT + PUBLISHED
