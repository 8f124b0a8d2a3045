"""The suites: which algorithms go together, and until when.

There is no classical-only suite and no negotiation inside an object. Ids and codes are frozen by
vectors; a change of algorithm is a new id. Does not compute anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from crypto.errors import SuiteError


class Status(StrEnum):
    """Whether a suite may still be used."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Suite:
    """One set of algorithms; `code` is its byte in binary containers, `floor` its rank.

    `not_after` is in unix seconds; None while no end is decided.
    """

    id: str
    code: int
    floor: int
    kem: str
    kdf: str
    aead: str
    payload: str
    signatures: tuple[str, str]
    status: Status = Status.ACTIVE
    not_after: int | None = None


SUITES: Final[Mapping[str, Suite]] = MappingProxyType(
    {
        "std": Suite(
            id="std",
            code=1,
            floor=0,
            kem="MLKEM768_X25519",
            kdf="HKDF_SHA256",
            aead="AES_256_GCM",
            payload="Cobblestone-256",
            signatures=("ML-DSA-65", "Ed25519"),
        ),
        # The parameter set of CNSA 2.0: ML-KEM-1024, ML-DSA-87, AES-256, SHA-384.
        "gov": Suite(
            id="gov",
            code=2,
            floor=1,
            kem="MLKEM1024_P384",
            kdf="HKDF_SHA384",
            aead="AES_256_GCM",
            payload="Cobblestone-256",
            signatures=("ML-DSA-87", "ECDSA-P384"),
        ),
    }
)


def suite(name: str, *, now: int | None = None, registry: Mapping[str, Suite] = SUITES) -> Suite:
    """Return the suite called `name`; with `now` (unix seconds) also its end is checked.

    Raises:
        SuiteError: unknown, retired, or past its end.
    """
    found = registry.get(name)
    if found is None:
        raise SuiteError("unknown suite")
    if found.status is not Status.ACTIVE:
        raise SuiteError(f"suite {found.id} is retired")
    if now is not None and found.not_after is not None and now >= found.not_after:
        raise SuiteError(f"suite {found.id} is past its end")
    return found


def coded(code: int, *, registry: Mapping[str, Suite] = SUITES) -> Suite:
    """Return the suite with byte `code`; raises SuiteError as `suite` does."""
    names = [each.id for each in registry.values() if each.code == code]
    return suite(names[0] if names else "", registry=registry)


def floor(rank: int) -> str:
    """Return the id of the weakest suite that satisfies a label's crypto floor.

    Raises:
        SuiteError: no suite reaches `rank`.
    """
    fit = [each for each in SUITES.values() if each.floor >= rank >= 0]
    if not fit:
        raise SuiteError(f"no suite reaches floor {rank}")
    return min(fit, key=lambda each: each.floor).id


def require(name: str, *, at_least: str) -> None:
    """Raise SuiteError if suite `name` is weaker than suite `at_least`: no silent downgrade."""
    if suite(name).floor < suite(at_least).floor:
        raise SuiteError(f"suite {name} is below the floor {at_least}")
