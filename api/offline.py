"""What the shell needs to answer without an instance: the shipped policy on the embedded engine."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from api import resources
from api.errors import UsageError
from policy.bundle import Bundle
from policy.taxonomy_digest import taxonomy_digest
from routing.network import Network, parse_network

if TYPE_CHECKING:
    from api.world import World
    from policy.regimes import Taxonomy

LARGEST_DOCUMENT = 64 << 20


@lru_cache(maxsize=1)
def shipped_taxonomy() -> "Taxonomy":
    """Return the regimes that ship with Sekisho."""
    from policy.regimes import load_taxonomy  # noqa: PLC0415 - pydantic is slow to import

    return load_taxonomy(resources.taxonomy_documents())


@lru_cache(maxsize=1)
def shipped_bundle() -> Bundle:
    """Return the policy that ships with Sekisho."""
    documents = resources.taxonomy_documents()
    return Bundle.build(resources.policy_modules(), {}, taxonomy_digest(documents))


def read_network(path: Path) -> Network:
    """Read a canonical network document from a file.

    Raises:
        NetworkError: not well formed; names the JSON pointer.
        UsageError: larger than a network document may be.
    """
    return parse_network(read_bounded(path, LARGEST_DOCUMENT))


def read_bounded(path: Path, most: int) -> bytes:
    """Read a file of at most `most` bytes.

    Raises:
        UsageError: it is larger.
    """
    with path.open("rb") as file:
        raw = file.read(most + 1)
    if len(raw) > most:
        raise UsageError(f"{path}: more than {most} bytes")
    return raw


def embedded_world(network: Network) -> "World":
    """Return the shipped policy on the embedded engine over a network."""
    from api.world import World  # noqa: PLC0415 - scipy is slow to import
    from policy.engines.embedded import EmbeddedEngine  # noqa: PLC0415
    from routing.topology import Topology  # noqa: PLC0415

    bundle = shipped_bundle()
    return World(bundle=bundle, engine=EmbeddedEngine(bundle), topology=Topology(network))
