"""What decides: the policy in force on its engine, over the network in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.decide import decide
from policy.decision import Permit, Refusal
from policy.engines.engine import Engine
from policy.judge import Judgement, judge
from policy.question import Question
from routing.paths import Path
from routing.topology import Topology

Attributes = Mapping[str, Mapping[str, JSON]]


@dataclass(frozen=True)
class World:
    """What decides: the policy in force, its engine, and the network in force."""

    bundle: Bundle
    engine: Engine
    topology: Topology

    @cached_property
    def spans(self) -> Attributes:
        """The recorded attributes of every span."""
        return {span.id: span.attributes for span in self.topology.network.spans}

    @cached_property
    def sites(self) -> Attributes:
        """The recorded attributes of every site."""
        return {site.id: site.attributes for site in self.topology.network.sites}

    @cached_property
    def clusters(self) -> tuple[str, ...]:
        """The sites that are recorded as clusters."""
        return tuple(s.id for s in self.topology.network.sites if s.kind == "cluster")

    async def judge(self, question: Question, targets: Sequence[str]) -> Judgement:
        """Ask the policy about everything: every span, every site, targets and clusters as ends."""
        return await judge(
            self.engine,
            self.bundle,
            question,
            spans=self.spans,
            sites=self.sites,
            clusters={site: self.sites[site] for site in dict.fromkeys((*targets, *self.clusters))},
        )

    async def judge_path(self, question: Question, path: Path) -> Judgement:
        """Ask the policy about one path, whole."""
        return await judge(
            self.engine,
            self.bundle,
            question,
            spans={span: self.spans[span] for span in path.spans},
            sites={site: self.sites[site] for site in path.sites},
            clusters={path.sites[-1]: self.sites[path.sites[-1]]},
        )

    def decide(self, question: Question, judgement: Judgement) -> Permit | Refusal:
        """Turn the judgement on a whole path into a permit or a refusal."""
        return decide(
            question,
            judgement,
            bundle=self.bundle,
            engine=self.engine_id,
            epoch=self.topology.network.digest,
        )

    @property
    def engine_id(self) -> str:
        """Name and version of the engine, as they stand on every decision."""
        return f"{self.engine.name} {self.engine.version}"
