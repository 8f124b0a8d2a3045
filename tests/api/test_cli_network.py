"""`network import`, `export`: what they write, what they say was lost, and how they end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import resources
from routing.network import Network, parse_network

EXAMPLE = resources.example("network/jpn48.json")


@pytest.mark.parametrize("name", ["canonical", "graphml", "ietf"])
def test_an_export_comes_back_as_it_was(
    sekisho: Callable[..., Any], tmp_path: Path, example_network: Network, name: str
) -> None:
    there, back = tmp_path / "there", tmp_path / "back.json"
    said = sekisho(
        *("network", "export", there, "--network", EXAMPLE),
        *("--format", name, "--output", "json"),
    )
    assert (said.code, said.json) == (0, {"format": name, "lost": {}, "assumed": []})
    assert sekisho("network", "import", there, "-o", back).code == 0
    assert parse_network(back.read_bytes()) == example_network


def test_what_gnpy_cannot_carry_and_what_it_must_be_told_is_said(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "gnpy.json"
    said = sekisho("network", "export", out, "--network", EXAMPLE, "--format", "gnpy")
    assert said.code == 0
    assert "not carried: encryption (" in said.err
    assert "assumed: every fibre is SSMF" in said.err
    assert len(json.loads(out.read_bytes())["elements"]) == 2 * 68 + 2 * 122


def test_a_format_that_nobody_knows_is_bad_usage(
    sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for words in (("export", out, "--network", EXAMPLE), ("import", EXAMPLE, "-o", out)):
        said = sekisho("network", *words, "--format", "kml")
        assert said.code == 2
        assert "kml" in said.err
        assert not out.exists()
