"""Proofs from the tiles on the disk."""

from pathlib import Path

from api.errors import UnavailableError
from crypto.errors import CryptoError
from crypto.tlog.merkle import HASH_SIZE
from crypto.tlog.proof import TlogProof
from crypto.tlog.proofs import inclusion
from crypto.tlog.tiles import Tile, TileReader


def inclusion_proof(directory: Path, note: bytes, size: int, index: int) -> bytes:
    """Return the `tlog-proof` of entry `index` under the signed checkpoint `note` of `size`.

    Raises:
        UnavailableError: a tile is missing or damaged.
    """

    def read(tile: Tile) -> bytes:
        try:
            return (directory / tile.path).read_bytes()
        except FileNotFoundError:
            # A partial tile goes when the full one comes, of which it is the beginning.
            full = (directory / Tile(tile.level, tile.index).path).read_bytes()
            return full[: tile.width * HASH_SIZE]

    try:
        hashes = inclusion(index, size, TileReader(size, read).subtree)
    except (OSError, CryptoError) as error:
        raise UnavailableError(f"{directory}: no proof of entry {index}: {error}") from error
    return TlogProof(index, tuple(hashes), note).to_bytes()
