"""Two epochs compared: applying what the diff says to the one gives the other."""

import json
from typing import Any

import numpy as np
import pytest

from routing.diff import Difference, difference
from routing.errors import NetworkError
from routing.network import Network, build_network
from tests.routing.plant import CHAIN, Plant, Seed

PLAIN = Plant().site("a", jurisdiction="JP").span("s", "a", "b", 5, conduit="aerial")


def test_equal_networks_do_not_differ() -> None:
    found = difference(PLAIN.network(), PLAIN.network())
    assert found.changes == ()
    assert found.before == found.after


def test_every_attribute_that_changed_is_told_with_both_values() -> None:
    other = Plant().site("a", jurisdiction="JP", operator="op").site("c")
    other.span("s", "b", "a", 5, conduit="buried", encryption=CHAIN)
    found = difference(PLAIN.network(), other.network())
    assert json.loads(json.dumps(found.to_json()))["changes"] == [
        {
            "kind": "site",
            "id": "a",
            "change": "changed",
            "attributes": {"operator": {"before": None, "after": "op"}},
        },
        {"kind": "site", "id": "c", "change": "added", "attributes": {}},
        {
            "kind": "span",
            "id": "s",
            "change": "changed",
            "attributes": {
                "conduit": {"before": "aerial", "after": "buried"},
                "encryption.layer": {"before": None, "after": "otnsec"},
                "encryption.scope": {"before": None, "after": "end-to-end"},
                "encryption.segment": {"before": None, "after": "chain"},
                "source": {"before": "a", "after": "b"},
                "target": {"before": "b", "after": "a"},
            },
        },
    ]


def test_empty_encryption_appearing_is_a_change() -> None:
    sealed = Plant().site("a", jurisdiction="JP")
    sealed.span("s", "a", "b", 5, conduit="aerial", encryption={})
    (change,) = difference(PLAIN.network(), sealed.network()).changes
    assert change.attributes == (("encryption", None, {}),)


def applied(before: Network, found: Difference, after: Network) -> Network:
    """Rebuild `after` from `before` and the changes alone; only what was added is looked up."""
    document: dict[str, Any] = json.loads(before.to_bytes())
    added = json.loads(after.to_bytes())
    for change in found.changes:
        key = "nodes" if change.kind == "site" else "links"
        rows = {row["id"]: row for row in document[key]}
        if change.change == "removed":
            del rows[change.id]
        elif change.change == "added":
            rows[change.id] = next(row for row in added[key] if row["id"] == change.id)
        else:
            now = sorted(change.attributes, key=lambda changed: changed[2] is not None)
            for name, _, value in now:
                put(rows[change.id], name.split("."), value)
        document[key] = list(rows.values())
    return build_network({**document, "name": after.name, "epoch": after.epoch})


def put(row: dict[str, Any], way: list[str], value: Any) -> None:
    if value is not None and len(way) == 1:
        row[way[0]] = value
    elif value is not None:
        put(row.setdefault(way[0], {}), way[1:], value)
    elif len(way) == 1:
        row.pop(way[0])
    else:
        put(row[way[0]], way[1:], None)
        if not row[way[0]]:
            del row[way[0]]


def test_the_changes_lead_from_one_network_to_the_other() -> None:
    for seed in range(150):
        before, drawn = Seed(seed).network, Seed(1_000_000 + seed).network
        links = list(drawn.to_json()["links"])  # type: ignore[arg-type, var-annotated]
        kept = np.random.default_rng(seed).random(len(links)) < 0.8
        links = [link for link, keep in zip(links, kept, strict=True) if keep]
        after = build_network({**drawn.to_json(), "links": links})
        found = difference(before, after)
        assert applied(before, found, after) == after, seed


def test_all_errors_of_a_document_come_in_one_report() -> None:
    document = {
        "nodes": [{"id": "a"}, {"lat": 5}, {"id": "c", "lat": 100}],
        "links": [{"id": "s", "source": "a", "target": "zz", "km": -1}],
    }
    with pytest.raises(NetworkError) as caught:
        build_network(document)
    assert [found.pointer for found in caught.value.all] == [
        "/nodes/1/id",
        "/nodes/2/lat",
        "/links/0/km",
    ]
    assert all(found.pointer in str(caught.value) for found in caught.value.all)


def test_dangling_ends_and_repeated_ids_come_together_too() -> None:
    document = {
        "nodes": [{"id": "a"}, {"id": "a"}],
        "links": [{"id": "s", "source": "x", "target": "y", "km": 1}] * 2,
    }
    with pytest.raises(NetworkError) as caught:
        build_network(document)
    assert [found.pointer for found in caught.value.all] == [
        "/nodes/1/id",
        "/links/1/id",
        *("/links/0/source", "/links/0/target", "/links/1/source", "/links/1/target"),
    ]


def test_a_report_of_a_thousand_errors_stays_readable() -> None:
    with pytest.raises(NetworkError, match=r"and 980 more$") as caught:
        build_network({"nodes": [{}] * 1000, "links": []})
    assert len(caught.value.all) == 1000
