"""The house rules of Rego that no tool at hand checks for us."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from policy.bundle import Bundle
from policy.regimes import load_taxonomy
from policy.rego_lint import lint

ROOT: Final = Path(__file__).parents[2]
REGO: Final = ROOT / "policy" / "rego"
RULES: Final = REGO / "sekisho" / "rules"
SOURCES: Final = sorted(path for path in REGO.rglob("*.rego") if "_test" not in path.stem)
TESTS: Final = sorted(REGO.rglob("*_test.rego"))
PLACES: Final = re.compile(r"\{([a-z_]+)\}")


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(REGO).as_posix() for path in paths]


def refusals() -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each refusal's code and the names of its arguments."""
    head = re.compile(r'"code": "([a-z_.]+)",\s*"args": \{((?:[^{}]|\n)*?)\}')
    for path in SOURCES:
        for code, args in head.findall(path.read_text()):
            yield code, frozenset(re.findall(r'"([a-z_]+)":', args))


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_every_module_has_metadata_and_a_test_beside_it(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("# METADATA\n# title: ")
    assert path.with_name(f"{path.stem}_test.rego").is_file()
    assert path.parent.name == path.stem
    assert f"package {path.parent.relative_to(REGO).as_posix().replace('/', '.')}\n" in text


@pytest.mark.parametrize("path", SOURCES, ids=names(SOURCES))
def test_every_refusal_has_metadata_and_a_code_of_its_rule(path: Path) -> None:
    text = path.read_text()
    heads = [found.start() for found in re.finditer(r"^refusals contains", text, re.MULTILINE)]
    assert (RULES in path.parents) == bool(heads)
    for head in heads:
        assert re.search(r"# METADATA\n# title: [^\n]+\n\Z", text[:head]), text[head : head + 60]
    for code in re.findall(r'"code": "([^"]+)"', text):
        assert code.startswith(path.stem + ".")


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=names([*SOURCES, *TESTS]))
def test_every_file_is_short_narrow_and_in_snake_case(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 120
    for line in lines:
        assert len(line.expandtabs(4)) <= 120
        assert not re.match(r"[a-z_]*[A-Z]", re.sub(r'"[^"]*"|#.*', "", line).strip())
        assert not re.search(r"(?<![:=!<>])=(?!=)", re.sub(r'"[^"]*"|#.*', "", line))


@pytest.mark.parametrize("path", TESTS, ids=names(TESTS))
def test_every_test_is_a_claim(path: Path) -> None:
    rules = re.findall(r"^([a-z_]+)(?: |\()", path.read_text(), re.MULTILINE)
    public = {rule for rule in rules if not rule.startswith("_")} - {"package", "import"}
    assert public
    assert all(re.match(r"test_[a-z]+_", name) for name in public)


def test_no_rule_looks_at_the_input_through_with() -> None:
    for path in SOURCES:
        assert not re.search(r"\bwith\b", re.sub(r"#.*", "", path.read_text()))


def test_request_and_path_rules_hold_by_default_false(bundle: Bundle) -> None:
    for name, rule in bundle.rules.items():
        text = (RULES / name / f"{name}.rego").read_text()
        assert ("default holds := false" in text) == (rule.subject in {"request", "path"})
        assert ("holds contains p.id" in text) == (rule.subject in {"site", "cluster", "span"})
        assert f"input.profiles.{name}\n" in text or rule.subject in {"request", "path"}


def test_the_shipped_rego_passes_the_lint() -> None:
    lint({path.relative_to(REGO).as_posix(): path.read_text() for path in SOURCES})


def test_every_rule_is_required_somewhere_and_every_required_rule_exists(bundle: Bundle) -> None:
    levels = json.loads((REGO / "sekisho/levels/data.json").read_text())
    demands = json.loads((REGO / "sekisho/demands/data.json").read_text())
    tables = [level["required"] for level in levels.values()] + list(demands.values())
    required = {name for table in tables for found in table.values() for name in found}
    assert required == set(bundle.rules) == {path.name for path in RULES.iterdir()}


def test_levels_only_get_stricter() -> None:
    levels = json.loads((REGO / "sekisho/levels/data.json").read_text())
    for number in range(5):
        low, high = levels[f"L{number}"], levels[f"L{number + 1}"]
        assert (low["rank"], high["rank"]) == (number, number + 1)
        assert set(high["conduits"]) <= set(low["conduits"])
        for part in ("layers", "ciphers", "key_exchanges"):
            assert set(high["encryption"][part]) <= set(low["encryption"][part])
        assert high["lifetime_s"] <= low["lifetime_s"]


def test_no_level_accepts_a_cipher_that_does_not_authenticate() -> None:
    levels = json.loads((REGO / "sekisho/levels/data.json").read_text())
    for level in levels.values():
        for cipher in level["encryption"]["ciphers"]:
            assert re.search(r"GCM|POLY1305", cipher)


def test_the_known_obligations_are_those_of_the_taxonomy() -> None:
    folder = ROOT / "policy" / "taxonomy"
    documents = {path.name: path.read_bytes() for path in folder.glob("*.yaml")}
    load_taxonomy(documents)
    vocabulary = yaml.safe_load(documents["vocabulary.yaml"])
    known = json.loads((REGO / "sekisho/obligations/data.json").read_text())["known"]
    assert known == sorted(one["id"] for one in vocabulary["obligations"])


WORDS: Final[dict[str, dict[str, str]]] = yaml.safe_load(
    (ROOT / "api" / "wording" / "reasons.yaml").read_text()
)


def test_both_languages_fill_the_same_places() -> None:
    for code, sentences in WORDS.items():
        assert set(sentences) == {"en", "ja"}, code
        assert set(PLACES.findall(sentences["en"])) == set(PLACES.findall(sentences["ja"])), code
        assert all(sentence.strip() for sentence in sentences.values()), code


def test_every_refusal_can_be_said() -> None:
    found = dict(refusals())
    assert len(found) >= 25
    written = {
        code for path in SOURCES for code in re.findall(r'"code": "([^"]+)"', path.read_text())
    }
    assert set(found) == written
    for code, args in found.items():
        places = set(PLACES.findall(WORDS[code]["en"]))
        # What was measured, and the most that is allowed, are added where numbers are exact.
        assert places - {"most", "measured"} == args, code


def test_every_other_code_can_be_said(bundle: Bundle) -> None:
    for name, rule in bundle.rules.items():
        assert PLACES.findall(WORDS[f"{name}.unknown"]["en"]) == ["attributes"]
        assert {f"{name}.unexplained", f"rule.{name}", rule.remedy} <= set(WORDS)
        assert rule.remedy == f"remedy.{name}"
    known = json.loads((REGO / "sekisho/obligations/data.json").read_text())["known"]
    assert {f"obligation.{name}" for name in known} <= set(WORDS)
    engine = ("unavailable", "timeout", "undefined", "malformed", "stale", "failed")
    assert {f"engine.{name}" for name in engine} <= set(WORDS)
    for package in ("policy", "routing", "api"):
        for path in (ROOT / package).rglob("*.py"):
            assert set(re.findall(r'Reason\(\s*"([a-z_.]+)"', path.read_text())) <= set(WORDS), path


def test_nothing_is_said_that_no_code_says(bundle: Bundle) -> None:
    written = {
        code for path in SOURCES for code in re.findall(r'"code": "([^"]+)"', path.read_text())
    }
    for code in WORDS:
        first, _, rest = code.partition(".")
        if first in bundle.rules and code != "limits.blocking":  # routing's own
            assert code in written or rest in {"unknown", "unexplained"}, code
        else:
            assert first in {"engine", "limits", "obligation", "path", "policy", "remedy", "rule"}
