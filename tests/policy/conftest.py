"""The shipped policy, the engines that run it, and a real OPA server where there is one."""

import http.client
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from policy.bundle import Bundle
from policy.engines.embedded import EmbeddedEngine
from policy.judge import Inquiry, Judgement
from policy.label import Bound, Label, Level, Territory
from policy.question import DatasetFacts, Kind, PathFacts, Principal, Question

REGO: Final = Path(__file__).parents[2] / "policy" / "rego"
VECTORS: Final = REGO.parent / "vectors"
GOOD_SPAN: Final = {
    "operator": "op-1",
    "owner_jurisdiction": "JP",
    "jurisdictions": ["JP"],
    "conduit": "buried",
    "encryption.layer": "otnsec",
    "encryption.cipher": "AES-256-GCM",
    "encryption.authenticated": True,
    "encryption.key_exchange": "hybrid",
    "encryption.key_holder_jurisdiction": "JP",
}
GOOD_SITE: Final = {
    "jurisdiction": "JP",
    "operator": "op-1",
    "owner_jurisdiction": "JP",
    "accreditations": ["ismap"],
}
HOME: Final = Territory(frozenset({Bound("jp.home", frozenset({"JP"}))}))


@pytest.fixture(scope="session")
def modules() -> Mapping[str, bytes]:
    return {
        path.relative_to(REGO).as_posix(): path.read_bytes()
        for path in sorted(REGO.rglob("*"))
        if path.suffix in {".rego", ".json"}
    }


@pytest.fixture(scope="session")
def bundle(modules: Mapping[str, bytes]) -> Bundle:
    return Bundle.build(modules, {}, "sha256:taxonomy")


@pytest.fixture(scope="session")
def embedded(bundle: Bundle) -> EmbeddedEngine:
    return EmbeddedEngine(bundle)


@pytest.fixture(scope="session")
def vectors() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(VECTORS.glob("*.json"))}


@pytest.fixture
def question() -> Question:
    """A passage at L4 over n1 -s1- n2 that every rule permits."""
    person = Principal("aki", "person", "hospital", clearance=Level.L4)
    return Question(
        kind=Kind.PASSAGE,
        now=1_764_000_000,
        label=Label(level=Level.L4, transit=HOME, placement=HOME, operators=HOME, key_holders=HOME),
        principal=person,
        dataset=DatasetFacts("d-1", "hospital", "sha256:c", frozenset({"care"}), provisional=False),
        purpose="care",
        source="n1",
        destination="n2",
        path=PathFacts(("n1", "n2"), ("s1",), 10, 0.1, ("op-1",), 2),
    )


@pytest.fixture
def asked(bundle: Bundle) -> Callable[[Question], Inquiry]:
    """Prepare a question about good spans s1 and s2 and good sites n1 and n2."""

    def prepare(question: Question) -> Inquiry:
        return Inquiry.prepare(
            bundle,
            question,
            spans={"s1": GOOD_SPAN, "s2": GOOD_SPAN},
            sites={"n1": GOOD_SITE, "n2": GOOD_SITE},
            clusters={"n2": GOOD_SITE},
        )

    return prepare


@pytest.fixture
def judged(
    asked: Callable[[Question], Inquiry], embedded: EmbeddedEngine
) -> Callable[[Question], Judgement]:
    """Judge a question about the same good subjects."""

    def judge(question: Question) -> Judgement:
        inquiry = asked(question)
        return inquiry.read(embedded.ask_now(inquiry.document))

    return judge


@pytest.fixture(scope="session")
def opa_binary() -> str:
    """Return OPA's path from $SEKISHO_OPA, PATH or ~/go/bin; skip, or fail if it is required."""
    places = (os.environ.get("SEKISHO_OPA"), shutil.which("opa"), Path.home() / "go/bin/opa")
    for place in places:
        if place is not None and Path(place).is_file():
            return str(place)
    reason = "there is no OPA in $SEKISHO_OPA, PATH or ~/go/bin"
    if os.environ.get("SEKISHO_REQUIRE_OPA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def opa_port(opa_binary: str) -> Iterator[int]:
    """Start an OPA server on a free loopback port, empty, for the whole run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = (opa_binary, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error")
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as server:
        try:
            _wait(port)
            yield port
        finally:
            server.terminate()


def _wait(port: int) -> None:
    for _ in range(500):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    pytest.fail("OPA did not become healthy")
