"""Small networks: one built by hand, and any number grown from a seed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.constraints import Limits
from routing.network import Network, build_network
from routing.topology import Topology

CHAIN = {"layer": "otnsec", "scope": "end-to-end", "segment": "chain"}


class Plant:
    """A network under construction; sites appear when a span needs them."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []

    def site(self, site: str, **recorded: Any) -> "Plant":
        self.nodes.setdefault(site, {"id": site}).update(recorded)
        return self

    def span(self, span: str, source: str, target: str, km: float = 1, **recorded: Any) -> "Plant":
        self.site(source).site(target)
        link = {"id": span, "source": source, "target": target, "km": km}
        self.links.append({**link, **recorded})
        return self

    def document(self) -> dict[str, Any]:
        return {
            "name": "plant",
            "epoch": 1,
            "nodes": list(self.nodes.values()),
            "links": self.links,
        }

    def network(self) -> Network:
        return build_network(self.document())

    def topology(self) -> Topology:
        return Topology(self.network())


class Seed:
    """Everything that one generated case needs, from one number."""

    def __init__(self, seed: int, *, most_sites: int = 7) -> None:
        self.random = np.random.default_rng(seed)
        self.names = [f"n{place}" for place in range(self.random.integers(3, most_sites + 1))]
        plant = Plant()
        for name in self.names:
            plant.site(name)
        for place in range(self.random.integers(len(self.names), 2 * len(self.names) + 2)):
            self._span(plant, f"s{place:02}")
        self.network = plant.network()
        self.topology = Topology(self.network)
        self.source, *rest = self.random.permutation(self.names).tolist()
        self.targets = rest[: self.random.integers(1, 3)]
        self.spans = self.mask(len(self.network.spans))
        self.sites = self.mask(len(self.network.sites), of=0.92)

    def chance(self, of: float) -> bool:
        return bool(self.random.random() < of)

    def pick(self, *choices: Any) -> Any:
        return choices[self.random.integers(len(choices))]

    def mask(self, size: int, *, of: float = 0.9) -> NDArray[np.bool_]:
        return self.random.random(size) < of

    def limits(self, of: float = 0.4) -> Limits:
        return Limits(
            operators=self.pick(1, 2) if self.chance(of) else None,
            km=self.pick(5, 9, 12.5) if self.chance(of) else None,
            ms=self.pick(0.02, 0.05) if self.chance(of) else None,
            hops=self.pick(1, 2, 3, 4) if self.chance(of) else None,
            decryption_points=self.pick(0, 1, 2) if self.chance(of) else None,
        )

    def _span(self, plant: Plant, name: str) -> None:
        ends = self.random.permutation(self.names)[:2].tolist()
        recorded = {
            "operator": self.pick("a", "a", "b", "c", None),
            "directed": self.chance(0.25),
            "latency_ms": self.pick(None, None, 0.01, 0.03),
            "risk_groups": self.pick(None, [], [], ["g1"], ["g2"], ["g1", "g3"], ["g3"]),
            "encryption": self.pick(
                None,
                {"layer": "none"},
                {"layer": "none", "segment": "chain"},
                {"layer": "macsec", "scope": "span"},
                {"layer": "macsec"},
                CHAIN,
                CHAIN,
                {"segment": "other"},
            ),
        }
        plant.span(name, *ends, self.pick(0, 1, 2, 3, 5, 0.1, 2.7), **recorded)
