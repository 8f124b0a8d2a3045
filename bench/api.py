"""Answers over HTTP against the same bytes from a bare application on the same server."""

import json

from bench.measure import Row, latency
from bench.served import bare, surface


def listing() -> Row:
    """A list of datasets: authenticated, read from SQL, written as JSON."""
    with surface() as (ours, _):
        body = ours.ask("GET", "/v1/datasets")
        with bare(body, "application/json") as other:
            return latency(
                "api: list datasets over HTTP",
                lambda: ours.ask("GET", "/v1/datasets"),
                "the same bytes from bare Starlette",
                lambda: other.ask("GET", "/"),
                clock="wall",
            )


def finding() -> Row:
    """A path on the example network: authenticated, judged, searched, judged again."""
    question = json.dumps({"from": "tokyo", "to_any_cluster": True, "label": "L3"}).encode()
    with surface() as (ours, _):
        body = ours.ask("POST", "/v1/paths:find", question)
        with bare(body, "application/json") as other:
            return latency(
                "api: find a path over HTTP",
                lambda: ours.ask("POST", "/v1/paths:find", question),
                "the same bytes from bare Starlette",
                lambda: other.ask("POST", "/", question),
                clock="wall",
            )


BENCHES = (listing, finding)
