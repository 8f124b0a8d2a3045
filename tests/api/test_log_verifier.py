"""Other people's tools verify what we publish."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from api.log.writer import Log
from crypto.tlog.keys import KeyKind, NoteSigner

SOURCE = Path(__file__).parents[1] / "verifier"
SIGNERS = [NoteSigner("log.example/a", kind, bytes([kind]) * 32) for kind in KeyKind]
VKEYS = [signer.key.vkey for signer in SIGNERS]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("go") / "verifier"
    reason = "no go on the path"
    if shutil.which("go"):
        command = ["go", "build", "-buildvcs=false", "-o", str(program), "."]
        built = subprocess.run(command, cwd=SOURCE, check=False, capture_output=True, text=True)
        if built.returncode == 0:
            return program
        reason = f"the verifier does not build: {built.stderr}"
    if os.environ.get("SEKISHO_REQUIRE_GO") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def run(program: Path, log: Path, *earlier: Path) -> "subprocess.CompletedProcess[str]":
    command = [str(program), str(log), *VKEYS, *map(str, earlier)]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def write(directory: Path, sizes: list[int]) -> list[Path]:
    notes: list[Path] = []
    with Log.open(
        directory / "log",
        state=directory / "state",
        origin="log.example/a",
        signers=SIGNERS,
        clock=lambda: 1_800_000_000,
        interval=None,
    ) as log:
        for size in sizes:
            for index in range(log.size, size):
                log.append_now(f"entry {index} ".encode() * (index % 40 + 1))
            notes.append(directory / f"checkpoint-{size}")
            notes[-1].write_bytes(log.checkpoint().note)
    return notes


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 700])
def test_go_verifies_both_signatures_every_entry_and_every_earlier_checkpoint(
    verifier: Path, tmp_path: Path, size: int
) -> None:
    notes = write(tmp_path, sorted({1, (size + 1) // 2, max(1, size - 1), size}))
    done = run(verifier, tmp_path / "log", *notes)
    assert (done.stdout, done.stderr) == (f"{size}\n", "")


def test_go_refuses_an_edited_size_and_a_changed_bundle(verifier: Path, tmp_path: Path) -> None:
    write(tmp_path, [300])
    checkpoint = tmp_path / "log" / "checkpoint"
    note = checkpoint.read_bytes()
    checkpoint.write_bytes(note.replace(b"\n300\n", b"\n299\n"))
    assert run(verifier, tmp_path / "log").returncode == 1
    checkpoint.write_bytes(note)
    bundle = tmp_path / "log" / "tile" / "entries" / "001.p" / "44"
    bundle.write_bytes(bundle.read_bytes().replace(b"entry 280", b"entry 281"))
    assert run(verifier, tmp_path / "log").returncode == 1
