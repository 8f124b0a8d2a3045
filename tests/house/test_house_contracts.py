"""The import contracts hold on the tree, and each is seen to fail when it is broken on purpose."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("policy", "routing", "crypto", "api")

BREAKS = {
    "routing reaches into crypto": ("routing/stray.py", "import crypto.errors\n", "api above"),
    "crypto reaches into routing": ("crypto/stray.py", "from routing import errors\n", "api above"),
    "policy reaches up": ("policy/stray.py", "import api.errors\n", "api above"),
    "the core opens a socket": ("routing/stray.py", "import socket\n", "I/O"),
    "the core reads the clock": ("policy/stray.py", "from time import time\n", "I/O"),
    "the core walks the disk": ("crypto/stray.py", "from pathlib import Path\n", "I/O"),
    "the core speaks HTTP": ("policy/classify/stray.py", "import starlette.responses\n", "I/O"),
    "the core knows the database": ("policy/stray.py", "import sqlmodel\n", "I/O"),
    "the core logs": ("crypto/tlog/stray.py", "import logging\n", "I/O"),
    "another file asks OPA": ("policy/engines/stray.py", "import opa_client\n", "I/O"),
    "routing draws chance": ("routing/stray.py", "import secrets\n", "randomness"),
    "the gate knows SQL": ("api/gate.py", "import sqlmodel\n", "gate knows"),
    "the gate knows the store": ("api/gate.py", "import api.store.database\n", "gate knows"),
    "the console asks OPA itself": (
        "api/console/stray.py",
        "import policy.engines.opa\n",
        "Only the composition root",
    ),
    "the log knows the command line": ("api/log/stray.py", "import api.cli.main\n", "Store, log"),
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def test_the_tree_keeps_every_contract() -> None:
    outcome = lint(ROOT)
    assert outcome.returncode == 0, outcome.stdout


def test_the_copy_is_what_gets_judged(copy: Path) -> None:
    assert lint(copy).returncode == 0


@pytest.mark.parametrize("claim", sorted(BREAKS))
def test_a_broken_contract_is_found(copy: Path, claim: str) -> None:
    place, line, contract = BREAKS[claim]
    target = copy / place
    before = target.read_bytes() if target.exists() else None
    target.write_bytes(line.encode() + (before or b""))
    try:
        outcome = lint(copy)
    finally:
        target.unlink() if before is None else target.write_bytes(before)
    assert outcome.returncode == 1, claim
    broken = [row for row in outcome.stdout.splitlines() if " BROKEN" in row]
    assert any(contract in row for row in broken), broken


def test_a_circle_of_siblings_is_found(copy: Path) -> None:
    (copy / "routing/left.py").write_text("import routing.right\n")
    (copy / "routing/right.py").write_text("import routing.left\n")
    try:
        outcome = lint(copy)
    finally:
        (copy / "routing/left.py").unlink()
        (copy / "routing/right.py").unlink()
    assert outcome.returncode == 1
    assert "depends on a sibling that depends on it BROKEN" in outcome.stdout
