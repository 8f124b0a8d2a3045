"""Which reader for which bytes: by their first bytes, then by the name's ending.

What no reader understands (PDF, images, old Office files, encrypted bytes) is `UnreadableError`:
unknown, never low. The digest covers every raw byte of a full reading. Archives are opened before
anything comes here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from policy.classify import sampling
from policy.classify.content import Bounded, Content
from policy.classify.encoding import Text
from policy.classify.sampling import Sampled
from policy.classify.tables import Part, Prose
from policy.errors import UnreadableError

_FOREIGN: Final = (
    (b"%PDF", "a PDF"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"SQLite format 3", "a SQLite file"),
    (b"PK\x05\x06", "an empty ZIP archive"),
)
_ZIP: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_ARROW: Final = b"ARROW1"
_GROUPS: Final = 5
_GROUP_ROWS: Final = 2_000
_DELIMITED: Final = {"csv": None, "tsv": "\t", "tab": "\t"}
_LINES: Final = frozenset({"ndjson", "jsonl"})


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts of a content, read once in order.

    `sampled` is None where everything is read; `digest` is asked after the last part.
    """

    parts: Iterator[Part]
    sampled: Sampled | None
    digest: Callable[[], str]


def read(content: Content, *, full: bool, seed: int) -> Reading:
    """Open `content` with the reader that its bytes and name ask for.

    Raises:
        UnreadableError: no reader understands it; also later, while the parts are read.
    """
    head = content.head(32)
    ending = content.name.rpartition(".")[2].lower()
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise UnreadableError(f"byte 0: {what}, which no reader opens")
    if head.startswith(_PARQUET):
        return _parquet(content, full=full, seed=seed)
    if head.startswith(_ARROW):
        return _whole(content, _arrow)
    if head.startswith(_ZIP):
        return _workbook(content)
    if ending in _DELIMITED or ending in _LINES:
        return _rows(content, ending, full=full, seed=seed)
    if ending in _WHOLE:
        return _whole(content, _WHOLE[ending])
    return _prose(content, full=full, seed=seed)


def _rows(content: Content, ending: str, *, full: bool, seed: int) -> Reading:
    part = None if full else sampling.lines(content, seed)
    source = Bounded(content if part is None else part[0])
    parts = _lines(source) if ending in _LINES else _delimited(source, _DELIMITED[ending])
    return Reading(parts, part[1] if part else None, lambda: source.digest)


def _delimited(source: Bounded, delimiter: str | None) -> Iterator[Part]:
    from policy.classify import delimited  # noqa: PLC0415  pyarrow loads only for tables

    yield delimited.read(source, delimiter)


def _lines(source: Bounded) -> Iterator[Part]:
    from policy.classify import records  # noqa: PLC0415

    yield records.read_lines(source)


def _whole(content: Content, parts: Callable[[Bounded], Iterator[Part]]) -> Reading:
    source = Bounded(content)
    return Reading(parts(source), None, lambda: source.digest)


def _json(source: Bounded) -> Iterator[Part]:
    from policy.classify import records  # noqa: PLC0415

    yield from records.read(source)


def _sql(source: Bounded) -> Iterator[Part]:
    from policy.classify import schema  # noqa: PLC0415

    pieces: list[str] = []
    size = 0
    for piece in Text(source):
        pieces.append(piece)
        size += len(piece)
        if size > schema.LARGEST:
            raise UnreadableError(f"character {size}: SQL larger than {schema.LARGEST}")
    text = "".join(pieces)
    yield schema.of_sql(text)
    yield Prose(iter([(None, text)]))


def _arrow(source: Bounded) -> Iterator[Part]:
    from policy.classify import parquet  # noqa: PLC0415

    yield parquet.arrow_schema(source)


_WHOLE: Final[Mapping[str, Callable[[Bounded], Iterator[Part]]]] = {"json": _json, "sql": _sql}


def _workbook(content: Content) -> Reading:
    from policy.classify import excel  # noqa: PLC0415

    if content.size > excel.LARGEST:
        raise UnreadableError(f"byte {excel.LARGEST}: a workbook larger than that")
    source = Bounded(content)
    raw = b"".join(iter(source.read, b""))
    return Reading(excel.read(raw), None, lambda: source.digest)


def _parquet(content: Content, *, full: bool, seed: int) -> Reading:
    from policy.classify.parquet import ParquetFile  # noqa: PLC0415

    file = ParquetFile(content)
    if full:
        before = digest(content)
        return Reading(iter([file.table()]), None, lambda: unchanged(content, before))
    groups = sampling.strata(seed, len(file.group_rows), _GROUPS)
    seen = sum(min(_GROUP_ROWS, file.group_rows[group]) for group in groups)
    sampled = Sampled(seen, file.rows, seed)
    return Reading(iter([file.table(groups, _GROUP_ROWS)]), sampled, lambda: "")


def digest(content: Content) -> str:
    """Return the digest of all bytes of `content`.

    Raises:
        UnreadableError: the content is not as long as announced.
    """
    source = Bounded(content)
    source.drain()
    return source.digest


def unchanged(content: Content, before: str) -> str:
    """Return `before` if it still is the digest of `content`.

    Raises:
        UnreadableError: the content changed meanwhile.
    """
    # Such content is read out of order, so the digest takes its own pass, and one more to be sure
    # that what was judged is what was digested.
    if digest(content) != before:
        raise UnreadableError("byte 0: the content changed while it was read")
    return before


def _prose(content: Content, *, full: bool, seed: int) -> Reading:
    if full or content.size <= sampling.WHOLE:
        source = Bounded(content)
        whole = Prose((None, piece) for piece in Text(source))
        return Reading(iter([whole]), None, lambda: source.digest)
    blocks = tuple(sampling.blocks(content, seed))
    seen = sum(len(raw) for _, raw in blocks)
    pieces = ((start, "".join(Text(BytesIO(raw)))) for start, raw in blocks)
    return Reading(iter([Prose(pieces)]), Sampled(seen, content.size, seed, "bytes"), lambda: "")
