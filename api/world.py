"""What decides: the policy in force on its engine, over the network in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.decide import decide
from policy.decision import Permit, Refusal
from policy.engines.engine import Engine
from policy.judge import Judgement
from policy.question import Question
from policy.remembered import Remembered
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

    @cached_property
    def memory(self) -> Remembered:
        """Judges over this network, and does not ask twice what was answered."""
        return Remembered(self.engine, self.bundle, spans=self.spans, sites=self.sites)

    async def judge(self, question: Question, targets: Sequence[str]) -> Judgement:
        """Ask the policy about everything: every span, every site, targets and clusters as ends."""
        return await self.memory.everywhere(
            question, tuple(dict.fromkeys((*targets, *self.clusters)))
        )

    async def judge_path(self, question: Question, path: Path) -> Judgement:
        """Ask the policy about one path, whole."""
        return await self.memory.along(question, path.spans, path.sites)

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
