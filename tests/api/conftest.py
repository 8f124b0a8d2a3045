"""One instance on the example network, made once; every test works on a copy of its own."""

import asyncio
import io
import json
import shutil
import sys
from collections.abc import Callable, Generator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from api import clock, resources
from api.asking import requester
from api.cli.main import main
from api.dataset import Dataset
from api.founding import created
from api.gate import Decided, Gate, Request
from api.instance import Instance, opened
from api.offline import read_network, shipped_bundle
from api.passage import Passage
from api.recall import registered
from api.record import Entry
from api.registry import Registration
from api.store.datasets import save_dataset
from policy.engines.embedded import EmbeddedEngine
from routing.network import Network

SITES = ("inzai", "itoshima", "sendai", "tama", "tokyo")
SOURCE, DESTINATION, OTHER = "tokyo", "itoshima", "tama"


@dataclass
class Clock:
    """Unix seconds that pass only when a test says so."""

    time: int

    def __call__(self) -> int:
        return self.time


@dataclass(frozen=True)
class Bench:
    """An opened instance with its gate, its registered patients and its clock."""

    instance: Instance
    gate: Gate
    patients: Dataset
    clock: Clock

    def request(self, *targets: str, dataset: Dataset | None = None) -> Request:
        asked = dataset or self.patients
        who = requester(asked, name="steward", clearance="L4")
        return Request(asked, who, min(asked.purposes), targets or (DESTINATION,))

    def grant(self, *targets: str) -> Decided:
        return asyncio.run(self.gate.grant(self.request(*targets)))

    def granted(self, *targets: str) -> Passage:
        passage = self.grant(*targets).passage
        assert passage is not None
        return passage

    def passages(self) -> list[Passage]:
        return list(self.instance.register.passages())

    def kinds(self) -> list[str]:
        """The kinds of all entries of the log, in order."""
        return [self.instance.ledger.entry(i).kind for i in range(self.instance.log.size)]

    def now_on(self, network: Network) -> "Bench":
        """Put a network in force; return the bench as it is from then on."""
        self.instance.in_force.activate_network(network, self.instance.ledger)
        engine = self.gate.world.engine
        return replace(self, gate=self.instance.gate(self.instance.world(lambda _: engine)))

    def relabel(self, dataset: Dataset) -> None:
        entry = Entry("dataset.registered", self.clock(), registered(dataset))
        self.instance.ledger.append_now(entry)
        with self.instance.database.begin() as session:
            save_dataset(session, dataset)


@pytest.fixture(scope="session")
def example_network() -> Network:
    return read_network(resources.example("network/jpn48.json"))


@pytest.fixture(scope="session")
def born() -> int:
    """When the instance was made: the present, because commands read the real clock."""
    return clock.now()


@pytest.fixture(scope="session")
def template(
    tmp_path_factory: pytest.TempPathFactory, example_network: Network, born: int
) -> tuple[Path, str]:
    """An instance that nobody writes to again, and the id of the dataset in it."""
    home = tmp_path_factory.mktemp("template") / "instance"
    stated = Registration("midori-hospital", SOURCE, frozenset({"care"}), "patients")
    with created(home, example_network, SITES, now=lambda: born) as instance:
        dataset, _ = instance.registry.register(resources.example("datasets/patients.csv"), stated)
    return home, dataset.id


@pytest.fixture
def home(template: tuple[Path, str], tmp_path: Path) -> Path:
    """A copy of the instance, with its trust file beside it."""
    made = tmp_path / "instance"
    shutil.copytree(template[0], made)
    shutil.copy(template[0].with_name("instance.trust"), tmp_path / "instance.trust")
    return made


@pytest.fixture
def at(born: int) -> Clock:
    return Clock(born)


@pytest.fixture(scope="session")
def engine() -> EmbeddedEngine:
    """The shipped policy on the embedded engine: it starts once, being the same for every test."""
    return EmbeddedEngine(shipped_bundle())


@pytest.fixture
def bench(
    home: Path, template: tuple[Path, str], at: Clock, engine: EmbeddedEngine
) -> Generator[Bench]:
    with opened(home, now=at) as instance:
        patients = instance.register.dataset(template[1])
        yield Bench(instance, instance.gate(instance.world(lambda _: engine)), patients, at)


@dataclass(frozen=True)
class Said:
    """How a command ended: its exit code, its answer and what it said on stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer, which must be one JSON document and nothing else."""
        return json.loads(self.out)


def run_command(*words: str | Path) -> Said:
    """Run the `sekisho` command in this process, as `main` runs it."""
    out, err, given = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["sekisho", *map(str, words)]
    code: Any = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = given
    return Said(int(code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def sekisho() -> Callable[..., Said]:
    """The command line, in process: quick, and with the same exit codes."""
    return run_command
