"""Tiles of C2SP tlog-tiles: their paths, their hashes and the bundles of entries.

A tile holds up to 256 consecutive hashes of one level, a bundle the up to 256 entries below a tile
of level 0. Only the last of a level may be partial; a partial tile's width is in its path.
"""

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import FormatError
from crypto.tlog.merkle import HASH_SIZE, Frontier, root_of

WIDTH: Final = 256
LONGEST_ENTRY: Final = 65_535  # what the bundle's two length bytes can say
DEEPEST: Final = 63

_LENGTH: Final = struct.Struct(">H")
_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)"
    r"/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile, or with level -1 a bundle of entries; `width` is 1 to 256."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below the log's prefix, such as `tile/0/x001/234.p/7`."""
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level < 0 else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Tile":
        """Return the tile that has `path`.

        Raises:
            FormatError: no tile has it.
        """
        match = _PATH.fullmatch(path)
        if match is None:
            raise FormatError("not the path of a tile")
        level = -1 if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", ""))
        tile = cls(level, index, int(match["width"] or WIDTH))
        # A path has one spelling: no x000 in front, no width of 256 or more, no level beyond 63.
        if tile.path != path or not 1 <= tile.width <= WIDTH or level > DEEPEST:
            raise FormatError("not the path of a tile")
        return tile


BUNDLE: Final = -1


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile and bundle that a tree of `size` entries has, bundles first."""
    levels = [BUNDLE, *range((size.bit_length() + 7) // 8)]
    for level in levels:
        hashes = size >> (8 * max(level, 0))
        yield from (Tile(level, index) for index in range(hashes // WIDTH))
        if hashes % WIDTH:
            yield Tile(level, hashes // WIDTH, hashes % WIDTH)


def pack_bundle(entries: Iterable[bytes]) -> bytes:
    """Return the bytes of a bundle.

    Raises:
        FormatError: an entry is longer than 65,535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > LONGEST_ENTRY:
            raise FormatError(f"an entry has at most {LONGEST_ENTRY} bytes, this one {len(entry)}")
        parts += (_LENGTH.pack(len(entry)), entry)
    return b"".join(parts)


def unpack_bundle(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Return the `width` entries of a bundle.

    Raises:
        FormatError: the bytes hold more, fewer or torn entries.
    """
    entries: list[bytes] = []
    place = 0
    while place < len(raw) and len(entries) < width:
        start = place + _LENGTH.size
        if start > len(raw):
            raise FormatError("a bundle ends within a length")
        place = start + _LENGTH.unpack_from(raw, place)[0]
        entries.append(raw[start:place])
    if place != len(raw) or len(entries) != width:
        raise FormatError(f"a bundle does not hold {width} whole entries")
    return tuple(entries)


def unpack_hashes(raw: bytes, width: int) -> tuple[bytes, ...]:
    """Return the `width` hashes of a tile.

    Raises:
        FormatError: the bytes are not `width` hashes.
    """
    if len(raw) != width * HASH_SIZE:
        raise FormatError(f"a tile of width {width} has {width * HASH_SIZE} bytes")
    return tuple(raw[place : place + HASH_SIZE] for place in range(0, len(raw), HASH_SIZE))


class TileBuilder:
    """Grows a tree leaf by leaf and hands out its tiles, each level's last one kept partial."""

    __slots__ = ("_edges", "_entries", "_starts")

    def __init__(self) -> None:
        self._edges: list[list[bytes]] = [[]]
        self._starts: list[int] = [0]
        self._entries: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._starts[0] * WIDTH + len(self._edges[0])

    @property
    def frontier(self) -> Frontier:
        """The frontier of the tree, from the hashes of the partial tiles alone."""
        return Frontier(self.size, [top for edge in reversed(self._edges) for top in _peaks(edge)])

    def add(self, entry: bytes, leaf: bytes) -> Sequence[tuple[Tile, bytes]]:
        """Add an entry with its leaf hash; return the bundle and tiles that became full."""
        self._entries.append(entry)
        full: list[tuple[Tile, bytes]] = []
        if len(self._entries) == WIDTH:
            full.append((Tile(BUNDLE, self._starts[0]), pack_bundle(self._entries)))
            self._entries = []
        self._push(0, leaf, full)
        return full

    def _push(self, level: int, top: bytes, full: list[tuple[Tile, bytes]]) -> None:
        if level == len(self._edges):
            self._edges.append([])
            self._starts.append(0)
        edge = self._edges[level]
        edge.append(top)
        if len(edge) == WIDTH:
            full.append((Tile(level, self._starts[level]), b"".join(edge)))
            self._edges[level] = []
            self._starts[level] += 1
            self._push(level + 1, root_of(edge), full)

    def partial(self) -> Iterator[tuple[Tile, bytes]]:
        """Yield the partial bundle and tiles of the present size."""
        if self._entries:
            width = len(self._entries)
            yield Tile(BUNDLE, self._starts[0], width), pack_bundle(self._entries)
        for level, edge in enumerate(self._edges):
            if edge:
                yield Tile(level, self._starts[level], len(edge)), b"".join(edge)


class TileReader:
    """The hashes of a tree of `size` leaves, from its tiles, each read at most once."""

    def __init__(self, size: int, read: Callable[[Tile], bytes]) -> None:
        """Read a tile's bytes with `read`, always at the width that this size gives it."""
        self._size, self._read = size, read
        self._tiles: dict[Tile, tuple[bytes, ...]] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """Return the root over the 2**level leaves from index * 2**level, all within the tree.

        Raises:
            FormatError: a tile is not as wide as it must be.
        """
        rows, height = divmod(level, 8)
        first, stop = index << height, (index + 1) << height
        number = first // WIDTH
        hashes = self._tile(rows, number)
        return root_of(hashes[first - number * WIDTH : stop - number * WIDTH])

    def _tile(self, level: int, index: int) -> tuple[bytes, ...]:
        width = min(WIDTH, (self._size >> (8 * level)) - index * WIDTH)
        tile = Tile(level, index, width)
        if tile not in self._tiles:
            self._tiles[tile] = unpack_hashes(self._read(tile), width)
        return self._tiles[tile]


def _peaks(edge: Sequence[bytes]) -> tuple[bytes, ...]:
    frontier = Frontier()
    frontier.extend(edge)
    return frontier.peaks
