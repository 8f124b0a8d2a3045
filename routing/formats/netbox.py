"""NetBox exports: sites, devices and cables over REST (JSON), or a table of sites or cables (CSV).

A subset: cables between devices of two sites become spans. One cable's tenant or type says
nothing about who runs it or how it is laid, so neither is taken for more than it is.
"""

import csv
import re
from typing import Any, Final

from routing.document import read_json
from routing.errors import NetworkError
from routing.fields import shown
from routing.formats.loose import LooseGraph, amount, flat, listed, text, word

_KM: Final = {
    "km": 1.0, "kilometers": 1.0, "m": 1e-3, "meters": 1e-3, "cm": 1e-5, "centimeters": 1e-5,
    "mi": 1.609344, "miles": 1.609344, "ft": 0.0003048, "feet": 0.0003048,
}  # fmt: skip
_LENGTH: Final = re.compile(r"\s*([0-9.]{1,20})\s*([a-z]+)\s*", re.IGNORECASE | re.ASCII)
_CABLE: Final = ("a_terminations", "b_terminations")
_COLUMNS: Final = ("site a", "site b")


def read_netbox(raw: bytes) -> LooseGraph:
    """Read `{"sites": …, "devices": …, "cables": …}` as REST gives each, or one CSV table."""
    if raw.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _rest(read_json(raw))
    return _table(text(raw))


def _rest(value: Any) -> LooseGraph:
    whole = value if isinstance(value, dict) else {}
    sites, devices, cables = (_results(whole, name) for name in ("sites", "devices", "cables"))
    homes = {word(d.get("id")): _slug(d.get("site")) for d in devices}
    dropped: list[str] = []
    links = [link for cable in cables if (link := _cable(cable, homes, dropped))]
    return LooseGraph(
        name="", directed=False, nodes=[_site(s) for s in sites], links=links,
        dropped=tuple(dropped),
    )  # fmt: skip


def _results(whole: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = whole.get(name)
    inner = found.get("results") if isinstance(found, dict) else found
    return listed(inner, f"/{name}")


def _slug(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    return word(value.get("slug")) or word(value.get("name"))


def _site(site: dict[str, Any]) -> dict[str, Any]:
    name = _slug(site)
    if name is None:
        raise NetworkError("/sites", f"a site without slug and name: {shown(site)}")
    rest = {key: v for key, v in site.items() if key not in {"id", "slug"} and v not in ("", None)}
    return {**flat(rest), "id": name}


def _cable(
    cable: dict[str, Any], homes: dict[str | None, str | None], dropped: list[str]
) -> dict[str, Any] | None:
    name = word(cable.get("label")) or f"cable-{word(cable.get('id'))}"
    if not _in_place(cable.get("status"), name, dropped):
        return None
    ends = [_home(cable.get(side), homes) for side in _CABLE]
    if None in ends:
        dropped.append(f"cable {name}: an end is on no device of a known site")
        return None
    read = {*_CABLE, "id", "label", "status", "length", "length_unit"}
    rest = {key: v for key, v in cable.items() if key not in read and v not in ("", None)}
    found = {**flat(rest), "id": name, "source": ends[0], "target": ends[1]}
    return found | _length(cable.get("length"), _value(cable.get("length_unit")))


def _in_place(status: Any, name: str, dropped: list[str]) -> bool:
    stated = str(_value(status) or "connected").lower()
    if stated != "connected":
        dropped.append(f"cable {name}: {shown(stated)}")
    return stated == "connected"


def _value(choice: Any) -> Any:
    return choice.get("value") if isinstance(choice, dict) else choice


def _home(terminations: Any, homes: dict[str | None, str | None]) -> str | None:
    for end in listed(terminations, "/cables"):
        inner = end.get("object")
        device = inner.get("device") if isinstance(inner, dict) else None
        if isinstance(device, dict):
            return homes.get(word(device.get("id")))
        if isinstance(inner, dict) and end.get("object_type") == "dcim.site":
            return _slug(inner)
    return None


def _length(value: Any, unit: Any) -> dict[str, Any]:
    length, factor = amount(value), _KM.get(str(unit).lower())
    if length is None or factor is None:
        return {} if value is None else {"length_without_unit": value}
    return {"km": length * factor}


def _table(document: str) -> LooseGraph:
    try:
        rows = list(csv.DictReader(document.splitlines(), strict=True))
    except csv.Error as problem:
        raise NetworkError("", f"not CSV: {shown(str(problem))}") from problem
    named = [{str(k).strip().lower(): v for k, v in row.items() if v} for row in rows]
    titles = {key for row in named for key in row}
    if set(_COLUMNS) <= titles:
        return _cables(named)
    if {"name", "slug"} & titles:
        return LooseGraph("", directed=False, nodes=[_site(row) for row in named], links=[])
    raise NetworkError("", "a table of sites has Name or Slug, one of cables Site A and Site B")


def _cables(rows: list[dict[str, Any]]) -> LooseGraph:
    dropped: list[str] = []
    links: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        name = row.get("label") or f"cable-{row.get('id', number)}"
        ends = [row.get(column) for column in _COLUMNS]
        if not _in_place(row.get("status"), name, dropped):
            continue
        if None in ends:
            dropped.append(f"cable {name}: an end is at no site")
            continue
        read = {*_COLUMNS, "id", "label", "status", "length"}
        rest = {key: v for key, v in row.items() if key not in read}
        found = _LENGTH.fullmatch(row.get("length") or "")
        length = _length(found[1], found[2]) if found else _length(row.get("length"), None)
        links.append({**rest, **length, "id": name, "source": ends[0], "target": ends[1]})
    sites = sorted({str(end) for link in links for end in (link["source"], link["target"])})
    return LooseGraph(
        "", directed=False, nodes=[{"id": site} for site in sites], links=links,
        dropped=tuple(dropped),
    )  # fmt: skip
