"""The Merkle tree of RFC 6962: hashes, and the frontier from which a root follows.

Works on hashes alone; who stores the entries is not its business.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte leaf hash of `entry` (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of the node over two subtrees (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, the largest and leftmost first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class Frontier:
    """The roots of the complete subtrees on the right edge: one for each set bit of the size."""

    __slots__ = ("_peaks", "_size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        """Go on from a tree of `size` leaves with these `peaks`; by default an empty one.

        Raises:
            ValueError: a tree of that size has another number of peaks.
        """
        if len(peaks) != size.bit_count():
            raise ValueError("a frontier has one peak for each set bit of its size")
        self._peaks = list(peaks)
        self._size = size

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def root(self) -> bytes:
        """The root hash of the tree."""
        return fold(self._peaks)

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees, the largest and leftmost first."""
        return tuple(self._peaks)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes on the right."""
        peaks, size = self._peaks, self._size
        for leaf in leaves:
            top, carry = leaf, size
            while carry & 1:
                top = node_hash(peaks.pop(), top)
                carry >>= 1
            peaks.append(top)
            size += 1
        self._size = size


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root
