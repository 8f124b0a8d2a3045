"""Patterns that need no keyword: their own form says what they are."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final

from policy.classify import digits, lexicon

_CREDENTIALS: Final = (
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|"
    r"glpat-[A-Za-z0-9_-]{20,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|sk-[A-Za-z0-9_-]{20,}|"
    r"AIza[0-9A-Za-z_-]{35}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,}|"
    r"[sr]k_live_[0-9a-zA-Z]{20,}|SG\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}|"
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|AGE-SECRET-KEY-1[0-9A-Z]{50,}"
)
_CREDENTIAL_HEADS: Final = (
    r"AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|AIza|hf_|npm_|pypi-|k_live_|SG\.|"
    r"eyJ|AGE-SECRET"
)
_ASSIGNED: Final = (
    r"(?:パスワード|暗証番号|(?i:password|passwd|\bpwd|passphrase|secret[_-]?(?:access[_-]?)?key|"
    r"client[_-]?secret|api[_-]?key|access[_-]?token|auth[_-]?token))"
)
_NAME_MARK: Final = r"[\p{Han}々ヶヵァ-ヴーぁ-ん]"
_LABELS: Final = (
    r"(?:氏\s?名|お名前|患者名|担当者名?|申請者名?|世帯主名?|代表者名?|被保険者名|契約者名?|"
    r"名義人?|保護者名?|連絡者|署名|本人)"
)
_HONORIFICS: Final = r"(?:様|さま|氏|殿|さん|先生|医師|看護師|教授)"
_NOT_NAMES: Final = frozenset(
    ("記入", "なし", "不明", "同上", "未定", "未記入", "記載", "変更", "確認", "省略", "以下", "欄")
)
# 利用者様 and 取引先様 are addressed like persons and are none.
_NO_NAME_ENDS_IN: Final = tuple("者員先客皆位社主長方元店院部課係庁市県区町村局校組団体様")
_CALLED: Final = r"(\p{Han}{2,3}[ 　]?(?:[\p{Han}々]{1,3}?|[ぁ-ん]{2,3}))(?:様|さん)"
_BORN: Final = r"(?:生年月日|(?i:date of birth|birthdate|\bDOB\b))"
_FINDINGS: Final = r"(?:傷病名|病名|診断名?|既往歴?|主訴|(?i:diagnosis))"
_PLACEHOLDERS: Final = ("${", "{{", "<", "****", "xxxx", "XXXX", "....", "%(", "env(", "os.environ")


@dataclass(frozen=True, slots=True)
class Single:
    """A kind told by form: `trigger` is cheap and matches whenever `full` does."""

    rule: str
    kind: str
    trigger: str
    full: str
    confidence: float
    accepts: Callable[[str], bool] = bool


def _is_ip4(text: str) -> bool:
    return all(int(part) < 256 and str(int(part)) == part for part in text.split("."))  # noqa: PLR2004


def _is_ip6(text: str) -> bool:
    try:
        return IPv6Address(text).exploded != "" and text.count(":") > 1 and len(text) > 6  # noqa: PLR2004
    except ValueError:
        return False


def is_phone(text: str) -> bool:
    """Say whether `text` is a Japanese number of 10 or 11 digits, or one in +81 form."""
    number = "".join(mark for mark in text if mark in "0123456789")
    if text.lstrip("(").startswith("+81"):
        number = "0" + number[2:].removeprefix("0")
    mobile = number[1:3] in {"50", "60", "70", "80", "90"}
    size = 11 if mobile or number.startswith("0800") else 10
    return number.startswith("0") and number[1:2] != "0" and len(number) == size


def is_invoice_number(text: str) -> bool:
    """Say whether `text` is T and a valid 法人番号; an individual's number cannot be told so."""
    return digits.corporate_number(text.lstrip("T").replace("-", ""))


def _is_name(text: str) -> bool:
    return text not in _NOT_NAMES and not text.endswith(("番号", "住所", "会社", "年月日"))


def _is_called(text: str) -> bool:
    name = text.replace(" ", "").replace("\u3000", "")
    return len(name) > 2 and _is_name(name) and not name.endswith(_NO_NAME_ENDS_IN)  # noqa: PLR2004


def _is_secret(text: str) -> bool:
    return len(set(text)) > 3 and not text.startswith(_PLACEHOLDERS)  # noqa: PLR2004


_PHONE: Final = r"[- ]?[0-9]{1,4}-[0-9]{3,4})\b"
_TOWN: Final = rf"(?:{lexicon.PREFECTURES})[\p{{Han}}ぁ-んァ-ヶー]{{1,9}}[市区町村]"
_LOT: Final = (
    r"[0-9一二三四五六七八九十]+(?:丁目|番地?|号|[-の][0-9]+)"
    r"(?:[-の]?[0-9]+(?:番地?|号)?)*"
)
_DATE: Final = r"[0-9]{1,4}[年/.-][0-9]{1,2}[月/.-][0-9]{1,2}"
_NAMED: Final = r"\b(?:(?:[Ff]ull |[Pp]atient )?[Nn]ame|[Pp]atient|[Aa]pplicant)\s?[:=]\s?"

SINGLES: Final = (
    Single(
        "text.email", "email", "@",
        r"[A-Za-z0-9][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}", 0.97,
    ),
    Single(
        "text.phone", "phone", r"\b0[0-9]{1,4}\)?[- ]?[0-9]{1,4}-[0-9]{3}",
        r"(\(?\b0[0-9]{1,4}\)?" + _PHONE, 0.9, is_phone,
    ),
    Single(
        "text.phone.international", "phone", r"\+81",
        r"(\+81[- ]?(?:\(0\))?[0-9]{1,4}[- ]?[0-9]{1,4}[- ]?[0-9]{3,4})\b", 0.95, is_phone,
    ),
    Single(
        "text.ip4", "ip", r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.",
        r"\b((?:[0-9]{1,3}\.){3}[0-9]{1,3})\b", 0.8, _is_ip4,
    ),
    Single(
        "text.ip6", "ip", r"[0-9A-Fa-f]:[0-9A-Fa-f:]*:[0-9A-Fa-f]",
        r"\b([0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f]{1,4})\b", 0.8, _is_ip6,
    ),
    Single("text.postal_code", "postal_code", "〒", r"〒 ?([0-9]{3}-?[0-9]{4})\b", 0.95),
    Single(
        "text.invoice_number", "jp.invoice_number", r"\bT[0-9]",
        r"\b(T[0-9]{13}|T-?[0-9]-?[0-9]{4}-[0-9]{4}-[0-9]{4})\b", 0.9, is_invoice_number,
    ),
    Single(
        "text.passport_line", "jp.passport", r"P<[A-Z]{3}",
        r"P<[A-Z]{3}[A-Z<]{39}\s+([A-Z0-9<]{10})", 0.98, digits.passport_line,
    ),
    Single(
        "text.private_key", "secret", "PRIVATE KEY",
        r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)", 0.99,
    ),
    Single("text.token", "secret", rf"(?:{_CREDENTIAL_HEADS})", rf"\b({_CREDENTIALS})", 0.97),
    Single(
        "text.password", "secret", _ASSIGNED,
        _ASSIGNED + r"""["']?\s*(?:[:：=]|は)\s*["']?([!-&(-+.-:<-~=]{6,})""", 0.85, _is_secret,
    ),
    Single(
        "text.url_credentials", "secret", r"://[^/\s@]*:",
        r"[a-z]://[^\s:/@]+:([^\s/@]{3,})@", 0.9, _is_secret,
    ),
    Single(
        "text.address", "address", rf"{_TOWN}[\p{{Han}}ぁ-んァ-ヶー 　]{{0,16}}{_LOT}",
        rf"({_TOWN}[\p{{Han}}ぁ-んァ-ヶー 　]{{0,16}}{_LOT})", 0.9,
    ),
    Single(
        "text.person.labelled", "person", _LABELS,
        rf"{_LABELS}(?:\s*[:：=]\s*|[ 　\t]+)({_NAME_MARK}{{1,6}}(?:[ 　・]{_NAME_MARK}{{1,6}})?)",
        0.85, _is_name,
    ),
    Single(
        "text.person.honorific", "person",
        rf"(?:{lexicon.SURNAMES})[ 　]?[\p{{Han}}々ぁ-んァ-ヶ]{{0,4}}{_HONORIFICS}",
        rf"((?:{lexicon.SURNAMES})[ 　]?[\p{{Han}}々ぁ-んァ-ヶ]{{0,4}}?){_HONORIFICS}", 0.8,
        _is_name,
    ),
    Single(
        "text.person.called", "person", rf"(?:^|[^\p{{Han}}々ァ-ヶー]){_CALLED}",
        rf"(?:^|[^\p{{Han}}々ァ-ヶー]){_CALLED}", 0.72, _is_called,
    ),
    Single(
        "text.person.full", "person", rf"(?:{lexicon.SURNAMES})[ 　]\p{{Han}}{{2}}",
        rf"((?:{lexicon.SURNAMES})[ 　]\p{{Han}}{{2,3}})(?:[^\p{{Han}}]|$)", 0.72,
    ),
    Single(
        "text.person.latin", "person",
        r"[Nn]ame|[Pp]atient|[Aa]pplicant|\bM[rs]s?\b|\bDr\b",
        rf"(?:{_NAMED}|\b(?:Mr|Mrs|Ms|Dr)\.? )([A-Z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]*){{0,2}})", 0.8,
    ),
    Single(
        "text.birth_date", "birth_date", _BORN,
        rf"{_BORN}\s*[:：=]?\s*((?:明治|大正|昭和|平成|令和|[MTSHR])?[ .]?{_DATE})", 0.9,
    ),
    Single(
        "text.diagnosis.labelled", "diagnosis", _FINDINGS,
        rf"{_FINDINGS}\s*[:：=]\s*([^\s,、。，;]{{2,30}})", 0.9, _is_name,
    ),
)  # fmt: skip
"""Every kind that its form alone tells."""
