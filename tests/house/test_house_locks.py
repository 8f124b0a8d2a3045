"""The locks pin everything by hash, and name nobody's index."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)(?: ; [^\\]+)?(?: \\)?$")


def entries(lock: str) -> dict[str, tuple[str, int]]:
    """Return name -> (version, number of hashes), refusing any line that is neither."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if not line or line.lstrip().startswith("#"):
            continue
        if re.fullmatch(r" {4}--hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            version, count = found[name]
            found[name] = version, count + 1
            continue
        pinned = PINNED.match(line)
        assert pinned is not None, f"{lock}: {line}"
        name = pinned[1]
        found[name] = pinned[2], 0
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_has_hashes(lock: str) -> None:
    assert {name for name, (_, hashes) in entries(lock).items() if hashes == 0} == set()


def test_both_locks_agree() -> None:
    run, develop = map(entries, LOCKS)
    assert {name: run[name] for name in run} == {name: develop[name] for name in run}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    asked_to_develop = project["project"]["optional-dependencies"]["dev"]
    run, develop = map(entries, LOCKS)
    assert {name(line) for line in asked} <= set(run)
    assert {name(line) for line in asked_to_develop} <= set(develop)


def name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return found[0].lower().replace("_", "-")
