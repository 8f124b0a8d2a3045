"""Frontier, tiles and proofs agree with the definition of RFC 6962, written down naively here."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crypto.errors import ForgedError
from crypto.tlog.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash, root_of
from crypto.tlog.proofs import (
    consistency,
    inclusion,
    peaks,
    verify_consistency,
    verify_inclusion,
)
from crypto.tlog.tiles import TileBuilder


def mth(entries: list[bytes]) -> bytes:
    # RFC 6962, section 2.1, word for word.
    if not entries:
        return hashlib.sha256().digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:split]) + mth(entries[split:])).digest()


def path(index: int, entries: list[bytes]) -> list[bytes]:
    # RFC 6962, section 2.1.1.
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*path(index, entries[:split]), mth(entries[split:])]
    return [*path(index - split, entries[split:]), mth(entries[:split])]


def subproof(old: int, entries: list[bytes], whole: bool) -> list[bytes]:  # noqa: FBT001
    # RFC 6962, section 2.1.2.
    if old == len(entries):
        return [] if whole else [mth(entries)]
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if old <= split:
        return [*subproof(old, entries[:split], whole), mth(entries[split:])]
    return [*subproof(old - split, entries[split:], whole=False), mth(entries[:split])]


def entries_of(size: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(size)]


def subtrees(entries: list[bytes]) -> Callable[[int, int], bytes]:
    return lambda level, index: mth(entries[index << level : (index + 1) << level])


def flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def test_the_vectors_of_certificate_transparency_hold() -> None:
    entries = [
        bytes.fromhex(text)
        for text in (
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        )
    ]
    roots = [root_of(map(leaf_hash, entries[:size])).hex() for size in (0, 1, 3, 8)]
    assert roots == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]


class Growth(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[bytes] = []
        self.frontier = Frontier()
        self.builder = TileBuilder()

    @rule(entries=st.lists(st.binary(min_size=1, max_size=8), max_size=9))
    def extend(self, entries: list[bytes]) -> None:
        self.entries += entries
        self.frontier.extend(map(leaf_hash, entries))
        for entry in entries:
            self.builder.add(entry, leaf_hash(entry))

    @rule()
    def resume(self) -> None:
        self.frontier = Frontier(self.frontier.size, self.frontier.peaks)

    @rule(entries=st.integers(60, 300))
    def jump(self, entries: int) -> None:
        self.extend([b"%d" % index for index in range(entries)])

    @invariant()
    def the_root_is_the_defined_one(self) -> None:
        assert self.frontier.size == self.builder.size == len(self.entries)
        assert self.frontier.root == self.builder.frontier.root == mth(self.entries)


TestGrowth = Growth.TestCase
TestGrowth.settings = settings(max_examples=25, stateful_step_count=12)


def test_a_frontier_does_not_start_from_a_wrong_number_of_peaks() -> None:
    with pytest.raises(ValueError, match="peak"):
        Frontier(3, [EMPTY_ROOT])


@given(st.integers(1, 80), st.data())
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    entries = entries_of(size)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size, subtrees(entries))
    assert proof == path(index, entries)
    verify_inclusion(leaf_hash(entries[index]), index, size, proof, mth(entries))


@given(st.integers(1, 80), st.data())
def test_consistency_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    entries = entries_of(size)
    old = data.draw(st.integers(1, size))
    proof = consistency(old, size, subtrees(entries))
    assert proof == subproof(old, entries, whole=True)
    verify_consistency(old, size, proof, mth(entries[:old]), mth(entries))


@given(st.integers(1, 40), st.data())
def test_no_other_inclusion_proof_is_accepted(size: int, data: st.DataObject) -> None:
    entries = entries_of(size)
    index = data.draw(st.integers(0, size - 1))
    leaf, root = leaf_hash(entries[index]), mth(entries)
    proof = path(index, entries)
    wrong = [(flipped(leaf, 3), index, size, proof, root), (leaf, index, size, proof, leaf[::-1])]
    wrong += [(leaf, other, size, proof, root) for other in range(-1, size + 1) if other != index]
    wrong += [(leaf, index, size, [*proof, root], root)]
    wrong += [(leaf, index, size, proof[:place], root) for place in range(len(proof))]
    wrong += [
        (leaf, index, size, [*proof[:place], flipped(each, 0), *proof[place + 1 :]], root)
        for place, each in enumerate(proof)
    ]
    for attempt in wrong:
        with pytest.raises(ForgedError):
            verify_inclusion(*attempt)


@given(st.integers(2, 40), st.data())
def test_no_other_consistency_proof_is_accepted(size: int, data: st.DataObject) -> None:
    entries = entries_of(size)
    old = data.draw(st.integers(1, size - 1))
    before, root = mth(entries[:old]), mth(entries)
    proof = subproof(old, entries, whole=True)
    wrong = [
        (old, size, proof, flipped(before, 0), root),
        (old, size, proof, before, flipped(root, 0)),
    ]
    wrong += [(old, size, [*proof, root], before, root), (size + 1, size, proof, before, root)]
    wrong += [(old, size, proof[:place], before, root) for place in range(len(proof))]
    wrong += [
        (old, size, [*proof[:place], flipped(each, 0), *proof[place + 1 :]], before, root)
        for place, each in enumerate(proof)
    ]
    for attempt in wrong:
        with pytest.raises(ForgedError):
            verify_consistency(*attempt)


def test_the_empty_tree_and_the_same_tree_need_no_proof_and_take_none() -> None:
    root = leaf_hash(b"a")
    verify_consistency(0, 1, [], EMPTY_ROOT, root)
    verify_consistency(1, 1, [], root, root)
    for old, proof, before in ((0, [], root), (0, [root], EMPTY_ROOT), (1, [root], root)):
        with pytest.raises(ForgedError):
            verify_consistency(old, 1, proof, before, root)
    with pytest.raises(ForgedError):
        verify_consistency(1, 1, [], EMPTY_ROOT, root)


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion(index, size, subtrees(entries_of(size)))


@pytest.mark.parametrize(("old", "size"), [(0, 1), (2, 1)])
def test_a_tree_that_is_no_prefix_has_no_proof(old: int, size: int) -> None:
    with pytest.raises(ValueError, match="no prefix"):
        consistency(old, size, subtrees(entries_of(size)))


def test_peaks_cover_the_range_once() -> None:
    assert peaks(0, 7) == [(2, 0), (1, 2), (0, 6)]
    assert peaks(4, 7) == [(1, 2), (0, 6)]
    assert node_hash(b"a" * 32, b"b" * 32) != node_hash(b"b" * 32, b"a" * 32)
