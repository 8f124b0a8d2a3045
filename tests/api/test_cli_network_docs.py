"""The guide to routing cannot rot: every command in it is run, and must answer what it shows."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/routing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_every_command_of_the_guide_answers_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = {
        **os.environ,
        "SEKISHO_DATA": str(tmp_path / "none"),
        "COLUMNS": "92",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    sessions = [
        part for block in BLOCKS for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part
    ]
    assert len(sessions) >= 6
    for session in sessions:
        command, _, shown = session.partition("\n")
        answer = subprocess.run(
            shlex.split(command),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        assert _plain(answer.stdout) == _plain(shown), command


def test_every_figure_of_the_guide_has_its_bench() -> None:
    benches = (ROOT / "bench/routing.py").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w[^|]*?) \|", GUIDE.partition("## Figures")[2], re.MULTILINE)
    assert len(rows) >= 8
    for row in rows[1:]:
        assert row.split(",")[0] in benches, row
