"""Where things may stand, how long they may be, and what may never be written down."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("policy", "routing", "crypto", "api")
TOP = {
    *PACKAGES,
    *("tests", "docs", "bench", "examples", ".ci"),
    *("pyproject.toml", "requirements.txt", "requirements-dev.txt", "Makefile", ".gitignore"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}
LONGEST = 250
LONGER: dict[str, str] = {}  # path -> why it may be longer
KINDS = {"utils", "helpers", "common", "services", "misc", "crud", "manager", "core", "models"}


def tracked() -> list[Path]:
    """Return the repository's files: tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if outcome.returncode != 0:
        pytest.skip("not a git checkout")
    names = [Path(name) for name in outcome.stdout.decode().split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]


def python() -> list[Path]:
    return [name for name in tracked() if name.suffix == ".py"]


def test_nothing_stands_outside_the_rooms() -> None:
    assert {name.parts[0] for name in tracked()} <= TOP


def test_every_package_says_what_it_is() -> None:
    folders = {name.parent for name in python() if name.parts[0] in PACKAGES}
    assert {folder for folder in folders if not (ROOT / folder / "__init__.py").is_file()} == set()


def test_our_generic_names_mean_our_packages() -> None:
    for package in PACKAGES:
        origin = importlib.import_module(package).__file__
        assert origin is not None
        assert Path(origin).is_relative_to(ROOT), f"{package} comes from {origin}"


def test_no_file_is_longer_than_one_sitting() -> None:
    long = {
        str(name): count
        for name in python()
        if name.parts[0] != "tests"
        and (count := len((ROOT / name).read_text(encoding="utf-8").splitlines())) > LONGEST
        and str(name) not in LONGER
    }
    assert long == {}


def test_the_exceptions_are_still_needed() -> None:
    for name in LONGER:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > LONGEST


def test_no_rego_file_is_longer_than_a_page() -> None:
    rego = [name for name in tracked() if name.suffix == ".rego"]
    assert {str(name) for name in rego if (ROOT / name).read_bytes().count(b"\n") > 120} == set()


def test_no_module_is_named_for_a_kind_of_code() -> None:
    assert {str(name) for name in python() if {*name.parts[:-1], name.stem} & KINDS} == set()


def test_test_files_have_names_of_their_own() -> None:
    names = [name.name for name in python() if name.parts[0] == "tests"]
    repeated = {name for name in names if names.count(name) > 1}
    assert repeated <= {"conftest.py"}


def test_tests_are_no_packages() -> None:
    assert [name for name in python() if name.parts[0] == "tests" and name.stem == "__init__"] == []


def test_no_index_address_stands_anywhere() -> None:
    hosts = [".".join(parts) for parts in (("py" + "pi", "org"), ("python" + "hosted", "org"))]
    patterns = [
        *map(re.escape, hosts),
        "--" + "index-url",
        "--extra-" + "index",
        "find-" + "links =",
    ]
    forbidden = re.compile("|".join(patterns).encode())
    guilty = [
        str(name) for name in tracked() if forbidden.search((ROOT / name).read_bytes()) is not None
    ]
    assert guilty == []


def test_no_path_of_one_machine_stands_anywhere() -> None:
    forbidden = re.compile(("/" + "work/|/" + "root/|/" + "home/[a-z]").encode())
    guilty = {
        str(name) for name in tracked() if forbidden.search((ROOT / name).read_bytes()) is not None
    }
    assert guilty == set()
