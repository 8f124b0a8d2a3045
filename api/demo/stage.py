"""What the story is played on: an instance with the example network and datasets."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api import resources
from api.asking import requester
from api.dataset import Dataset
from api.demo.tell import Teller
from api.founding import ensured
from api.gate import Gate, Request
from api.instance import Instance
from api.registry import Registration
from policy.canonical import JSON
from policy.question import Principal

SHARD_BYTES = 24 << 20
CLEARANCE = "L4"


@dataclass(frozen=True)
class Told:
    """One step of the story: whether it went as it must, and what happened."""

    name: str
    ok: bool
    details: dict[str, JSON]

    def to_json(self) -> dict[str, JSON]:
        """Return the step as JSON."""
        return {"name": self.name, "ok": self.ok, **self.details}


@dataclass(frozen=True)
class Stage:
    """The instance, its gate, the example's files, and who tells."""

    instance: Instance
    gate: Gate
    files: dict[str, Path]
    datasets: dict[str, Dataset]
    tell: Teller

    def findings(self, name: str) -> dict[str, Any]:
        """Return what the classifier found of a dataset."""
        document: dict[str, Any] = json.loads(
            self.instance.objects.get(self.datasets[name].findings)
        )
        return document

    def steward(self, name: str) -> Principal:
        """Return the steward of the tenant whose dataset it is."""
        return requester(self.datasets[name], name="steward", clearance=CLEARANCE)

    def request(self, name: str, *targets: str) -> Request:
        """Return the steward's request to have a dataset carried."""
        dataset = self.datasets[name]
        return Request(dataset, self.steward(name), min(dataset.purposes), targets)


@contextmanager
def set_stage(data: Path, work: Path, tell: Teller) -> Generator[Stage]:
    """Yield the stage in `data`; what the example generates goes to `work`."""
    with ensured(data, lambda _line: None) as instance:
        catalogue = json.loads(resources.example("datasets/catalogue.json").read_bytes())
        files: dict[str, Path] = {}
        datasets: dict[str, Dataset] = {}
        for entry in catalogue["datasets"]:
            name = entry["id"]
            files[name] = _file(entry, work)
            datasets[name] = _dataset(instance, entry, files[name])
        gate = instance.gate(instance.world())
        yield Stage(instance, gate, files, datasets, tell)


def _file(entry: dict[str, str], work: Path) -> Path:
    if entry["file"]:
        return resources.example(f"datasets/{entry['file']}")
    target = work / f"{entry['id']}.parquet"
    generator = resources.example(f"datasets/{entry['generator']}")
    subprocess.run([sys.executable, generator, target, str(SHARD_BYTES)], check=True)  # noqa: S603 - our own generator
    return target


def _dataset(instance: Instance, entry: dict[str, str], path: Path) -> Dataset:
    """Return the dataset as it was registered by an earlier telling, or register it."""
    for known in instance.register.datasets(tenant=entry["tenant"], limit=10_000):
        if known.name == entry["id"] and known.content == _content(path):
            return known
    purposes = frozenset(entry["purposes"])
    stated = Registration(entry["tenant"], entry["source"], purposes, entry["id"])
    return instance.registry.register(path, stated)[0]


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
