"""The benches run, say what they compare, and give no number for a peer that is not there."""

import json
import types
from collections.abc import Callable

import pytest

from bench import measure
from bench.measure import PeerMissingError, Row, latency, throughput
from bench.run import SUBJECTS, main


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "ROUNDS", 1)
    monkeypatch.setattr(measure, "ROUND_SECONDS", 0.0)


@pytest.fixture
def three_times_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    def medians(*_: object) -> tuple[float, float]:
        return 0.001, 0.003

    monkeypatch.setattr(measure, "_medians", medians)


@pytest.mark.usefixtures("three_times_faster")
def test_less_time_is_a_larger_ratio() -> None:
    row = latency("ours", int, "theirs", int)
    assert (row.value, row.baseline, row.unit) == (1.0, 3.0, "ms")
    assert row.ratio == pytest.approx(3)


@pytest.mark.usefixtures("three_times_faster")
def test_more_per_second_is_a_larger_ratio() -> None:
    row = throughput("ours", int, "theirs", int, amount=6, unit="MB")
    assert row.unit == "MB/s"
    assert row.value / row.baseline == pytest.approx(3) == row.ratio


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_bench_runs_and_has_the_agreed_fields(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name], "json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert rows
    for row in rows:
        assert set(row) == {"name", "value", "unit", "baseline", "baseline_name", "ratio"}
        assert min(row["value"], row["baseline"], row["ratio"]) > 0


def absent() -> Row:
    raise PeerMissingError("some-peer")


def present() -> Row:
    return Row("a", 1.0, "ms", 2.0, "b", 2.0)


def stand_in(monkeypatch: pytest.MonkeyPatch, *benches: Callable[[], Row]) -> None:
    subject = types.SimpleNamespace(BENCHES=benches)
    monkeypatch.setattr("bench.run.importlib.import_module", lambda _: subject)


def test_a_missing_peer_is_three_and_never_a_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch, absent, present)
    assert main(["routing"], "json") == 3
    shown = capsys.readouterr()
    assert [row["name"] for row in json.loads(shown.out)["rows"]] == ["a"]
    assert "some-peer is not installed" in shown.err


def test_the_table_has_one_line_for_each_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(monkeypatch, present)
    assert main(["log"]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["what", "Sekisho", "peer", "or", "limit", "ratio"]
    assert line.split() == ["a", "1", "ms", "2", "ms", "b", "2.00"]


def test_an_unknown_name_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weather"]) == 2
    assert "no bench is named weather" in capsys.readouterr().err
