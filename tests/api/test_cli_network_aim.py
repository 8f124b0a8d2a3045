"""`path find` with an objective, mandatory and forbidden sites, on the example network."""

from collections.abc import Callable
from typing import Any

import pytest

from api import resources

ASKED = (
    *("path", "find", "--network", resources.example("network/jpn48.json")),
    *("--from", "tokyo", "--to", "itoshima", "--label", "L1"),
)


def answer(sekisho: Callable[..., Any], *words: str) -> Any:
    said = sekisho(*ASKED, *words, "--output", "json")
    assert said.code == (0 if said.json["verdict"] == "permit" else 1), said.err
    return said.json


def test_a_site_is_passed_and_another_is_not(sekisho: Callable[..., Any]) -> None:
    plain = answer(sekisho)["paths"][0]
    by = answer(sekisho, "--via", "kochi")["paths"][0]
    assert "kochi" in by["nodes"]
    assert by["km"] > plain["km"]
    around = answer(sekisho, "--avoid", plain["nodes"][2], "--avoid", "kobe")["paths"][0]
    assert not {plain["nodes"][2], "kobe"} & set(around["nodes"])


def test_every_objective_is_least_in_what_it_names(sekisho: Callable[..., Any]) -> None:
    found = {
        name: answer(sekisho, "--objective", name)["paths"][0]
        for name in ("km", "ms", "hops", "operators")
    }
    for path in found.values():
        assert found["km"]["km"] <= path["km"]
        assert found["ms"]["latency_ms"] <= path["latency_ms"]
        assert len(found["hops"]["spans"]) <= len(path["spans"])
        assert len(found["operators"]["operators"]) <= len(path["operators"] or "many")
    assert found["hops"]["km"] > found["km"]["km"]


def test_a_wish_that_cannot_be_met_is_not_blamed_on_the_policy(
    sekisho: Callable[..., Any],
) -> None:
    refused = answer(sekisho, "--avoid", "tokyo")
    assert [reason["code"] for reason in refused["refusal"]["reasons"]] == ["path.wished"]
    assert refused["paths"] == []
    shown = sekisho(*ASKED, "--avoid", "itoshima", "--lang", "en")
    assert "none as wished" in shown.out


def test_what_the_policy_refuses_anyway_is_explained_as_ever(
    sekisho: Callable[..., Any],
) -> None:
    words = [word if word != "L1" else "L4" for word in ASKED]
    plain = sekisho(*words, "--output", "json").json
    wished = sekisho(*words, "--via", "osaka", "--output", "json").json
    assert plain["verdict"] == "refuse"
    assert wished == plain


@pytest.mark.parametrize(
    "words",
    [
        ("--via", "nowhere"),
        ("--avoid", "nowhere"),
        ("--objective", "beauty"),
        ("--protect", "span", "--via", "osaka"),
        ("--protect", "span", "--objective", "ms"),
    ],
)
def test_bad_wishes_are_bad_usage(sekisho: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert sekisho(*ASKED, *words).code == 2
