"""How reports about a whole network look in a terminal, in Japanese or English."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from api.show import console, table, verdict

MOST: Final = 8
_WORDS: Final = {
    "label": ("label", "区分"),
    "reachable": ("pairs reachable", "到達可能な組"),
    "limits": ("barred by limits", "上限のため不可"),
    "if_recorded": ("joined if recorded well", "記録が良ければ到達"),
    "single": ("single points", "単一障害点"),
    "matrix": ("highest level that may travel, from row to column", "行から列へ通れる最高の区分"),
    "point": ("single point of failure", "単一障害点"),
    "pairs": ("pairs", "組"),
    "opening": ("unrecorded", "未記録"),
    "attributes": ("to record", "記録すべき属性"),
    "opens": ("pairs it opens alone", "単独で開く組"),
    "step": ("step", "段階"),
    "upgrades": ("upgrades", "改修"),
    "gain": ("opens", "開く組"),
    "sum": ("together", "累計"),
    "change": ("change", "変更"),
    "id": ("id", "ID"),
    "attribute": ("attribute", "属性"),
    "before": ("before", "変更前"),
    "after": ("after", "変更後"),
    "same": ("no difference", "差はない"),
    "never": ("pairs that no upgrade opens", "どの改修でも開かない組"),
    "none": ("nothing to upgrade", "改修の対象なし"),
}


def word(name: str, lang: str) -> str:
    """Return a heading of these tables."""
    return _WORDS[name][lang == "ja"]


def _headed(lang: str, *names: str) -> Any:
    return table(*(word(name, lang) for name in names))


def show_posture(document: Mapping[str, Any], lang: str) -> None:
    """Show each label's figures, the matrix of clusters, and what each label hangs on."""
    rows = _headed(lang, "label", "reachable", "limits", "if_recorded", "single")
    for label in document["labels"]:
        limited = sum(pair["verdict"] == "limits" for pair in label["pairs"])
        whole = f"{label['reachable']} / {len(label['pairs'])}"
        single = len(label["single_points"])
        rows.add_row(label["label"], whole, str(limited), str(label["if_recorded"]), str(single))
    console.print(rows)
    _matrix(document, lang)
    for label in document["labels"]:
        _hanging(label, lang)


def _matrix(document: Mapping[str, Any], lang: str) -> None:
    highest: dict[tuple[str, str], str] = {}
    for label in document["labels"]:
        for pair in label["pairs"]:
            if pair["verdict"] == "yes":
                highest[pair["source"], pair["target"]] = label["label"]
    clusters = document["clusters"]
    rows = table("", *(cluster[:4] for cluster in clusters))
    for source in clusters:
        cells = ("" if source == t else highest.get((source, t), "—") for t in clusters)
        rows.add_row(source, *cells)
    console.print(f"\n{word('matrix', lang)}")
    console.print(rows)


def _hanging(label: Mapping[str, Any], lang: str) -> None:
    if points := label["single_points"][:MOST]:
        rows = _headed(lang, "label", "point", "pairs")
        for point in points:
            rows.add_row(label["label"], f"{point['kind']} {point['id']}", str(point["pairs"]))
        console.print(rows)
    if openings := [o for o in label["openings"] if o["pairs"]][:MOST]:
        rows = _headed(lang, "label", "opening", "attributes", "opens")
        for found in openings:
            name = f"{found['kind']} {found['id']}"
            rows.add_row(label["label"], name, ", ".join(found["attributes"]), str(found["pairs"]))
        console.print(rows)


def show_plan(document: Mapping[str, Any], most: int, lang: str) -> None:
    """Show the first `most` steps of the investment list."""
    never = f"{word('never', lang)}: {len(document['never'])}"
    console.print(f"{document['label']}: {document['now']:g} → {document['ceiling']:g}; {never}")
    if not document["steps"]:
        console.print(word("none", lang))
        return
    rows = _headed(lang, "step", "upgrades", "gain", "sum")
    reached = document["now"]
    for number, step in enumerate(document["steps"][:most], start=1):
        reached += step["demand"]
        upgrades = "\n".join(_upgrade(upgrade) for upgrade in step["upgrades"])
        rows.add_row(str(number), upgrades, f"+{step['demand']:g}", f"{reached:g}")
    console.print(rows)


def _upgrade(upgrade: Mapping[str, Any]) -> str:
    length = "" if upgrade["km"] is None else f", {upgrade['km']:g} km"
    return f"{upgrade['kind']} {upgrade['id']}: {' + '.join(upgrade['actions'])}{length}"


def show_difference(changes: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Show what changed, an attribute a row."""
    if not changes:
        console.print(verdict(word("same", lang)))
        return
    rows = _headed(lang, "change", "id", "attribute", "before", "after")
    for change in changes:
        name = f"{change['kind']} {change['id']}"
        changed = change["attributes"].items() or [("", None)]
        for attribute, values in changed:
            both = ("", "") if values is None else map(_value, (values["before"], values["after"]))
            rows.add_row(change["change"], name, attribute, *both)
    console.print(rows)


def _value(value: Any) -> str:
    return "—" if value is None else str(value)
