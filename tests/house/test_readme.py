"""The README cannot rot: every command in it is run, and must answer what it shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ", re.MULTILINE)
IDENTITY = re.compile(r"\b(ds|d|p)-[0-9a-f]{16}\b")


def _sessions() -> list[tuple[str, str]]:
    """Return every command with the answer that the README shows."""
    parts = [part for block in BLOCKS for part in COMMAND.split(block) if part]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def _plain(text: str) -> str:
    """Drop what differs from run to run (ids) and what nobody sees (spaces at line ends)."""
    named = IDENTITY.sub(r"\1-…", text)
    return "\n".join(line.rstrip() for line in named.strip().splitlines())


@pytest.mark.xdist_group("readme")
def test_every_command_of_the_readme_answers_what_it_shows(tmp_path: Path) -> None:
    assert len(_sessions()) >= 4
    environment = {
        **os.environ,
        "SEKISHO_DATA": str(tmp_path / "instance"),
        "COLUMNS": "92",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    known: dict[str, str] = {}
    for command, shown in _sessions():
        words = shlex.split(IDENTITY.sub(lambda found: known.get(found[1], found[0]), command))
        answer = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert _plain(answer.stdout) == _plain(shown), answer.stderr
        known.update({found[1]: found[0] for found in IDENTITY.finditer(answer.stdout)})


def test_the_two_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    wanted = re.findall(r"^make (\w+)", README, re.MULTILINE)
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert wanted == ["run", "test"]
    assert set(wanted) <= set(targets)


def test_every_page_that_the_readme_names_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]
