"""Are all files of the log what its records make of them? Needs no keys, and judges no signature.

Every tile and bundle is built anew from the segment and compared byte by byte; what the records do
not account for is reported. The records and the checkpoint are what `verify` judges: together the
two cover every byte of every file.
"""

import os
import stat
from pathlib import Path

from api.errors import UnavailableError
from api.log.findings import Finding, Findings
from api.log.publish import CHECKPOINT
from api.log.segment import NAME, Scan
from crypto.errors import FormatError
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.merkle import HASH_SIZE
from crypto.tlog.note import Note
from crypto.tlog.tiles import BUNDLE, Tile, TileBuilder, pack_bundle, tiles_of, unpack_bundle


def fsck(directory: Path, *, live: bool = False) -> Findings:
    """Check every file under `directory`, which is only read.

    `live` accepts a torn record after the checkpoint, as a running writer may be writing it.

    Raises:
        UnavailableError: a file cannot be read.
    """
    try:
        return _Check(directory, live=live).run()
    except OSError as error:
        raise UnavailableError(f"{error.filename or directory}: {error.strerror}") from error


class _Check:
    def __init__(self, directory: Path, *, live: bool) -> None:
        self._directory, self._live = directory, live
        self._found: list[Finding] = []
        self._tiles: dict[tuple[int, int], list[Tile]] = {}
        self._present: set[Tile] = set()

    def run(self) -> Findings:
        # A running writer adds tiles before the checkpoint that needs them, so that comes first.
        head = self._head()
        for path in _files(self._directory):
            self._sort(path)
        builder = TileBuilder()
        root = self._build(builder, head)
        for tile, raw in builder.partial():
            self._compare(tile, raw)
        for tiles in self._tiles.values():
            for tile in tiles:
                self._add("tile.stray", tile.path, "the records do not reach so far")
        if head is not None:
            self._complete(head, root)
        return Findings(tuple(self._found), builder.size)

    def _add(self, code: str, where: str, detail: str) -> None:
        self._found.append(Finding(code, where, detail))

    def _sort(self, path: Path) -> None:
        name = path.relative_to(self._directory).as_posix()
        try:
            regular = stat.S_ISREG(path.lstat().st_mode)
        except FileNotFoundError:
            return  # a partial tile, dropped meanwhile by a running writer
        if regular and name in {NAME, CHECKPOINT}:
            return
        try:
            tile = Tile.parse(name)
        except FormatError:
            tile = None
        if tile is None or not regular:
            self._add("file.stray", name, "not a file of a log")
            return
        self._present.add(tile)
        self._tiles.setdefault((tile.level, tile.index), []).append(tile)

    def _head(self) -> Checkpoint | None:
        try:
            note = (self._directory / CHECKPOINT).read_bytes()
            return Checkpoint.parse(Note.from_bytes(note).text)
        except FileNotFoundError:
            self._add("checkpoint.missing", CHECKPOINT, "there is no such file")
        except FormatError as error:
            self._add("checkpoint.malformed", CHECKPOINT, str(error))
        return None

    def _build(self, builder: TileBuilder, head: Checkpoint | None) -> bytes | None:
        root: bytes | None = None
        try:
            stream = (self._directory / NAME).open("rb")
        except FileNotFoundError:
            self._add("segment.missing", NAME, "there is no such file")
            return None
        with stream:
            scan = Scan(stream)
            for record in scan:
                for tile, raw in builder.add(*record):
                    self._compare(tile, raw)
                if head is not None and builder.size == head.size:
                    root = builder.frontier.root
        signed = head.size if head is not None else 0
        if scan.damage is not None and not (self._live and scan.count >= signed):
            where = f"{NAME}: entry {scan.count}, byte {scan.offset}"
            self._add("segment.damaged", where, scan.damage)
        return builder.frontier.root if head is not None and head.size == 0 else root

    def _compare(self, built: Tile, raw: bytes) -> None:
        # A partial tile is the beginning of what grew from it.
        for tile in self._tiles.pop((built.level, built.index), ()):
            if tile.width > built.width:
                self._add("tile.stray", tile.path, "the records do not reach so far")
            elif self._content(tile) != _beginning(built, raw, tile.width):
                self._add("tile.differs", tile.path, "not what the records make of it")

    def _content(self, tile: Tile) -> bytes:
        try:
            return (self._directory / tile.path).read_bytes()
        except FileNotFoundError:
            # Dropped meanwhile, for the full tile that a running writer made.
            full = (self._directory / Tile(tile.level, tile.index).path).read_bytes()
            return _beginning(Tile(tile.level, tile.index), full, tile.width)

    def _complete(self, head: Checkpoint, root: bytes | None) -> None:
        if root != head.root:
            self._add("checkpoint.root", CHECKPOINT, "the records have another root")
        for tile in tiles_of(head.size):
            if tile not in self._present and Tile(tile.level, tile.index) not in self._present:
                self._add("tile.missing", tile.path, "the checkpoint needs it")


def _beginning(built: Tile, raw: bytes, width: int) -> bytes:
    if width == built.width:
        return raw
    if built.level == BUNDLE:
        return pack_bundle(unpack_bundle(raw, built.width)[:width])
    return raw[: width * HASH_SIZE]


def _files(directory: Path) -> list[Path]:
    found: list[Path] = []
    for parent, directories, names in os.walk(directory, onerror=_raise):
        here = Path(parent)
        # A link to a directory is not walked into, so it is reported like a file.
        found += [here / name for name in directories if (here / name).is_symlink()]
        found += [here / name for name in names]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error
