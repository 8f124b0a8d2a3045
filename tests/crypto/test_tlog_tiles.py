"""Tiles: their paths have one spelling, their bytes are the tree's, and bundles are exact."""

import contextlib

import pytest
from hypothesis import given, settings, strategies as st

from crypto.errors import FormatError
from crypto.tlog.merkle import leaf_hash, root_of
from crypto.tlog.proofs import consistency, inclusion, verify_consistency, verify_inclusion
from crypto.tlog.tiles import (
    BUNDLE,
    LONGEST_ENTRY,
    Tile,
    TileBuilder,
    TileReader,
    pack_bundle,
    tiles_of,
    unpack_bundle,
    unpack_hashes,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999, 7), "tile/0/999.p/7"),
        (Tile(1, 1000), "tile/1/x001/000"),
        (Tile(63, 1234067, 255), "tile/63/x001/x234/067.p/255"),
        (Tile(BUNDLE, 1, 1), "tile/entries/001.p/1"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_tile_has_a_path_and_every_path_a_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/300",
        "tile/0/000.p/07",
        "tile/0/000.p",
        "tile/entry/000",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠٠",
        "tile/0/../000",
        "TILE/0/000",
    ],
)
def test_no_other_spelling_is_a_path(path: str) -> None:
    with pytest.raises(FormatError):
        Tile.parse(path)


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_a_format_error(text: str) -> None:
    with contextlib.suppress(FormatError):
        assert Tile.parse(text).path == text


def test_the_specifications_example_of_seventy_thousand_holds() -> None:
    tiles = [tile for tile in tiles_of(70_000) if tile.level >= 0]
    assert len([tile for tile in tiles if tile.level == 0 and tile.width == 256]) == 273
    partial = {(tile.level, tile.index, tile.width) for tile in tiles if tile.width < 256}
    assert partial == {(0, 273, 112), (1, 1, 17), (2, 0, 1)}
    assert Tile(1, 0, 1) in set(tiles_of(256))
    assert list(tiles_of(0)) == []


def built(size: int) -> tuple[dict[Tile, bytes], TileBuilder, list[bytes]]:
    builder, tiles = TileBuilder(), dict[Tile, bytes]()
    leaves = [leaf_hash(b"%d" % index) for index in range(size)]
    for index, leaf in enumerate(leaves):
        tiles.update(builder.add(b"%d" % index, leaf))
    tiles.update(builder.partial())
    return tiles, builder, leaves


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_536, 65_793])
def test_a_builder_makes_exactly_the_tiles_that_its_size_has(size: int) -> None:
    tiles, builder, leaves = built(size)
    assert set(tiles) == set(tiles_of(size))
    assert builder.frontier.root == root_of(leaves)


@settings(max_examples=30)
@given(st.integers(1, 70_000), st.data())
def test_proofs_made_from_tiles_lead_to_the_root(size: int, data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([size % 700 + 1, 256, 512, 257])) if size < 69_000 else size
    tiles, builder, leaves = built(size)
    reader = TileReader(size, tiles.__getitem__)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = builder.frontier.root
    proof = inclusion(index, size, reader.subtree)
    verify_inclusion(leaves[index], index, size, proof, root)
    proof = consistency(old, size, reader.subtree)
    verify_consistency(old, size, proof, root_of(leaves[:old]), root)


def test_a_tile_of_another_width_is_not_read() -> None:
    with pytest.raises(FormatError):
        TileReader(3, lambda _: b"x" * 64).subtree(0, 0)
    with pytest.raises(FormatError):
        unpack_hashes(b"x" * 33, 1)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20))
def test_bundles_come_back(entries: list[bytes]) -> None:
    assert unpack_bundle(pack_bundle(entries), len(entries)) == tuple(entries)


def test_a_bundle_holds_the_longest_entry_and_no_longer_one() -> None:
    assert unpack_bundle(pack_bundle([b"x" * LONGEST_ENTRY]), 1) == (b"x" * LONGEST_ENTRY,)
    with pytest.raises(FormatError):
        pack_bundle([b"x" * (LONGEST_ENTRY + 1)])


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x01a\x00\x01b"])
def test_a_bundle_that_is_not_exactly_its_entries_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        unpack_bundle(raw, 1)


@given(st.binary(max_size=40), st.integers(1, 4))
def test_any_bytes_are_a_bundle_or_a_format_error(raw: bytes, width: int) -> None:
    with contextlib.suppress(FormatError):
        assert pack_bundle(unpack_bundle(raw, width)) == raw
