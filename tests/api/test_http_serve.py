"""`sekisho serve` as a process: it says where it is, serves, and closes the log when told to."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

SEKISHO = (sys.executable, "-m", "api.cli", "serve", "--port", "0", "--lang", "en")
ENVIRONMENT = {**os.environ, "PYTHONUNBUFFERED": "1", "SEKISHO_TRACEBACK": ""}


@contextmanager
def serving(data: Path, *options: str) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """Yield the process and what it said until it was ready."""
    with subprocess.Popen(
        [*SEKISHO, "--data", str(data), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        said: list[str] = []
        try:
            while not said or "gateways ask at" not in said[-1]:
                line = process.stdout.readline()
                assert line, process.stderr.read() if process.stderr else ""
                said.append(line)
            yield process, said
        finally:
            process.kill()


def _status(address: str, token: str) -> int:
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*SEKISHO, *arguments], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_told_to_stop_and_leaves_the_log_whole(
    tmp_path: Path, number: signal.Signals
) -> None:
    data = tmp_path / "instance"
    with serving(data) as (process, said):
        address = re.findall(r"http://127\.0\.0\.1:\d+", said[0])[0]
        with urllib.request.urlopen(f"{address}/readyz", timeout=20) as answer:  # noqa: S310
            assert answer.status == 200
        second = _run("--data", str(data))
        assert second.returncode == 3
        assert second.stderr.count("\n") == 1
        assert "another process" in second.stderr
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert "the log is closed" in errors
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"{address}/healthz", timeout=5)  # noqa: S310
    audit = [sys.executable, "-m", "api.cli", "audit", "verify", "--data", str(data)]
    assert subprocess.run(audit, capture_output=True, check=False).returncode == 0


def test_the_demonstration_gives_each_kind_of_user_a_token_that_works(tmp_path: Path) -> None:
    with serving(tmp_path / "instance", "--demo") as (process, said):
        address = re.findall(r"http://127\.0\.0\.1:\d+", said[0])[0]
        assert process.stdout is not None
        tokens: list[str] = []
        while len(tokens) < 3:
            tokens += re.findall(r"sk_\w+?_[\w-]+", process.stdout.readline())
        for token, status in zip(tokens, (200, 403, 200), strict=True):
            assert _status(f"{address}/v1/datasets", token) == status
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert not any(token in errors for token in tokens)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])  # noqa: S104
def test_tokens_never_cross_a_network_in_the_clear(tmp_path: Path, host: str) -> None:
    refused = _run("--data", str(tmp_path / "instance"), "--host", host)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "instance").exists()


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with serving(tmp_path / "one") as (_, said):
        port = re.findall(r"127\.0\.0\.1:(\d+)", said[0])[0]
        refused = _run("--data", str(tmp_path / "two"), "--port", port)
    assert refused.returncode == 3
    assert refused.stderr.count("\n") == 1
