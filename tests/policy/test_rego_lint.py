import pytest

from policy.errors import BundleError
from policy.rego_lint import lint

SHARED = "package sekisho.terms\n\nof(value) := {value}\n\ndefault meets(_, _) := false\n"
RULE = """package sekisho.rules.a

import data.sekisho.terms

holds contains p.id if {
	some p in input.profiles.a
	count(terms.of(p.facts.x)) > 0
	names := {name | some name in p.facts.x}
	_known(names)
}

_known(names) if count(names) > 0
"""


def check(rule: str) -> None:
    lint({"sekisho/terms/terms.rego": SHARED, "sekisho/rules/a/a.rego": rule})


def test_the_common_subset_passes() -> None:
    check(RULE)


@pytest.mark.parametrize(
    "line",
    [
        "x if http.send({})",
        "x if opa.runtime()",
        "x if sprintf(`a`, [])",
        'x := concat("", ["a"])',
        "x if time.now_ns() > 0",
        "x := object.union({}, {})",
        "x := terms.other(1)",
        "x := other.of(1)",
        "x if data.sekisho.rules.b.holds with input as {}",
        "x if y = 1",
        "x := {1} | {2}",
        "x := a | b",
        "x := a & b",
        "x := a - b",
        r'x := "a\"b"' + " \\",
        "import rego.v1",
        "import input.x",
        "x := `raw`",
        "x if rego.metadata.rule()",
        "x := " + "1" * 130,
        "\n" * 300,
    ],
)
def test_what_engines_decide_differently_is_refused(line: str) -> None:
    with pytest.raises(BundleError, match=r"sekisho/rules/a/a\.rego"):
        check(f"{RULE}\n{line}\n")


@pytest.mark.parametrize(
    "path", ["sekisho/rules/b/a.rego", "sekisho/rules/a/b.rego", "a.rego", "sekisho/a/a.rego"]
)
def test_the_package_is_the_folder(path: str) -> None:
    with pytest.raises(BundleError):
        lint({"sekisho/terms/terms.rego": SHARED, path: RULE})


def test_no_package_is_refused() -> None:
    with pytest.raises(BundleError):
        lint({"sekisho/rules/a/a.rego": "holds := true\n"})


def test_words_in_strings_and_comments_are_free() -> None:
    check(RULE + '\nx := "with = | concat(" # with = | sprintf(\n')
