"""Each kind of user's main verbs from the shell: datasets, decisions, passages, tokens, trust."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api import resources

PATIENTS = resources.example("datasets/patients.csv")
HERE = Path(__file__).parents[2]


def at(sekisho: Any, home: Path, *words: Any) -> Any:
    return sekisho(*words, "--data", home, "--output", "json")


def register(sekisho: Any, home: Path, file: Path = PATIENTS, **changed: str) -> Any:
    stated = {"tenant": "midori-hospital", "site": "tokyo", "purpose": "care", **changed}
    words = [word for key, value in stated.items() for word in (f"--{key}", value)]
    return at(sekisho, home, "dataset", "register", file, *words)


def one_line(said: Any) -> None:
    assert said.out == ""
    lines = [line for line in said.err.splitlines() if not line.startswith("reading ")]
    assert len(lines) == 1, said.err
    assert lines[0].startswith("sekisho: ")
    assert "fault" not in lines[0]


# dataset


def test_a_dataset_is_registered_listed_shown_and_placed(sekisho: Any, home: Path) -> None:
    made = register(sekisho, home)
    identity = made.json["id"]
    assert made.code == 0
    assert made.json["label"]["level"] == "L3"
    listed = at(sekisho, home, "dataset", "list").json["datasets"]
    assert identity in {each["id"] for each in listed}
    shown = at(sekisho, home, "dataset", "show", identity).json
    assert (shown["id"], shown["provisional"]) == (identity, False)
    assert shown["evidence"]
    placed = at(sekisho, home, "dataset", "place", identity)
    verdicts = {row["cluster"]: row["verdict"] for row in placed.json["placements"]}
    assert placed.code == 0
    assert verdicts["itoshima"] == "yes"
    assert verdicts["taoyuan"] == "no"
    assert all(row["decision"] for row in placed.json["placements"])


def test_a_dataset_that_lies_at_a_cluster_can_be_placed_at_the_others(
    sekisho: Any, home: Path
) -> None:
    identity = register(sekisho, home, site="inzai").json["id"]
    placed = at(sekisho, home, "dataset", "place", identity)
    clusters = {row["cluster"] for row in placed.json["placements"]}
    assert placed.code == 0
    assert "inzai" not in clusters
    assert "itoshima" in clusters


def test_only_the_named_tenants_datasets_are_listed(sekisho: Any, home: Path) -> None:
    register(sekisho, home, tenant="other")
    for tenant, count in (("other", 1), ("midori-hospital", 1), ("nobody", 0)):
        listed = at(sekisho, home, "dataset", "list", "--tenant", tenant)
        assert len(listed.json["datasets"]) == count


def test_tables_are_shown_in_both_languages(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    for lang in ("ja", "en"):
        for words in (("show",), ("place",)):
            said = sekisho("dataset", *words, template[1], "--data", home, "--lang", lang)
            assert said.code == 0, said.err
            assert said.out.strip()
    for noun in ("dataset", "decision", "passage", "token"):
        assert sekisho(noun, "list", "--data", home).code == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"tenant": ""},
        {"tenant": " "},
        {"site": "nowhere"},
        {"site": ""},
        {"purpose": ""},
        {"purpose": "a\tb"},
        {"tenant": 'a"b'},
        {"tenant": "x" * 300},
        {"purpose": "か\u3099"},
    ],
    ids=str,
)
def test_what_no_question_could_carry_is_not_registered(
    sekisho: Any, home: Path, changed: dict[str, str]
) -> None:
    said = register(sekisho, home, **changed)
    assert said.code == 2
    one_line(said)
    assert len(at(sekisho, home, "dataset", "list").json["datasets"]) == 1


@pytest.mark.parametrize("missing", ["tenant", "site", "purpose"])
def test_a_dataset_without_owner_place_or_purpose_is_bad_usage(
    sekisho: Any, home: Path, missing: str
) -> None:
    stated = {"tenant": "t", "site": "tokyo", "purpose": "care"}
    words = [w for key, value in stated.items() if key != missing for w in (f"--{key}", value)]
    said = at(sekisho, home, "dataset", "register", PATIENTS, *words)
    assert said.code == 2
    one_line(said)
    assert missing in said.err


def test_what_is_marked_highest_is_refused_and_nothing_of_it_is_kept(
    sekisho: Any, home: Path
) -> None:
    said = register(sekisho, home, declared="L5")
    assert said.code == 1
    one_line(said)
    assert len(at(sekisho, home, "dataset", "list").json["datasets"]) == 1


def test_a_file_of_mixed_encoding_is_registered_unknown_and_high(
    sekisho: Any, home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mixed.csv"
    header, *rows = PATIENTS.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_bytes(header.encode() + "".join(rows).encode("cp932"))
    said = register(sekisho, home, file)
    assert said.json["unknown"] is True
    assert "row 2" in said.json["unreadable"]
    assert said.json["provisional"] is True
    asked = at(sekisho, home, "passage", "request", said.json["id"], "--to", "itoshima")
    assert asked.code == 1
    assert asked.json["passage"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("dataset", "show", "ds-0"),
        ("dataset", "place", "ds-0"),
        ("decision", "show", "d-0"),
        ("decision", "replay", "d-0"),
        ("passage", "request", "ds-0", "--to", "inzai"),
        ("passage", "revoke", "p-0", "--reason", "r"),
        ("token", "revoke", "0"),
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_bad_input_in_one_line(
    sekisho: Any, home: Path, words: tuple[str, ...]
) -> None:
    said = sekisho(*words, "--data", home)
    assert said.code == 2
    one_line(said)
    assert words[2] in said.err


# passage and decision


def test_a_passage_is_asked_for_listed_and_revoked(
    sekisho: Any, home: Path, template: tuple[Path, str], tmp_path: Path
) -> None:
    permit = tmp_path / "permit"
    asked = at(
        sekisho, home, "passage", "request", template[1], "--to", "itoshima", "--permit", permit
    )
    passage = asked.json["passage"]
    assert (asked.code, asked.json["verdict"]) == (0, "permit")
    assert permit.read_text() == passage["permit"]
    assert [e["id"] for e in at(sekisho, home, "passage", "list").json["passages"]] == [
        passage["id"]
    ]
    stop = ("passage", "revoke", passage["id"], "--reason", "drill", "--data", home)
    assert sekisho(*stop).code == 0
    again = sekisho(*stop)
    assert again.code == 1
    one_line(again)
    (listed,) = at(sekisho, home, "passage", "list").json["passages"]
    assert listed["state"] == "revoked"


def test_a_passage_to_any_cluster_goes_to_the_nearest_permitted(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    asked = at(sekisho, home, "passage", "request", template[1], "--to-any-cluster")
    nearest = min(
        (
            row["paths"][0]["km"]
            for row in at(sekisho, home, "dataset", "place", template[1]).json["placements"]
            if row["paths"]
        ),
    )
    assert asked.json["paths"][0]["km"] == nearest


def test_a_refused_passage_exits_1_and_writes_no_permit(
    sekisho: Any, home: Path, template: tuple[Path, str], tmp_path: Path
) -> None:
    asked = at(
        sekisho, home, "passage", "request", template[1], "--to", "taoyuan",
        "--permit", tmp_path / "permit",
    )  # fmt: skip
    assert asked.code == 1
    assert asked.json["paths"] == []
    assert asked.json["refusal"]["reasons"]
    assert not (tmp_path / "permit").exists()


def test_decisions_are_listed_shown_and_replayed(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    for target in ("itoshima", "taoyuan"):
        at(sekisho, home, "passage", "request", template[1], "--to", target)
    listed = at(sekisho, home, "decision", "list").json["decisions"]
    assert [row["verdict"] for row in listed] == ["refuse", "permit"]
    refused = at(sekisho, home, "decision", "list", "--verdict", "refuse").json["decisions"]
    assert [row["id"] for row in refused] == [listed[0]["id"]]
    for row in listed:
        shown = at(sekisho, home, "decision", "show", row["id"])
        assert shown.json["answer"]["verdict"] == row["verdict"]
        assert sekisho("decision", "show", row["id"], "--data", home).code == 0
        replayed = at(sekisho, home, "decision", "replay", row["id"])
        assert (replayed.code, replayed.json["result"]) == (0, "same")


def test_a_decision_whose_bytes_were_changed_is_not_replayable(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    at(sekisho, home, "passage", "request", template[1], "--to", "itoshima")
    (row,) = at(sekisho, home, "decision", "list").json["decisions"]
    question = at(sekisho, home, "decision", "show", row["id"]).json["question"]
    bare = question.removeprefix("sha256:")
    (home / "objects" / bare[:2] / bare).write_bytes(b"{}")
    replayed = at(sekisho, home, "decision", "replay", row["id"])
    assert (replayed.code, replayed.json["result"]) == (1, "not replayable")


# token and trust


def test_a_token_is_shown_once_listed_without_it_and_revoked(sekisho: Any, home: Path) -> None:
    issued = at(sekisho, home, "token", "issue", "--role", "tenant", "--name", "n", "--tenant", "t")
    token = issued.json["token"]
    listed = at(sekisho, home, "token", "list")
    identity = token.split("_")[1]
    assert [row["id"] for row in listed.json["tokens"]] == [identity]
    assert token.split("_", 2)[2] not in listed.out
    assert sekisho("token", "revoke", identity, "--data", home).code == 0
    assert at(sekisho, home, "token", "list").json["tokens"][0]["revoked"] is True


def test_a_tenants_token_without_a_tenant_is_bad_input(sekisho: Any, home: Path) -> None:
    said = at(sekisho, home, "token", "issue", "--role", "tenant", "--name", "n")
    assert said.code == 2
    one_line(said)
    assert at(sekisho, home, "token", "list").json["tokens"] == []


def test_trust_shows_who_may_do_what_and_that_it_is_a_toy(sekisho: Any, home: Path) -> None:
    said = at(sekisho, home, "trust", "show")
    assert said.code == 0
    assert said.json["root"] == {"keys": 3, "threshold": 2, "toy": True}
    assert "permit" in said.json["roles"]
    assert "TOY" in sekisho("trust", "show", "--data", home).out


def test_a_tampered_trust_bundle_is_a_no(sekisho: Any, home: Path) -> None:
    bundle = home / "trust" / "bundle"
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    bundle.write_bytes(raw)
    said = at(sekisho, home, "trust", "show")
    assert said.code == 1
    one_line(said)


# audit


def test_an_untouched_log_verifies_and_checks(sekisho: Any, home: Path) -> None:
    for verb in ("verify", "fsck"):
        said = at(sekisho, home, "audit", verb)
        assert (said.code, said.json["ok"]) == (0, True), said.out
        assert sekisho("audit", verb, "--data", home).code == 0


def test_a_flipped_byte_anywhere_under_the_log_is_found_by_one_of_the_two(
    sekisho: Any, home: Path
) -> None:
    files = sorted(each for each in (home / "log").rglob("*") if each.is_file())
    assert files
    for file in files:
        raw = file.read_bytes()
        for place in {0, len(raw) // 2, len(raw) - 1} if raw else set():
            spoilt = bytearray(raw)
            spoilt[place] ^= 1
            file.write_bytes(spoilt)
            codes = [at(sekisho, home, "audit", verb).code for verb in ("verify", "fsck")]
            file.write_bytes(raw)
            assert max(codes) == 1, (file, place, codes)
    assert at(sekisho, home, "audit", "verify").code == 0


def test_a_stray_file_under_the_log_is_found(sekisho: Any, home: Path) -> None:
    (home / "log" / "notes.txt").write_text("mine")
    codes = [at(sekisho, home, "audit", verb).code for verb in ("verify", "fsck")]
    assert 1 in codes


def test_an_auditor_with_another_trust_file_says_no(
    sekisho: Any, home: Path, tmp_path: Path, example_network: Any
) -> None:
    from api.founding import created  # noqa: PLC0415 - the one test that makes another

    with created(tmp_path / "other", example_network, []):
        pass
    said = at(sekisho, home, "audit", "verify", "--trust", tmp_path / "other.trust")
    assert said.code == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"origin": 1}', "\xff"], ids=repr)
def test_a_trust_file_that_is_none_is_bad_input(
    sekisho: Any, home: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "t").write_bytes(text.encode("latin-1"))
    said = at(sekisho, home, "audit", "verify", "--trust", tmp_path / "t")
    assert said.code == 2
    one_line(said)


def test_findings_are_shown_one_a_line_and_counted(sekisho: Any, home: Path) -> None:
    (home / "log" / "notes.txt").write_text("mine")
    said = sekisho("audit", "fsck", "--data", home)
    assert said.code == 1
    assert "notes.txt" in said.out
    assert said.out.splitlines()[-1].startswith("NOT OK: ")


# network and policy


def test_the_network_in_force_is_shown_and_so_is_a_file(sekisho: Any, home: Path) -> None:
    inside = at(sekisho, home, "network", "show")
    outside = at(
        sekisho, home, "network", "show", "--network", resources.example("network/jpn48.json")
    )
    assert inside.code == outside.code == 0
    assert len(inside.json["nodes"]) == len(outside.json["nodes"])
    for lang in ("ja", "en"):
        assert "tokyo" in sekisho("network", "show", "--data", home, "--lang", lang).out


def test_graphml_is_imported_and_paths_are_found_in_it(sekisho: Any, tmp_path: Path) -> None:
    graphml = tmp_path / "net.graphml"
    graphml.write_text(
        """<?xml version="1.0" encoding="utf-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="km" for="edge" attr.name="km" attr.type="double"/>
<graph edgedefault="undirected"><node id="a"/><node id="b"/><node id="c"/>
<edge source="a" target="b"><data key="km">10</data></edge>
<edge source="b" target="c"><data key="km">5</data></edge></graph></graphml>""",
        encoding="utf-8",
    )
    out = tmp_path / "net.json"
    said = sekisho("network", "import", graphml, "-o", out, "--output", "json")
    assert said.code == 0, said.err
    assert said.json["format"] == "graphml"
    found = sekisho(
        "path", "find", "--network", out, "--from", "a", "--to", "c", "--label", "L0",
        "--output", "json",
    )  # fmt: skip
    assert (found.code, found.json["paths"][0]["km"]) == (0, 15)


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><graphml>&e;</graphml>',
        "<graphml>",
        "graph [ node [ id ",
        "plain words",
        "",
    ],
    ids=["entity", "open", "gml", "words", "empty"],
)
def test_what_is_no_network_in_any_format_leaves_nothing_written(
    sekisho: Any, tmp_path: Path, text: str
) -> None:
    (tmp_path / "x").write_text(text)
    said = sekisho("network", "import", tmp_path / "x", "-o", tmp_path / "out.json")
    assert said.code == 2
    one_line(said)
    assert not (tmp_path / "out.json").exists()


def test_the_policy_is_tested_on_the_embedded_engine(sekisho: Any) -> None:
    said = sekisho(
        "policy", "test", "--engine", "embedded", "--generated", "50", "--output", "json"
    )
    assert said.code == 0
    assert said.json["vectors"] >= 60
    assert (said.json["generated"], said.json["disagreements"]) == (50, [])


def test_words_are_shown_where_no_json_is_asked_for(
    sekisho: Any, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "p").write_bytes(b"plain")
    issue = ("token", "issue", "--role", "auditor", "--name", "a")
    for words, shown in (
        (("policy", "test", "--engine", "embedded", "--generated", "0"), "vectors"),
        (("seal", tmp_path / "p", "-o", tmp_path / "s", "--data", home), "5 bytes sealed"),
        (("open", tmp_path / "s", "-o", tmp_path / "o", "--data", home), "5 bytes"),
        ((*issue, "--data", home), "sk_"),
        (("token", "list", "--data", home), "auditor"),
        (("dataset", "register", PATIENTS, "--tenant", "t", "--site", "tokyo",
          "--purpose", "care", "--data", home), "ds-"),
    ):  # fmt: skip
        said = sekisho(*words)
        assert said.code == 0, said.err
        assert shown in said.out
    sealed = sekisho(
        "seal", tmp_path / "p", "-o", tmp_path / "s", "--data", home, "--output", "json"
    )
    opened = sekisho(
        "open", tmp_path / "s", "-o", tmp_path / "o", "--data", home, "--output", "json"
    )
    assert sealed.json["content"] == opened.json["content"]


@pytest.mark.parametrize("opa", ["/bin/false", "/etc/hostname"])
def test_a_dead_opa_is_unavailable_in_one_line(
    sekisho: Any, monkeypatch: pytest.MonkeyPatch, opa: str
) -> None:
    monkeypatch.setenv("SEKISHO_OPA", opa)
    said = sekisho("policy", "test", "--engine", "opa", "--generated", "0")
    assert said.code == 3
    one_line(said)


# no instance, and start-up


@pytest.mark.parametrize(
    "words",
    [
        ("dataset", "list"),
        ("dataset", "show", "ds-0"),
        ("dataset", "place", "ds-0"),
        ("decision", "list"),
        ("passage", "list"),
        ("token", "list"),
        ("trust", "show"),
        ("network", "show"),
        ("audit", "verify"),
        ("audit", "fsck"),
    ],
    ids=" ".join,
)
def test_a_missing_instance_is_bad_input_in_one_line_and_none_is_made(
    sekisho: Any, tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = sekisho(*words, "--data", tmp_path / "none")
    assert said.code == 2
    one_line(said)
    assert str(tmp_path / "none") in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_directory_can_be_named_in_the_environment(
    sekisho: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_DATA", str(home))
    assert len(json.loads(sekisho("dataset", "list", "--output", "json").out)["datasets"]) == 1


def test_help_imports_nothing_that_is_slow() -> None:
    script = (
        "import sys\n"
        "from api.cli.main import group\n"
        "group(['--help'], standalone_mode=False)\n"
        "slow = {'numpy', 'scipy', 'pydantic', 'rich', 'networkx', 'sqlmodel', 'pyarrow',"
        " 'fastapi', 'cryptography', 'regopy'} & set(sys.modules)\n"
        "assert not slow, slow\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=HERE, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "sekisho demo" in ended.stdout


def test_the_command_ends_with_the_same_codes_as_a_process(home: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_TRACEBACK"}
    for words, code in (
        (("decision", "list", "--data", str(home)), 0),
        (("decision", "show", "d-0", "--data", str(home)), 2),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "api.cli", *words],
            cwd=HERE, capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert ended.returncode == code
        assert "Traceback" not in ended.stderr


def test_every_command_has_help(sekisho: Any) -> None:
    from api.cli.main import COMMANDS  # noqa: PLC0415 - beside its one use

    for name in sorted(COMMANDS):
        said = sekisho(name, "--help")
        assert said.code == 0, (name, said.err)
        assert said.out.startswith("Usage: ")


# other people's text


@pytest.mark.parametrize("mark", ["\x1b[31m", "\x9b", "\u202e", "\x07", "\udcff"], ids=ascii)
def test_a_terminal_obeys_nothing_that_a_document_says(
    sekisho: Any, tmp_path: Path, mark: str
) -> None:
    document = {
        "name": "n",
        "epoch": 1,
        "nodes": [{"id": "a", "name": f"A{mark}B"}, {"id": "b"}],
        "links": [{"id": "s", "source": "a", "target": "b", "km": 1}],
    }
    network = tmp_path / "n.json"
    network.write_text(json.dumps(document))
    (tmp_path / "t.csv").write_bytes(f"A{mark}B,c\n1,2\n".encode(errors="surrogateescape"))
    for words in (
        ("network", "show", "--network", network),
        ("classify", tmp_path / "t.csv"),
        ("path", "find", "--network", network, "--from", "a", "--to", f"b{mark}", "--label", "L0"),
        ("path", "find", "--network", network, "--from", "a", "--to", "b", "--label", "L0"),
    ):
        said = sekisho(*words)
        assert mark not in said.out + said.err, words
        assert "Traceback" not in said.err


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "a\udcff"], ids=ascii)
def test_a_name_that_is_not_one_line_of_text_is_not_registered(
    sekisho: Any, home: Path, name: str
) -> None:
    said = register(sekisho, home, name=name)
    assert said.code == 2
    one_line(said)


@pytest.mark.parametrize("noun", ["decision", "dataset"])
def test_a_word_that_is_no_text_is_bad_input(sekisho: Any, home: Path, noun: str) -> None:
    said = sekisho(noun, "show", "x\udcff", "--data", home)
    assert said.code == 2
    one_line(said)


def test_a_file_name_that_is_no_text_is_escaped_in_json(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    Path(name).write_bytes(b"a,b\n1,2\n")
    ended = subprocess.run(
        [sys.executable, "-m", "api.cli", "classify", name, "--output", "json"],
        cwd=HERE, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0
    assert json.loads(ended.stdout.decode("utf-8"))["file"] == name


def test_japanese_is_shown_on_a_terminal_that_cannot_spell_it() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [sys.executable, "-m", "api.cli", "network", "show", "--lang", "ja", "--network",
         resources.example("network/jpn48.json")],
        cwd=HERE, capture_output=True, check=False, env=environment,
    )  # fmt: skip
    assert ended.returncode == 0
    assert b"tokyo" in ended.stdout
