"""Signs of publication that only a whole table shows: statistics and public registers.

A table of figures counts as statistics when it has figures by place, time or group, nothing
personal, and no cell so small that it could point to somebody.
"""

from collections.abc import Mapping
from typing import Final

from policy.classify import headers
from policy.classify.columns import Judged
from policy.classify.evidence import Evidence
from policy.classify.kinds import NONE
from policy.classify.patterns import compiled
from policy.classify.profile import Profile

_FIGURES: Final = (
    "人口|世帯|件数|人数|総数|合計|面積|密度|割合|比率|指数|平均|戸数|施設数|量$|額$|率$|数$|"
    "population|households|count|total|area|density|ratio|rate|average|index|number"
)
_GROUPS: Final = (
    "都道府県|市区?町村|地域|地方|区分|年齢|年度|年次|^年|年$|^月|四半期|性別|産業|分類|項目|単位|"
    "コード|prefecture|municipality|region|area|year|month|quarter|age|sex|industry|category"
)
# What such tables say about themselves. A licence column alone is no sign: each row of a corpus
# may carry one.
_REMARKS: Final = "利用条件|ライセンス|出典|備考|^注|注記|licen[cs]e|source|^note|remark"
_HARMLESS: Final = frozenset({NONE, "jp.municipality_code", "organisation"})
_REGISTER: Final = frozenset(
    {NONE, "jp.corporate_number", "organisation", "address", "postal_code", "jp.municipality_code"}
)
_REGISTER_WORDS: Final = (
    "商号|名称|法人|所在|住所|郵便|更新|変更|処理|フリガナ|都道府県|市区町村|種別|国外"
)


def is_figures(name: str) -> bool:
    """Say whether a column of this name holds figures of a statistic."""
    return _says(_FIGURES, name)


def _says(words: str, name: str) -> bool:
    return compiled(words).search(headers.normal(name).encode("utf-8", "replace")) is not None


def find(columns: Mapping[str, tuple[Profile, Judged]]) -> list[Evidence]:
    """Return the signs of publication that the whole table gives, if any."""
    if _is_statistics(columns):
        return [Evidence(rule="table.statistics", kind="sign.statistics", confidence=0.85)]
    if _is_register(columns):
        return [Evidence(rule="table.register", kind="sign.public_register", confidence=0.8)]
    return []


def _is_statistics(columns: Mapping[str, tuple[Profile, Judged]]) -> bool:
    figures = groups = 0
    for name, (profile, judged) in columns.items():
        if judged.finding.type not in _HARMLESS:
            return False
        if is_figures(name) and profile.figures == profile.cells and profile.cells > 1:
            if profile.small:
                return False
            figures += 1
        elif _says(_GROUPS, name):
            groups += 1
        elif not _says(_REMARKS, name):
            return False
    return figures > 0 and groups > 0


def _is_register(columns: Mapping[str, tuple[Profile, Judged]]) -> bool:
    kinds = {judged.finding.type for _, judged in columns.values()}
    if not {"jp.corporate_number", "organisation"} <= kinds <= _REGISTER:
        return False
    return all(_says(_REGISTER_WORDS, name) for name in columns)
