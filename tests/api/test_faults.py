"""Full disks, second starts, kills: one line, the right code, nothing half-written."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from api import resources
from api.errors import UnavailableError, UsageError
from api.founding import created, ensured
from api.instance import opened
from api.layout import Layout
from routing.network import Network

HERE = Path(__file__).parents[2]
PATIENTS = resources.example("datasets/patients.csv")
MEGABYTE = 1 << 20


def process(*words: Any, limit: int | None = None) -> "subprocess.CompletedProcess[str]":
    """Run the command as a process of its own whose files may grow to `limit` bytes."""

    def bounded() -> None:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_TRACEBACK"}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, words)],
        cwd=HERE, capture_output=True, text=True, check=False, env=environment,
        preexec_fn=bounded,
    )  # fmt: skip


def one_line(ended: Any, code: int) -> None:
    lines = [
        line
        for line in ended.stderr.splitlines()
        if not line.startswith(("reading ", "no instance in "))
    ]
    assert ended.returncode == code, ended.stderr
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("sekisho: ")
    assert "Traceback" not in ended.stderr


# A full disk.


def test_a_full_disk_under_a_sealed_file_leaves_nothing(
    template: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "plain").write_bytes(os.urandom(4 * MEGABYTE))
    ended = process(
        "seal", tmp_path / "plain", "-o", tmp_path / "out", "--data", template[0], limit=MEGABYTE
    )
    one_line(ended, 3)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["plain"]


def test_a_full_disk_under_an_opened_file_leaves_nothing(
    sekisho: Any, template: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "plain").write_bytes(os.urandom(4 * MEGABYTE))
    sealed = tmp_path / "sealed"
    assert sekisho("seal", tmp_path / "plain", "-o", sealed, "--data", template[0]).code == 0
    ended = process("open", sealed, "-o", tmp_path / "out", "--data", template[0], limit=MEGABYTE)
    one_line(ended, 3)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["plain", "sealed"]


@pytest.mark.parametrize("limit", [0, 4_000, 60_000])
def test_a_full_disk_under_a_new_instance_makes_none(tmp_path: Path, limit: int) -> None:
    ended = process(
        "token", "issue", "--role", "auditor", "--name", "a", "--data", tmp_path / "i", limit=limit
    )
    one_line(ended, 3)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("part", ["log", "objects"])
def test_a_full_disk_under_an_instance_registers_nothing_and_it_opens_again(
    home: Path, part: str, sekisho: Any
) -> None:
    layout = Layout(home)
    # A limit just above what already lies there: the next growth of the largest file is refused.
    sizes = {
        "log": max(p.stat().st_size for p in layout.log.rglob("*") if p.is_file()) + 64,
        "objects": 2_000,
    }
    ended = process(
        "dataset", "register", PATIENTS, "--tenant", "t", "--site", "tokyo", "--purpose", "care",
        "--data", home, limit=sizes[part],
    )  # fmt: skip
    one_line(ended, 3)
    with opened(home) as instance:
        assert len(instance.register.datasets()) == 1
    for verb in ("verify", "fsck"):
        assert sekisho("audit", verb, "--data", home).code == 0


def test_a_full_disk_under_an_imported_network_leaves_nothing(tmp_path: Path) -> None:
    ended = process(
        "network", "import", resources.example("network/jpn48.json"), "-o", tmp_path / "out",
        limit=10_000,
    )  # fmt: skip
    one_line(ended, 3)
    assert list(tmp_path.iterdir()) == []


# A second start.


def test_a_second_start_on_the_same_directory_is_one_line_and_changes_nothing(
    bench: Any, sekisho: Any
) -> None:
    home = bench.instance.layout.directory
    for words in (
        ("dataset", "place", bench.patients.id),
        ("passage", "request", bench.patients.id, "--to", "inzai"),
        ("token", "issue", "--role", "auditor", "--name", "a"),
        ("demo", "--output", "json"),
    ):
        before = bench.instance.log.size
        said = sekisho(*words, "--data", home)
        assert said.code == 3
        assert said.err.count("\n") == 1
        assert "another process" in said.err
        assert bench.instance.log.size == before
    one_line(process("token", "revoke", "0", "--data", home), 3)
    # What only reads is not in the way.
    assert sekisho("dataset", "list", "--data", home).code == 0


def test_a_second_open_is_refused_while_the_first_lives(bench: Any) -> None:
    with pytest.raises(UnavailableError), opened(bench.instance.layout.directory):
        pass


def test_two_first_starts_at_once_make_one_instance(
    tmp_path: Path, example_network: Network, sekisho: Any
) -> None:
    start, ends = threading.Barrier(2), []

    def begin() -> None:
        start.wait()
        try:
            with created(tmp_path / "i", example_network, ["tokyo"]) as instance:
                ends.append(instance.settings.origin)
        except (UnavailableError, UsageError):
            ends.append(None)

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    made = [origin for origin in ends if origin is not None]
    assert len(made) == 1
    with opened(tmp_path / "i") as instance:
        assert instance.settings.origin == made[0]
        assert instance.world()
    assert sekisho("audit", "verify", "--data", tmp_path / "i").code == 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["i", "i.trust"]


# Kills.


def test_killed_while_being_made_leaves_no_instance_and_the_next_start_makes_one(
    tmp_path: Path, example_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("api.layout.Settings.write", killed)
        with pytest.raises(KeyboardInterrupt), created(tmp_path / "i", example_network, ["tokyo"]):
            pass
    assert not Layout(tmp_path / "i").exists
    with ensured(tmp_path / "i", lambda _: None) as instance:
        assert instance.log.size == 2


def test_killed_between_record_and_index_grants_nothing_and_the_log_verifies(
    home: Path, template: tuple[Path, str], sekisho: Any
) -> None:
    """A real kill: the process dies right after its first decision is durable."""
    script = (
        "import os, signal, sys\n"
        "from api.ledger import Ledger\n"
        "Ledger._index = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "sys.argv = ['sekisho', *sys.argv[1:]]\n"
        "import api.ledger\n"
        "catch = api.ledger.Ledger.catch_up\n"
        "api.ledger.Ledger.catch_up = lambda self: None\n"
        "from api.cli.main import main\n"
        "main()\n"
    )
    words = ["passage", "request", template[1], "--to", "itoshima", "--data", str(home)]
    ended = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=HERE, capture_output=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == b""
    with opened(home) as instance:
        assert list(instance.register.passages()) == []
        last = instance.ledger.entry(instance.log.size - 1)
        assert (last.kind, last.facts["verdict"]) == ("decision", "permit")
    listed = sekisho("decision", "list", "--data", home, "--output", "json")
    assert [row["verdict"] for row in listed.json["decisions"]] == ["permit"]
    for verb in ("verify", "fsck"):
        assert sekisho("audit", verb, "--data", home).code == 0


# What is damaged.


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("instance.json", 2),
        ("sekisho.sqlite", 3),
        ("keys/root.kek", 1),
        ("trust/root.json", 1),
        ("trust/bundle", 1),
    ],
)
def test_a_damaged_file_of_the_instance_is_one_line(
    sekisho: Any, home: Path, template: tuple[Path, str], name: str, code: int
) -> None:
    for leftover in home.glob("sekisho.sqlite-*"):
        leftover.unlink()
    (home / name).write_bytes(b"\xa5" * 6000)
    said = sekisho("passage", "request", template[1], "--to", "inzai", "--data", home)
    assert said.code in {code, 3}, said.err
    assert said.err.count("\n") == 1
    assert "fault" not in said.err


def test_a_missing_file_of_the_instance_is_one_line(
    sekisho: Any, home: Path, template: tuple[Path, str]
) -> None:
    for name in ("trust/bundle", "keys/root.kek"):
        (home / name).unlink()
        said = sekisho("passage", "request", template[1], "--to", "inzai", "--data", home)
        assert said.code in {1, 2, 3}
        assert said.err.count("\n") == 1
        assert name in said.err


def test_a_policy_in_force_that_nobody_signed_decides_nothing(
    bench: Any, sekisho: Any, template: tuple[Path, str]
) -> None:
    """Whoever holds the database points it at other bytes; the log does not say so."""
    from sqlalchemy import text  # noqa: PLC0415 - the one test that forges rows

    home, objects = bench.instance.layout.directory, bench.instance.objects
    weaker = json.loads(bench.gate.world.bundle.to_bytes())
    weaker["taxonomy"] = "sha256:" + "0" * 64
    forged = objects.put(json.dumps(weaker).encode())
    with bench.instance.database.begin() as session:
        session.execute(
            text("UPDATE in_force SET digest = :d WHERE what = 'policy'"), {"d": forged}
        )
    bench.instance.log.close()
    said = sekisho("passage", "request", template[1], "--to", "inzai", "--data", home)
    assert said.code in {1, 3}
    assert said.err.count("\n") == 1


def test_a_network_in_force_that_the_log_does_not_name_decides_nothing(
    bench: Any, sekisho: Any, template: tuple[Path, str], example_network: Network
) -> None:
    from dataclasses import replace  # noqa: PLC0415 - beside its one use

    from sqlalchemy import text  # noqa: PLC0415 - the one test that forges rows

    home = bench.instance.layout.directory
    forged = bench.instance.objects.put(replace(example_network, name="forged").to_bytes())
    with bench.instance.database.begin() as session:
        session.execute(
            text("UPDATE in_force SET digest = :d WHERE what = 'network'"), {"d": forged}
        )
    bench.instance.log.close()
    said = sekisho("passage", "request", template[1], "--to", "inzai", "--data", home)
    assert said.code in {1, 3}, said.out
    assert said.err.count("\n") == 1
