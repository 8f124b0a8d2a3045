"""`path find` and `path check`: what they answer, and that no compliant path is ever missed.

The oracle below knows nothing of Sekisho: it reads the document and the rules as the design words
them, lists every simple path with networkx, and keeps those that the rules leave.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from api import resources

EXAMPLE = resources.example("network/jpn48.json")
CASES = 240


def written(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


# An independent oracle.


class Drawn:
    """One small network and one set of rules, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self.sites = [f"n{number}" for number in range(self._below(3, 7))]
        self.nodes = [self._node(name) for name in self.sites]
        self.links = [self._link(f"s{n}") for n in range(self._below(len(self.sites), 13))]
        self.rules = self._rules()
        self.source, self.target = (str(x) for x in self._random.permutation(self.sites)[:2])

    @property
    def document(self) -> dict[str, Any]:
        return {"name": "drawn", "epoch": 1, "nodes": self.nodes, "links": self.links}

    def _below(self, low: int, high: int) -> int:
        return int(self._random.integers(low, high))

    def _pick(self, *choices: Any) -> Any:
        return choices[self._below(0, len(choices))]

    def _some(self, **values: Any) -> dict[str, Any]:
        """Leave about one in seven unrecorded."""
        return {key: value for key, value in values.items() if self._random.random() > 0.14}

    def _node(self, name: str) -> dict[str, Any]:
        kind = self._pick("cluster", "exchange", "pop", "landing")
        known = self._some(
            jurisdiction=self._pick("JP", "JP", "JP", "US", "XX"),
            operator=self._pick("a", "b", "c"),
        )
        return {"id": name, "kind": kind, **known}

    def _link(self, name: str) -> dict[str, Any]:
        ends = [str(x) for x in self._random.permutation(self.sites)[:2]]
        known = self._some(
            operator=self._pick("a", "b", "c"),
            jurisdictions=self._pick(["JP"], ["JP"], ["JP", "US"], ["XX", "JP"]),
            conduit=self._pick("buried", "buried", "aerial", "submarine"),
            encryption=self._some(
                layer=self._pick("otnsec", "macsec", "none"),
                key_exchange=self._pick("classical", "pqc", "hybrid", "qkd"),
            ),
        )
        km = self._pick(1, 2, 0.1, 0.2, 0.30000000000000004, 7.5)
        ends_and_length = {"source": ends[0], "target": ends[1], "km": km}
        return {"id": name, **ends_and_length, "directed": bool(self._pick(0, 0, 1)), **known}

    def _rules(self) -> dict[str, Any]:
        deny = {
            "jurisdictions": self._pick(["XX"], ["US"], ["XX", "US"]),
            "operators": self._pick(["c"], ["b", "c"]),
            "conduit": self._pick(["aerial"], ["aerial", "submarine"]),
        }
        require = {
            "encryption.key_exchange": self._pick(["pqc", "hybrid", "qkd"], ["qkd"]),
            "conduit": ["buried", "submarine"],
        }
        whole: dict[str, Any] = {}
        for name, part in (("deny", deny), ("require", require)):
            kept = {key: value for key, value in part.items() if self._random.random() < 0.3}
            if kept:
                whole[name] = kept
        if self._random.random() < 0.3:
            whole["max_operators"] = self._pick(1, 2, 3)
        if self._random.random() < 0.3:
            whole["max_km"] = self._pick(0.3, 0.30000000000000004, 2.1, 4, 9)
        return whole


def attribute(link: Mapping[str, Any], name: str) -> Any:
    value: Any = link
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def span_passes(link: Mapping[str, Any], rules: Mapping[str, Any]) -> bool:
    deny, require = dict(rules.get("deny", {})), rules.get("require", {})
    if (codes := deny.pop("jurisdictions", None)) is not None and (
        "jurisdictions" not in link or set(link["jurisdictions"]) & set(codes)
    ):
        return False
    if (names := deny.pop("operators", None)) is not None and (
        "operator" not in link or link["operator"] in names
    ):
        return False
    for name, values in deny.items():
        if attribute(link, name) is None or attribute(link, name) in values:
            return False
    return all(attribute(link, name) in values for name, values in require.items())


def site_passes(node: Mapping[str, Any], rules: Mapping[str, Any]) -> bool:
    deny = rules.get("deny", {})
    if "jurisdictions" in deny and node.get("jurisdiction") in [None, *deny["jurisdictions"]]:
        return False
    return "operators" not in deny or node.get("operator") not in [None, *deny["operators"]]


def compliant(case: Drawn, target: str) -> Iterator[tuple[float, list[str]]]:
    """Every compliant simple path: its unrounded length and its spans."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(node["id"] for node in case.nodes if site_passes(node, case.rules))
    for link in case.links:
        if span_passes(link, case.rules) and {link["source"], link["target"]} <= set(graph):
            graph.add_edge(link["source"], link["target"], key=link["id"], link=link)
            if not link["directed"]:
                graph.add_edge(link["target"], link["source"], key=link["id"], link=link)
    if {case.source, target} <= set(graph):
        for edges in nx.all_simple_edge_paths(graph, case.source, target):
            links = [graph.edges[edge]["link"] for edge in edges]
            km = sum(link["km"] for link in links)
            operators = [link.get("operator") for link in links]
            few = "max_operators" not in case.rules or (
                None not in operators and len(set(operators)) <= case.rules["max_operators"]
            )
            if few and km <= case.rules.get("max_km", km):
                yield km, [link["id"] for link in links]


@pytest.mark.parametrize("chunk", range(6))
def test_finds_the_shortest_compliant_path_whenever_there_is_one(
    sekisho: Any, tmp_path: Path, chunk: int
) -> None:
    yes = 0
    for seed in range(chunk * CASES // 6, (chunk + 1) * CASES // 6):
        case = Drawn(seed)
        network = written(tmp_path, "network.json", case.document)
        rules = written(tmp_path, "rules.json", case.rules)
        found = sekisho(
            "path", "find", "--network", network, "--from", case.source, "--to", case.target,
            "--label", "L0", "--rules", rules, "--output", "json",
        )  # fmt: skip
        expected = list(compliant(case, case.target))
        assert_answer(found, expected, seed)
        yes += bool(expected)
    assert 5 < yes < CASES // 6 - 5


def assert_answer(found: Any, expected: list[tuple[float, list[str]]], seed: int) -> None:
    answer = found.json
    if not expected:
        assert (found.code, answer["verdict"], answer["paths"]) == (1, "refuse", []), seed
        assert answer["refusal"]["reasons"], seed
        return
    assert (found.code, answer["verdict"]) == (0, "permit"), (seed, found.err)
    (path,) = answer["paths"]
    shortest = min(km for km, _ in expected)
    assert path["km"] == pytest.approx(shortest, rel=1e-12), seed
    assert any(path["spans"] == spans for _, spans in expected), seed
    assert "refusal" not in answer


def test_any_cluster_is_the_nearest_compliant_one(sekisho: Any, tmp_path: Path) -> None:
    for seed in range(1000, 1040):
        case = Drawn(seed)
        network = written(tmp_path, "network.json", case.document)
        rules = written(tmp_path, "rules.json", case.rules)
        found = sekisho(
            "path", "find", "--network", network, "--from", case.source, "--to-any-cluster",
            "--label", "L0", "--rules", rules, "--output", "json",
        )  # fmt: skip
        clusters = {n["id"] for n in case.nodes if n["kind"] == "cluster"}
        if clusters == {case.source}:
            assert found.code == 2, (seed, found.err)
            continue
        others = sorted(clusters - {case.source})
        assert_answer(found, [way for other in others for way in compliant(case, other)], seed)


def test_every_drawn_path_found_is_also_checked_yes_and_hop_by_hop(
    sekisho: Any, tmp_path: Path
) -> None:
    seen = 0
    for seed in range(2000, 2040):
        case = Drawn(seed)
        network = written(tmp_path, "network.json", case.document)
        rules = written(tmp_path, "rules.json", case.rules)
        ways = list(compliant(case, case.target))
        for _, spans in ways[:2]:
            path = written(tmp_path, "p.json", {"from": case.source, "spans": spans})
            checked = sekisho(
                "path", "check", "--network", network, "--path", path, "--label", "L0",
                "--rules", rules, "--output", "json",
            )  # fmt: skip
            assert (checked.code, checked.json["verdict"]) == (0, "permit"), (seed, checked)
            assert [hop["span"] for hop in checked.json["hops"]] == spans
            seen += 1
    assert seen > 10


# The shape of answers.


def find(sekisho: Any, *more: Any, network: Path = EXAMPLE) -> Any:
    return sekisho("path", "find", "--network", network, *more, "--output", "json")


def test_a_permit_has_every_field_of_the_contract(sekisho: Any) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L3")
    assert found.code == 0
    assert set(found.json) >= {"verdict", "paths", "price"}
    assert set(found.json["paths"][0]) >= {
        "nodes", "spans", "km", "latency_ms", "operators", "jurisdictions", "crypto_segments",
    }  # fmt: skip
    assert set(found.json["price"]) >= {"extra_km", "extra_ms"}
    assert found.json["paths"][0]["nodes"][0] == "tokyo"


def test_a_refusal_has_every_field_of_the_contract(sekisho: Any) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "taoyuan", "--label", "L4")
    assert found.code == 1
    assert (found.json["verdict"], found.json["paths"]) == ("refuse", [])
    assert set(found.json["refusal"]) >= {
        "reasons", "single_span_fixes", "blocking_cut", "minimum_waiver",
    }  # fmt: skip
    assert found.json["refusal"]["reasons"]


@pytest.mark.parametrize("protect", ["span", "node", "srlg"])
def test_a_protected_answer_is_two_paths_apart_or_a_reasoned_refusal(
    sekisho: Any, protect: str
) -> None:
    found = find(
        sekisho, "--from", "tokyo", "--to", "ibaraki-osaka", "--label", "L1", "--protect", protect
    )
    if found.code == 1:
        assert found.json["refusal"]["reasons"]
    else:
        working, protecting = found.json["paths"]
        assert not set(working["spans"]) & set(protecting["spans"])


def test_k_paths_come_in_order_of_length_and_are_distinct(sekisho: Any) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L1", "-k", "4")
    lengths = [path["km"] for path in found.json["paths"]]
    assert len(lengths) == 4
    assert lengths == sorted(lengths)
    assert len({tuple(path["spans"]) for path in found.json["paths"]}) == 4


def test_a_label_file_that_classify_wrote_is_a_label(sekisho: Any, tmp_path: Path) -> None:
    classified = sekisho(
        "classify", resources.example("datasets/patients.csv"), "--full", "--output", "json"
    )
    label = tmp_path / "label.json"
    label.write_text(classified.out, encoding="utf-8")
    found = find(sekisho, "--from", "tokyo", "--to", "itoshima", "--label", label)
    assert found.code == 0
    away = find(sekisho, "--from", "tokyo", "--to", "taoyuan", "--label", label)
    assert away.code == 1


def test_the_km_are_the_unrounded_sum(sekisho: Any, tmp_path: Path) -> None:
    links = [{"id": f"s{n}", "source": f"n{n}", "target": f"n{n + 1}", "km": 0.1} for n in range(3)]
    nodes = [{"id": f"n{n}"} for n in range(4)]
    network = written(tmp_path, "n.json", {"name": "x", "epoch": 1, "nodes": nodes, "links": links})
    for most, code in ((0.3, 1), (0.1 + 0.1 + 0.1, 0)):
        rules = written(tmp_path, "r.json", {"max_km": most})
        found = find(
            sekisho, "--from", "n0", "--to", "n3", "--label", "L0", "--rules", rules,
            network=network,
        )  # fmt: skip
        assert found.code == code
    assert found.json["paths"][0]["km"] == 0.1 + 0.1 + 0.1


def test_from_a_site_to_itself_is_bad_usage(sekisho: Any) -> None:
    found = find(sekisho, "--from", "inzai", "--to", "inzai", "--label", "L0")
    assert found.code == 2
    assert_one_line(found)


def test_from_a_cluster_to_any_cluster_is_to_another(sekisho: Any) -> None:
    found = find(sekisho, "--from", "inzai", "--to-any-cluster", "--label", "L1")
    assert found.code == 0
    assert found.json["paths"][0]["nodes"][-1] != "inzai"


def test_any_cluster_where_there_is_none_is_a_reasoned_refusal(
    sekisho: Any, tmp_path: Path
) -> None:
    document = {
        "name": "x",
        "epoch": 1,
        "nodes": [{"id": "a"}, {"id": "b"}],
        "links": [{"id": "s", "source": "a", "target": "b", "km": 1}],
    }
    network = written(tmp_path, "n.json", document)
    found = find(sekisho, "--from", "a", "--to-any-cluster", "--label", "L0", network=network)
    assert found.code == 1
    assert found.json["refusal"]["reasons"]


def test_a_table_is_shown_for_permit_and_refusal_in_both_languages(sekisho: Any) -> None:
    for lang in ("ja", "en"):
        for target, code in (("inzai", 0), ("taoyuan", 1)):
            shown = sekisho(
                "path", "find", "--network", EXAMPLE, "--from", "tokyo", "--to", target,
                "--label", "L4", "--lang", lang,
            )  # fmt: skip
            assert shown.code == code
            assert shown.out.strip()


# path check.


def check(sekisho: Any, path: Any, *more: Any, folder: Path, label: str = "L3") -> Any:
    file = path if isinstance(path, Path) else written(folder, "path.json", path)
    return sekisho(
        "path", "check", "--network", EXAMPLE, "--path", file, "--label", label, *more,
        "--output", "json",
    )  # fmt: skip


def test_a_check_has_one_row_per_hop_with_every_rules_verdict(sekisho: Any, tmp_path: Path) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L3").json["paths"][0]
    checked = check(sekisho, {"from": "tokyo", "spans": found["spans"]}, folder=tmp_path)
    hops = checked.json["hops"]
    assert checked.code == 0
    assert checked.json["verdict"] == "permit"
    assert [hop["span"] for hop in hops] == found["spans"]
    assert [hop["site"] for hop in hops] == found["nodes"][1:]
    verdicts = {verdict for hop in hops for verdict in hop["rules"].values()}
    assert verdicts == {"yes"}


def test_a_check_of_a_forbidden_path_says_no_at_the_hop_that_is_forbidden(
    sekisho: Any, tmp_path: Path
) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L0").json["paths"][0]
    rules = written(
        tmp_path, "r.json", {"require": {"encryption.key_exchange": ["carrier-pigeon"]}}
    )
    checked = check(
        sekisho, {"from": "tokyo", "spans": found["spans"]}, "--rules", rules, folder=tmp_path,
        label="L0",
    )  # fmt: skip
    assert checked.code == 1
    assert checked.json["verdict"] == "refuse"
    assert all("no" in hop["rules"].values() or "unknown" in hop["rules"].values()
               for hop in checked.json["hops"])  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        {"from": "tokyo", "spans": ["nothing"]},
        {"from": "nowhere", "spans": []},
        {"from": "tokyo", "spans": ["sapporo-tomakomai"]},
        {"from": "tokyo"},
        {"spans": []},
        {"from": 1, "spans": []},
        {"from": "tokyo", "spans": "abc"},
        {"from": "tokyo", "spans": [1]},
        {"from": "tokyo", "spans": [None]},
        [],
        None,
        "text",
        7,
    ],
    ids=str,
)
def test_a_path_that_is_none_is_bad_input_in_one_line(
    sekisho: Any, tmp_path: Path, path: Any
) -> None:
    checked = check(sekisho, path, folder=tmp_path)
    assert checked.code == 2
    assert_one_line(checked)


def test_a_path_without_spans_is_answered_without_a_fault(sekisho: Any, tmp_path: Path) -> None:
    checked = check(sekisho, {"from": "tokyo", "spans": []}, folder=tmp_path)
    assert checked.code in {1, 2}
    assert "fault" not in checked.err


# Bad input.


def assert_one_line(said: Any) -> None:
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    assert said.err.startswith("sekisho: ")
    assert "Traceback" not in said.err
    assert "fault" not in said.err


RULES: Mapping[str, str] = {
    "not JSON": "{",
    "a list": "[]",
    "unknown key": '{"forbid": {}}',
    "deny is a list": '{"deny": ["JP"]}',
    "values no list": '{"deny": {"jurisdictions": "JP"}}',
    "negative": '{"max_km": -1}',
    "not a number": '{"max_km": "900"}',
    "NaN": '{"max_km": NaN}',
    "infinite": '{"max_km": Infinity}',
    "a fraction of an operator": '{"max_operators": 1.5}',
    "true": '{"max_operators": true}',
    "a quote": '{"deny": {"operators": ["a\\"b"]}}',
    "twice": '{"max_km": 1, "max_km": 1000}',
    "deep": '{"deny": ' + "[" * 50_000,
    "not UTF-8": "\udcff",
    "empty": "",
}


@pytest.mark.parametrize("text", RULES.values(), ids=RULES.keys())
def test_a_bad_rules_file_is_bad_input_in_one_line(sekisho: Any, tmp_path: Path, text: str) -> None:
    rules = tmp_path / "rules.json"
    rules.write_bytes(text.encode(errors="surrogateescape"))
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L0", "--rules", rules)
    assert found.code == 2
    assert_one_line(found)


LABELS: Mapping[str, str] = {
    "not JSON": "{",
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "empty": "{}",
    "level L9": '{"label": {"level": "L9"}}',
    "level 3": '{"level": 3}',
    "label is a list": '{"label": []}',
    "deep": "[" * 100_000,
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("text", LABELS.values(), ids=LABELS.keys())
def test_a_hostile_label_file_is_bad_input_in_one_line(
    sekisho: Any, tmp_path: Path, text: str
) -> None:
    label = tmp_path / "label.json"
    label.write_bytes(text.encode(errors="surrogateescape"))
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--label", label)
    assert found.code == 2
    assert_one_line(found)


NETWORKS: Mapping[str, tuple[str, str]] = {
    "not JSON": ("{", ""),
    "a list": ("[]", ""),
    "no nodes": ('{"name": "x", "epoch": 1, "links": []}', "nodes"),
    "a node without an id": (
        '{"name": "x", "epoch": 1, "nodes": [{"id": "a"}, {}], "links": []}',
        "/nodes/1",
    ),
    "a link to nowhere": (
        (
            '{"name": "x", "epoch": 1, "nodes": [{"id": "a"}],'
            ' "links": [{"id": "s", "source": "a", "target": "b", "km": 1}]}'
        ),
        "/links/0",
    ),
    "a negative length": (
        (
            '{"name": "x", "epoch": 1, "nodes": [{"id": "a"}, {"id": "b"}],'
            ' "links": [{"id": "s", "source": "a", "target": "b", "km": -1}]}'
        ),
        "/links/0/km",
    ),
    "twice the same id": (
        '{"name": "x", "epoch": 1, "nodes": [{"id": "a"}, {"id": "a"}], "links": []}',
        "/nodes/1",
    ),
    "deep": ("[" * 100_000, ""),
    "not UTF-8": ("\udcff\udcfe", ""),
}


@pytest.mark.parametrize(("text", "place"), NETWORKS.values(), ids=NETWORKS.keys())
@pytest.mark.parametrize("command", ["find", "show"])
def test_a_malformed_network_is_bad_input_in_one_line_that_names_the_place(
    sekisho: Any, tmp_path: Path, text: str, place: str, command: str
) -> None:
    network = tmp_path / "network.json"
    network.write_bytes(text.encode(errors="surrogateescape"))
    said = {
        "find": lambda: find(sekisho, "--from", "a", "--to", "b", "--label", "L0", network=network),
        "show": lambda: sekisho("network", "show", "--network", network),
    }[command]()
    assert said.code == 2
    assert_one_line(said)
    assert place in said.err


@pytest.mark.parametrize(
    "more",
    [
        ("--from", "nowhere", "--to", "inzai", "--label", "L1"),
        ("--from", "tokyo", "--to", "nowhere", "--label", "L1"),
        ("--from", "tokyo", "--label", "L1"),
        ("--from", "tokyo", "--to", "inzai"),
        ("--from", "tokyo", "--to", "inzai", "--to-any-cluster", "--label", "L1"),
        ("--from", "tokyo", "--to", "inzai", "--label", "L1", "--dataset", "ds-1"),
        ("--from", "tokyo", "--to", "inzai", "--label", "L7"),
        ("--from", "tokyo", "--to", "inzai", "--label", "/"),
        ("--from", "tokyo", "--to", "inzai", "--label", "L1", "--rules", "/nothing/there"),
        ("--from", "tokyo", "--to", "inzai", "--label", "L1", "-k", "0"),
        ("--to", "inzai", "--label", "L1"),
        ("--from", "tokyo", "--to", "inzai", "--label", "L1", "--protect", "everything"),
    ],
    ids=" ".join,
)
def test_bad_usage_is_said_in_one_line(sekisho: Any, more: tuple[str, ...]) -> None:
    found = find(sekisho, *more)
    assert found.code == 2
    assert_one_line(found)


# --dataset


def test_a_registered_dataset_is_asked_about_with_every_rule(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    words = ("--from", "tokyo", "--to", "itoshima", "--dataset", template[1], "--data", home)
    found = find(sekisho, *words)
    assert found.code == 0
    inside = sekisho("path", "find", *words, "--output", "json")
    assert inside.json["paths"] == found.json["paths"]
    held = sekisho(
        "dataset", "register", resources.example("datasets/patients.csv"), "--sample",
        "--tenant", "t", "--site", "tokyo", "--purpose", "care", "--data", home,
        "--output", "json",
    )  # fmt: skip
    asked = find(
        sekisho, "--from", "tokyo", "--to", "itoshima", "--dataset", held.json["id"],
        "--data", home,
    )  # fmt: skip
    released = sekisho(
        "passage", "request", held.json["id"], "--to", "itoshima", "--data", home,
        "--output", "json",
    )  # fmt: skip
    assert released.code == 1
    assert any(r["rule"] == "provisional" for r in released.json["refusal"]["reasons"])
    assert asked.code == 0  # planning carries nothing


def test_a_dataset_that_is_not_registered_is_bad_input(sekisho: Any, home: Path) -> None:
    found = find(sekisho, "--from", "tokyo", "--to", "inzai", "--dataset", "ds-0", "--data", home)
    assert found.code == 2
    assert_one_line(found)


def test_several_paths_and_protection_at_once_are_bad_usage(sekisho: Any) -> None:
    found = find(
        sekisho, "--from", "tokyo", "--to", "inzai", "--label", "L1", "-k", "3",
        "--protect", "span",
    )  # fmt: skip
    assert found.code == 2
    assert_one_line(found)
