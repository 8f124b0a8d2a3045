"""The example network: the published check values of the model, and searches over the overlay."""

from pathlib import Path as FilePath

import numpy as np
import pytest

from policy.constraints import Limits
from routing.network import Network, parse_network
from routing.search import Found, find
from routing.topology import Topology

EXAMPLE = FilePath(__file__).parents[2] / "examples/network/jpn48.json"
MODEL_LINKS = FilePath(__file__).parents[2] / "examples/network/jpn48_links.csv"


@pytest.fixture(scope="module")
def network() -> Network:
    return parse_network(EXAMPLE.read_bytes())


@pytest.fixture(scope="module")
def topology(network: Network) -> Topology:
    return Topology(network)


@pytest.fixture(scope="module")
def model(network: Network) -> np.ndarray:
    """Which spans are of the model, not of the overlay."""
    pairs = {frozenset(line.split(",")[:2]) for line in MODEL_LINKS.read_text().splitlines()[1:]}
    found = [frozenset((span.source, span.target)) in pairs for span in network.spans]
    return np.array(found, dtype=np.bool_)


def test_the_model_has_its_published_size(network: Network, model: np.ndarray) -> None:
    assert int(model.sum()) == 82
    lengths = [span.km for span, own in zip(network.spans, model, strict=True) if own]
    assert sum(lengths) == 12_576


def test_five_links_are_shorter_than_the_ground_and_only_warn(network: Network) -> None:
    assert len([text for text in network.warnings if "great circle" in text]) == 5


@pytest.mark.parametrize(
    ("source", "target", "km"),
    [("tokyo", "osaka", 550), ("sapporo", "hakata", 2004), ("sapporo", "naha", 2915)],
)
def test_the_published_distances_come_out(
    topology: Topology, model: np.ndarray, source: str, target: str, km: float
) -> None:
    found = find(
        topology,
        spans=model,
        sites=np.ones(len(topology.network.sites), dtype=np.bool_),
        source=source,
        targets=[target],
        limits=Limits(),
    )
    assert isinstance(found, Found)
    assert found.paths[0].km == km


@pytest.mark.parametrize("protect", ["span", "node", "srlg"])
def test_national_pairs_are_settled(topology: Topology, protect: str) -> None:
    found = find(
        topology,
        spans=np.ones(len(topology.network.spans), dtype=np.bool_),
        sites=np.ones(len(topology.network.sites), dtype=np.bool_),
        source="tokyo",
        targets=["hakata"],
        limits=Limits(),
        protect=protect,
    )
    assert isinstance(found, Found)
    assert found.bound_km is None
    working, protecting = found.paths
    assert not set(working.spans) & set(protecting.spans)
