"""The two commands say in one line what is missing, and leave a good environment alone."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def make_environment(target: Path, pythons: str, path: Path) -> subprocess.CompletedProcess[str]:
    places = f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin"
    return subprocess.run(
        ["/bin/sh", str(ROOT / ".ci/venv"), str(target)],
        env={"PATH": places, "PYTHONS": pythons},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_without_python_one_line_says_what_to_install(tmp_path: Path) -> None:
    outcome = make_environment(tmp_path / "env", "python-of-nowhere", tmp_path)
    assert outcome.returncode == 3
    assert outcome.stderr.count("\n") == 1
    assert "no Python found" in outcome.stderr
    assert not (tmp_path / "env").exists()


def test_a_python_out_of_range_is_named(tmp_path: Path) -> None:
    pretend(tmp_path, "python-old", "exit 1")
    outcome = make_environment(tmp_path / "env", "python-old", tmp_path)
    assert outcome.returncode == 3
    assert outcome.stderr.startswith("sekisho: python-old is not Python 3.11 to 3.14")
    assert outcome.stderr.count("\n") == 1


def test_a_python_without_venv_names_the_package_that_brings_it(tmp_path: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.11;; esac'
    pretend(tmp_path, "python-bare", script)
    outcome = make_environment(tmp_path / "env", "python-bare", tmp_path)
    assert outcome.returncode == 3
    assert "apt install python3.11-venv" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_the_first_usable_python_makes_the_environment(tmp_path: Path) -> None:
    pretend(tmp_path, "python-old", "exit 1")
    pretend(tmp_path, "python-good", f'echo "$@" >> "{tmp_path}/asked"')
    outcome = make_environment(tmp_path / "env", "python-old python-good", tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert (tmp_path / "asked").read_text().splitlines()[-1] == f"-m venv --clear {tmp_path}/env"


def test_a_usable_environment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "env/bin").mkdir(parents=True)
    pretend(tmp_path / "env/bin", "python", f'exec "{sys.executable}" "$@"')
    outcome = make_environment(tmp_path / "env", "python-of-nowhere", tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")


def test_every_target_is_explained() -> None:
    if shutil.which("make") is None:
        pytest.skip("no make")
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert {f"make {target}" for target in phony.split()} - {"make help"} == set(
        re.findall(r"^make \w+", shown, re.MULTILINE)
    )


def test_installing_takes_the_locks_alone() -> None:
    installs = re.findall(r"\$\(PIP\) install (.*)", MAKEFILE)
    assert installs
    for options in installs:
        assert "--require-hashes" in options or "--no-deps --no-build-isolation" in options


@pytest.mark.parametrize(("required", "code"), [("0", 0), ("1", 1)])
def test_a_missing_opa_is_skipped_aloud_unless_required(
    tmp_path: Path, required: str, code: int
) -> None:
    outcome = subprocess.run(
        ["/bin/sh", str(ROOT / ".ci/opa"), "test", "policy"],
        env={"PATH": "/bin", "HOME": str(tmp_path), "SEKISHO_REQUIRE_OPA": required},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == code
    assert "opa test: skipped" in outcome.stderr
