"""Build the example network document from the IEICE model and the illustrative overlay.

Run `python examples/network/build.py` to write `jpn48.json`, or with `--check` to learn whether the
committed file is what the sources give (exit code 1 if not).

The 48 cities and 82 route lengths are those of the Japan Photonic Network model JPN48 of the IEICE
technical committee on photonic networks: a reference for studies, not the map of any operator.
All else comes from `overlay.yaml` and is made up.
"""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
TARGET = HERE / "jpn48.json"
DOMESTIC = "JP"

Entry = dict[str, Any]


def network() -> Entry:
    """Return the canonical network document (sites and spans sorted as their sources list them)."""
    overlay: Entry = yaml.safe_load((HERE / "overlay.yaml").read_text(encoding="utf-8"))
    nodes = {site["id"]: site for site in _sites(overlay)}
    links = {span["id"]: span for span in _spans(overlay, nodes)}
    _state(overlay, nodes, links)
    return {
        "name": overlay["name"],
        "epoch": overlay["epoch"],
        "nodes": list(nodes.values()),
        "links": list(links.values()),
    }


def text(document: Mapping[str, Any]) -> str:
    """Return the document as JSON, one site or span to a line, so that changes can be read."""
    head = {key: document[key] for key in ("name", "epoch")}
    parts = [json.dumps(head, ensure_ascii=False)[1:-1]]
    for key in ("nodes", "links"):
        rows = ",\n ".join(json.dumps(row, ensure_ascii=False) for row in document[key])
        parts.append(f'"{key}": [\n {rows}\n]')
    return "{" + ",\n".join(parts) + "}\n"


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _sites(overlay: Entry) -> Iterator[Entry]:
    operator = {site: row["operator"] for row in overlay["exchanges"] for site in row["sites"]}
    hazards = overlay["hazards"]
    for row in _rows("jpn48_nodes.csv"):
        site = row["id"]
        if (site in operator) == (site in overlay["forget_exchanges"]):
            raise ValueError(f"{site} must be in exactly one of exchanges and forget_exchanges")
        yield _site(
            {
                "id": site,
                "name": f"{row['name_en']} {row['name_ja']}",
                "kind": "exchange",
                "lat": float(row["lat"]),
                "lon": float(row["lon"]),
                "jurisdiction": DOMESTIC,
                "operator": operator.get(site),
            },
            overlay["operators"],
            hazards,
        )
    for site in overlay["sites"]:
        yield _site(site, overlay["operators"], hazards)


def _site(site: Entry, operators: Mapping[str, str], hazards: Mapping[str, list[str]]) -> Entry:
    operator = site["operator"]
    dangers = sorted(name for name, places in hazards.items() if site["id"] in places)
    order = ("id", "name", "kind", "lat", "lon", "jurisdiction", "operator", "owner_jurisdiction")
    full = site | {"owner_jurisdiction": operators[operator] if operator else None}
    extra = {"hazards": dangers} if dangers else {}
    ordered = {key: full[key] for key in order} | {k: full[k] for k in site if k not in order}
    return {key: value for key, value in (ordered | extra).items() if value is not None}


def _spans(overlay: Entry, nodes: Mapping[str, Entry]) -> Iterator[Entry]:
    model = {f"{row['a']}-{row['b']}": row for row in _rows("jpn48_links.csv")}
    planned = [span for corridor in overlay["corridors"] for span in corridor.get("spans", ())]
    if sorted(planned) != sorted(model):
        raise ValueError(f"corridors and model differ in {sorted(set(planned) ^ set(model))}")
    for corridor in overlay["corridors"]:
        for name in corridor.get("spans", ()):
            row = model[name]
            ends: Entry = {"source": row["a"], "target": row["b"], "km": int(row["km"])}
            change = corridor.get("change", {}).get(name, {})
            yield _span(name, ends, corridor | change, overlay)
        for name, own in corridor.get("links", {}).items():
            source, target = _ends(name, nodes)
            ends = {"source": source, "target": target, "km": own["km"]}
            yield _span(name, ends, corridor | own, overlay)


def _ends(name: str, nodes: Mapping[str, Entry]) -> tuple[str, str]:
    plain = name.removesuffix("-2")
    for source in nodes:
        if plain.startswith(f"{source}-") and plain.removeprefix(f"{source}-") in nodes:
            return source, plain.removeprefix(f"{source}-")
    raise ValueError(f"{name} does not name two sites")


def _span(name: str, ends: Entry, told: Entry, overlay: Entry) -> Entry:
    operator = told["operator"]
    seal = _seal(told, overlay)
    span: Entry = {
        "id": name,
        **ends,
        "operator": operator,
        "owner": operator,
        "owner_jurisdiction": overlay["operators"][operator],
        "duct_owner": told.get("duct_owner", operator),
        "jurisdictions": told.get("jurisdictions", [DOMESTIC]),
        "conduit": told["conduit"],
        "risk_groups": sorted(told["risk_groups"]),
        "capacity_gbps": told["capacity_gbps"],
        "encryption": seal,
    }
    for attribute in told.get("forget", {}).get(name, ()):
        holder, _, key = attribute.rpartition(".")
        record: Entry = span[holder] if holder else span
        del record[key]
    return span


def _seal(told: Entry, overlay: Entry) -> Entry:
    seal = dict(overlay["seals"][told["seal"]])
    if seal["layer"] == "none":
        return seal
    segment = told.get("segment")
    seal |= {"scope": "end-to-end", "segment": segment} if segment else {"scope": "span"}
    holder = told["operator"]
    return seal | {
        "key_holder": holder,
        "key_holder_jurisdiction": overlay["operators"][holder],
    }


def _state(overlay: Entry, nodes: Mapping[str, Entry], links: Mapping[str, Entry]) -> None:
    for row in overlay["evidence"]:
        stated = {
            "by": row["by"],
            "source": row["source"],
            "as_of": row["as_of"].isoformat(),
            "expires": row["expires"].isoformat(),
        }
        for subject in row["subjects"]:
            entry = nodes.get(subject) or links[subject]
            if entry["operator"] != row["by"]:
                raise ValueError(f"{row['by']} does not operate {subject}")
            for attribute in row["attributes"]:
                entry.setdefault("evidence", {})[attribute] = stated


def main(arguments: list[str]) -> int:
    """Write the document, or with `--check` return 1 when the committed one differs."""
    made = text(network())
    if arguments == ["--check"]:
        return int(TARGET.read_text(encoding="utf-8") != made)
    TARGET.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
