"""Bytes to text, strictly: one encoding from the first character to the last.

A byte order mark decides; otherwise UTF-8, then cp932 or EUC-JP, chosen at the first bytes that
are not ASCII. Text in two encodings is refused with its place, because a guess would hide what
the other half says.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final, Protocol

from policy.classify.content import CHUNK
from policy.errors import UnreadableError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Three kana or kanji in UTF-8: legal cp932 now and then, three in a row practically never.
_UTF8_RUN: Final = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){3}")
_HALF_KATAKANA: Final = re.compile("[｡-ﾟ]")
_ENOUGH: Final = 3


class Source(Protocol):
    """Bytes in order, none at the end."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes."""
        ...


def _decodes(encoding: str, raw: bytes) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)("strict").decode(raw)
    except UnicodeDecodeError:
        return None


def detect(raw: bytes) -> str:
    """Return the encoding of a piece of text that is not all ASCII; its last character may be cut.

    Raises:
        UnreadableError: UTF-8 that stops being UTF-8, or no encoding known here.
    """
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(raw)
    except UnicodeDecodeError as failure:
        good = raw[: failure.start].decode("utf-8")
        if sum(not mark.isascii() for mark in good[-CHUNK:]) >= _ENOUGH:
            return "utf-8"  # the strict decoder will name the place
    else:
        return "utf-8"
    return _japanese(raw)


def _japanese(raw: bytes) -> str:
    cp932, euc = _decodes("cp932", raw), _decodes("euc_jp", raw)
    if euc is not None and (cp932 is None or _mostly_half(cp932)):
        return "euc_jp"
    if cp932 is not None:
        return "cp932"
    # Which of the two it fails as does not matter: the decoder names the first bad byte.
    return "cp932"


def _mostly_half(text: str) -> bool:
    wide = sum(not mark.isascii() for mark in text)
    return len(_HALF_KATAKANA.findall(text)) * 2 > wide


class Text:
    """The characters of a source, in pieces; counts rows to name the place of a bad byte."""

    def __init__(self, source: Source) -> None:
        """Read from `source`."""
        self._source = source
        self._decoder: codecs.IncrementalDecoder | None = None
        self._name = "ascii"
        self._bytes = 0
        self._rows = 1

    def __iter__(self) -> Iterator[str]:
        """Yield the text.

        Raises:
            UnreadableError: a byte that the encoding does not have, a NUL, or mixed encodings.
        """
        while raw := self._source.read(CHUNK):
            yield self._decode(self._begin(raw), final=False)
        yield self._decode(b"", final=True)

    def _begin(self, raw: bytes) -> bytes:
        if self._decoder is not None:
            return raw
        if self._bytes == 0:
            for mark, name in _MARKS:
                if raw.startswith(mark):
                    self._use(name)
                    return raw[len(mark) :]
        if not raw.isascii():
            self._use(detect(raw))
        return raw

    def _use(self, name: str) -> None:
        self._name = name
        self._decoder = codecs.getincrementaldecoder(name)("strict")

    def _decode(self, raw: bytes, *, final: bool) -> str:
        try:
            text = self._decoder.decode(raw, final) if self._decoder else raw.decode("ascii")
        except UnicodeDecodeError as failure:
            raise self._bad(raw, failure.start, f"not {self._name}, or mixed encodings") from None
        if self._name in {"cp932", "euc_jp"} and (mixed := _UTF8_RUN.search(raw)):
            raise self._bad(raw, mixed.start(), f"UTF-8 within {self._name}: mixed encodings")
        if "\x00" in text:
            raise self._bad(raw, max(0, raw.find(b"\x00")), "a NUL, so this is not text")
        self._bytes += len(raw)
        self._rows += raw.count(b"\n")
        return text

    def _bad(self, raw: bytes, at: int, what: str) -> UnreadableError:
        row = self._rows + raw.count(b"\n", 0, at)
        return UnreadableError(f"row {row}, byte {self._bytes + at}: {what}")
