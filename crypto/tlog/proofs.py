"""Inclusion and consistency proofs of RFC 6962: made from subtree hashes, verified from nothing.

A maker is given `subtree(level, index)`, the root over the 2**level leaves from index * 2**level.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from crypto.errors import ForgedError
from crypto.tlog.merkle import EMPTY_ROOT, fold, node_hash

Subtree: TypeAlias = Callable[[int, int], bytes]


def peaks(start: int, stop: int) -> list[tuple[int, int]]:
    """Return level and index of the complete subtrees that cover the leaves `start` to `stop`.

    `start` must be a multiple of the largest power of two that is at most `stop - start`.
    """
    found: list[tuple[int, int]] = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _root(subtree: Subtree, start: int, stop: int) -> bytes:
    return fold([subtree(level, index) for level, index in peaks(start, stop)])


def _split(size: int) -> int:
    # The largest power of two smaller than the size: where RFC 6962 splits a tree.
    return 1 << ((size - 1).bit_length() - 1)


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `size`, from the leaf's sibling up.

    Raises:
        ValueError: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    proof: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            proof.append(_root(subtree, middle, stop))
            stop = middle
        else:
            proof.append(_root(subtree, start, middle))
            start = middle
    return proof[::-1]


def consistency(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is a prefix of the tree of `size`.

    Raises:
        ValueError: not 0 < old <= size.
    """
    if not 0 < old <= size:
        raise ValueError(f"a tree of {size} has no prefix of {old}")
    proof: list[bytes] = []
    start, stop = 0, size
    # Down to the subtree at which the old tree ends; what is beside the way is the proof.
    while old < stop:
        middle = start + _split(stop - start)
        if old <= middle:
            proof.append(_root(subtree, middle, stop))
            stop = middle
        else:
            proof.append(_root(subtree, start, middle))
            start = middle
    if start:
        proof.append(_root(subtree, start, stop))
    return proof[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf` is at `index` of the tree with `root` (RFC 9162, section 2.1.3.2).

    Raises:
        ForgedError: the proof does not show it.
    """
    if not 0 <= index < size:
        raise ForgedError("the proof of a leaf outside its tree")
    place, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ForgedError("an inclusion proof that is too long")
        if place & 1 or place == last:
            top = node_hash(sibling, top)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        place, last = place >> 1, last >> 1
    if last or top != root:
        raise ForgedError("an inclusion proof that leads to another root")


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes
) -> None:
    """Check that the tree with `root` extends the one with `old_root` (RFC 9162, 2.1.4.2).

    Raises:
        ForgedError: the proof does not show it.
    """
    if not 0 <= old <= size:
        raise ForgedError("the tree has shrunk")
    if old in {0, size}:
        if proof or old_root != (root if old else EMPTY_ROOT):
            raise ForgedError("a consistency proof that leads to another root")
        return
    _climb(old, size, list(proof), old_root, root)


def _climb(old: int, size: int, proof: list[bytes], old_root: bytes, root: bytes) -> None:
    if old & (old - 1) == 0:  # a complete subtree is its own first node
        proof.insert(0, old_root)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not proof:
        raise ForgedError("a consistency proof that is too short")
    before = after = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise ForgedError("a consistency proof that is too long")
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    if last or (before, after) != (old_root, root):
        raise ForgedError("a consistency proof that leads to another root")
