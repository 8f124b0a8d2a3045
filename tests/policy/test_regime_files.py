"""The taxonomy's reader against files that are wrong, hostile or merely careless."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st

from policy import regime_yaml
from policy.canonical import canonical
from policy.errors import TaxonomyError
from policy.regime_yaml import DEEPEST, MOST_BYTES, read_yaml
from policy.regimes import load_taxonomy

FILES = sorted((Path(__file__).parents[2] / "policy/taxonomy").glob("*.yaml"))
FAULTS = json.loads((Path(__file__).parent / "taxonomy_faults.json").read_bytes())
TITLE = {"ja": "題", "en": "Title"}
Document = dict[str, Any]


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reads_the_packaged_files_as_any_yaml_reader_does(
    path: Path, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regime_yaml, "_Loader", getattr(yaml, loader))
    assert read_yaml(path.name, path.read_bytes()) == yaml.safe_load(path.read_bytes())


@pytest.mark.parametrize(
    "text",
    ["NO", "yes", "on", "null", "~", "1.5", "0x10", "010", "1_000", "12:30", "2026-11-23", "'1'",
     "'true'", "True", "\n  - |-\n    12\n", "9" * 17],
)  # fmt: skip
def test_what_is_no_plain_decimal_and_not_true_or_false_stays_a_string(text: str) -> None:
    read = read_yaml("f", f"a: {text}\n".encode())
    assert isinstance(read, dict)
    (value,) = read["a"] if isinstance(read["a"], list) else (read["a"],)
    assert isinstance(value, str)


def test_integers_and_truth_values_are_themselves() -> None:
    assert read_yaml("f", b"[0, 12, -3, true, false]") == [0, 12, -3, True, False]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "f: the document is empty"),
        (b"# only a comment\n", "f: the document is empty"),
        (b"a: 1\n---\nb: 2\n", "f: line 2: a second document"),
        (b"a: 1\na: 2\n", "f: line 2: the key 'a' is repeated"),
        (b"a: &x [1]\nb: *x\n", "f: line 1: anchors and aliases"),
        (b"a: &x 1\n", "f: line 1: anchors and aliases"),
        (b"a: !!python/object:os.system x\n", "f: line 1: tags"),
        (b"!!set {a}\n", "f: line 1: tags"),
        (b"? [1, 2]\n: 3\n", "f: line 1: a key is a string"),
        (b"1: 2\n", "f: line 1: a key is a string"),
        (b"a: [1, 2\n", "f: line 2: "),
        (b"a: 'x\n", "f: line 2: "),
        (b"\ta: 1\n", "f: line 1: "),
        (b"a: \xff\n", "f: byte 3 is not UTF-8"),
        (b"a: \x00\n", "f: a character that YAML does not allow"),
        (b"a: \x07\n", "f: a character that YAML does not allow"),
        (b"[" * 40 + b"]" * 40, f"f: line 1: nested deeper than {DEEPEST}"),
        (b"[" * 100_000, "f: line 1: "),
        (b"{a: " * 50_000, "f: line 1: "),
        (b" " * (MOST_BYTES + 1), "f: 524289 bytes, at most 524288 are read"),
    ],
    ids=lambda value: None if isinstance(value, str) else repr(value[:12]) + str(len(value)),
)
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
def test_a_file_that_is_not_plain_yaml_is_refused_with_its_line(
    raw: bytes, message: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regime_yaml, "_Loader", getattr(yaml, loader))
    with pytest.raises(TaxonomyError) as failure:
        read_yaml("f", raw)
    assert str(failure.value).startswith(message)


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!?|>'\"#%@\n \t1", max_size=60).map(str.encode))
@example(b"\xef\xbb\xbfa: 1")
@example(b"%YAML 9.9\n---\na")
@example(b"... ... ---")
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        value = read_yaml("f", raw)
    except TaxonomyError:
        return
    assert canonical(value)


def small() -> dict[str, Document]:
    """The smallest taxonomy that loads, one section each."""
    record = {
        "id": "xx.law", "kind": "data", "title": TITLE, "level": "L2", "applies_to": ["thing"],
        "placement": {"allowed": ["@ZONE", "JP"], "basis": "law", "certainty": "V"},
        "accreditations": [{"one_of": ["badge"], "basis": "policy", "certainty": "P"}],
        "suite": {"floor": "std", "basis": "policy", "certainty": "P"},
        "obligations": ["duty"], "basis": "law", "certainty": "V", "citation": "Law 1",
    }  # fmt: skip
    provider = {
        "id": "xx.badge", "kind": "provider", "title": TITLE, "attests": ["badge"],
        "basis": "law", "certainty": "K", "citation": "Law 2",
    }  # fmt: skip
    rule = {
        "id": "mosaic.x", "title": TITLE, "when": {"categories": ["part"], "counts": {"n": 3}},
        "then": {"categories": ["thing"], "regimes": ["xx.law"]},
        "basis": "law", "certainty": "V", "citation": "Law 1",
    }  # fmt: skip
    group = {"id": "ZONE", "title": TITLE, "codes": ["DE"], "citation": "T", "certainty": "K"}
    documents = {
        "words.yaml": {
            "v": 1,
            "groups": [group],
            "accreditations": [{"id": "badge", "title": TITLE}],
            "counts": [{"id": "n", "title": TITLE}],
            "obligations": [{"id": "duty", "title": TITLE}],
            "categories": [
                {"id": "thing", "level": "L1", "title": TITLE},
                {"id": "part", "level": "L0", "alone": True, "title": TITLE},
            ],
        },
        "laws.yaml": {"v": 1, "records": [record, provider], "rules": [rule]},
    }
    apart: dict[str, Document] = json.loads(json.dumps(documents))  # nothing is shared any more
    return apart


def written(documents: dict[str, Document]) -> dict[str, bytes]:
    return {
        name: yaml.safe_dump(document, allow_unicode=True).encode()
        for name, document in documents.items()
    }


@cache
def small_bytes() -> dict[str, bytes]:
    return written(small())


def test_the_smallest_taxonomy_loads() -> None:
    taxonomy = load_taxonomy(small_bytes())
    label = taxonomy.label_of(["part"], counts={"n": 3})
    assert label.placement.allowed == frozenset({"JP", "DE"})
    assert label.regimes == {"xx.law"}


def damaged(place: str, *value: Any) -> dict[str, bytes]:
    """The smallest taxonomy with `value` at `place`, or with nothing there."""
    documents: Any = small()
    name, *path = place.split("/")
    *above, last = path
    at = documents[name]
    for step in above:
        at = at[int(step) if isinstance(at, list) else step]
    if value:
        at[last] = value[0]
    else:
        del at[last]
    return written(documents)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["fault"])
def test_a_fault_is_refused_and_named_with_its_file_and_place(fault: Document) -> None:
    value = [fault["value"]] if "value" in fault else []
    with pytest.raises(TaxonomyError) as failure:
        load_taxonomy(damaged(fault["place"], *value))
    assert str(failure.value).startswith(fault["expect"])


def test_a_record_that_nothing_brings_is_refused() -> None:
    documents = small()
    lost = {**small()["laws.yaml"]["records"][0], "id": "xx.lost", "applies_to": []}
    documents["laws.yaml"]["records"].append(lost)
    with pytest.raises(TaxonomyError, match=r"^laws\.yaml: records/2/applies_to: nothing brings"):
        load_taxonomy(written(documents))


@pytest.mark.parametrize("raw", [b"[]", b"text", b"1"], ids=["list", "text", "number"])
def test_a_file_that_is_no_mapping_is_refused(raw: bytes) -> None:
    with pytest.raises(TaxonomyError, match=r"^words\.yaml: /: "):
        load_taxonomy({**small_bytes(), "words.yaml": raw})


def test_what_a_hostile_file_says_is_not_repeated() -> None:
    with pytest.raises(TaxonomyError) as failure:
        load_taxonomy(damaged("laws.yaml/records/0/level", "4111 1111 1111 1111"))
    assert "4111" not in str(failure.value)


def test_a_hostile_key_stays_on_one_short_line() -> None:
    with pytest.raises(TaxonomyError) as failure:
        load_taxonomy(damaged("laws.yaml/records/0/x\n\u202e" + "y" * 900, 1))
    assert str(failure.value).isprintable()
    assert len(str(failure.value)) < 200


def test_nothing_at_all_and_far_too_many_files_are_refused() -> None:
    with pytest.raises(TaxonomyError, match="no file holds any"):
        load_taxonomy({})
    with pytest.raises(TaxonomyError, match="at most 64"):
        load_taxonomy({f"{at}.yaml": b"v: 1" for at in range(65)})


def test_two_demands_are_only_as_firm_as_the_weaker() -> None:
    firm = {"one_of": ["badge"], "basis": "law", "certainty": "V", "citation": "Law 9"}
    loose = {"one_of": ["badge"], "basis": "policy", "certainty": "P"}
    for demands in ([firm, loose], [loose, firm]):
        taxonomy = load_taxonomy(damaged("laws.yaml/records/0/accreditations", demands))
        ground = taxonomy.ground("xx.law", "accreditations")
        assert (ground.basis, ground.citation) == ("policy", "Law 1")
