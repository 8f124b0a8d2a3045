"""What the gate needs of the outside: four protocols, so that it knows neither files nor SQL."""

from typing import Protocol

from api.dataset import Dataset
from api.passage import Passage
from api.record import Entry
from crypto.envelope import Envelope
from crypto.permit import PermitClaims
from crypto.trust import TrustBundle


class Ledger(Protocol):
    """The append-only log; what an entry says of a passage's state holds from then on."""

    async def append(self, entry: Entry) -> int:
        """Return the entry's index once it is durable; UnavailableError if it cannot be."""
        ...


class Archive(Protocol):
    """Where the bytes that an entry names are kept."""

    def put(self, raw: bytes) -> str:
        """Keep the bytes durably and return their digest."""
        ...

    def get(self, name: str) -> bytes:
        """Return the bytes with this digest or raise NotFoundError."""
        ...


class Register(Protocol):
    """The datasets and the passages as they are now."""

    def dataset(self, identity: str) -> Dataset:
        """Return the dataset or raise NotFoundError."""
        ...

    def passage(self, identity: str) -> Passage:
        """Return the passage or raise NotFoundError."""
        ...

    def add_passage(self, passage: Passage) -> None:
        """Keep a granted passage."""
        ...

    def spend(self, nonce: str, *, expires: int) -> None:
        """Use up a nonce durably, or raise ConflictError if it was used before."""
        ...


class Vault(Protocol):
    """The keys of this instance."""

    def trust(self) -> TrustBundle:
        """Return the trust bundle in force, verified."""
        ...

    def sign_permit(self, claims: PermitClaims) -> bytes:
        """Return the signed permit."""
        ...

    def verify_permit(self, permit: bytes, *, now: int) -> PermitClaims:
        """Return the claims of a permit that stands now, or raise TrustError."""
        ...

    def make_data_key(self, passage: str, *, tenant: str) -> None:
        """Make and keep the data key of a passage."""
        ...

    def wrap_data_key(self, claims: PermitClaims, *, tenant: str, site: str) -> Envelope:
        """Wrap the passage's data key for the recipient key of a site."""
        ...
