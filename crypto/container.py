"""One sealed object as one file: envelopes, segments, signed manifest.

    magic | u32 length | preamble | segments | manifest | u64 length of manifest | magic

The manifest names the digest of the preamble, and the lengths leave no byte unaccounted for: any
damage anywhere is found before plaintext of that place is released. Works on streams alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from crypto.encoding import Buffer, Fields, b64, document
from crypto.envelope import Context, Envelope
from crypto.errors import ForgedError, FormatError, TrustError
from crypto.manifest import (
    LIMIT,
    Header,
    Manifest,
    sealed_length,
    sign_manifest,
    verify_manifest,
)
from crypto.payload import Reader, Sealing, open_stream
from crypto.signing import SigningKey, VerifyKey
from policy.canonical import JSON, canonical, digest

MAGIC = b"SEKISHO\x01"
_END = b"\x01OHSIKES"
_U32 = 4
_U64 = 8
_START = len(MAGIC) + _U32
_FOOT = _U64 + len(_END)
_PREAMBLE = 4 << 20
_SEEK_END = 2


class Writer(Protocol):
    """Where a sealed file goes."""

    def write(self, data: Buffer, /) -> object:
        """Take all of `data` before returning: its memory is used again."""
        ...


class Seekable(Reader, Protocol):
    """A stream that can be read at any place."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a place, and return it."""
        ...


def seal_file(
    out: Writer,
    header: Header,
    dek: Buffer,
    reader: Reader,
    *,
    envelopes: Sequence[tuple[Context, Envelope]],
    key: SigningKey,
    threads: int = 1,
) -> Manifest:
    """Write a sealed object to `out` and return its manifest.

    Raises:
        ForgedError: the content read is not the one that the envelopes name; discard `out`.
        FormatError: no envelope, or one for another object than `header`.
    """
    preamble = _preamble(header, envelopes)
    out.write(MAGIC + len(preamble).to_bytes(_U32, "big") + preamble)
    sealing = Sealing(header, dek, reader, threads=threads, reuse=True)
    for segment in sealing:
        out.write(segment.sealed)
    manifest = sealing.manifest(digest(preamble))
    _agree(manifest, [context for context, _ in envelopes])
    trailer = sign_manifest(manifest, key)
    out.write(trailer + len(trailer).to_bytes(_U64, "big") + _END)
    return manifest


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file whose manifest and envelopes were checked; its segments are, when read."""

    stream: Seekable
    manifest: Manifest
    envelopes: tuple[tuple[Context, Envelope], ...]
    offset: int

    @classmethod
    def open(cls, stream: Seekable, keys: Iterable[VerifyKey]) -> "SealedFile":
        """Return the file if one of `keys` signed it and no byte is missing or too many.

        Raises:
            ForgedError, FormatError, SuiteError: damaged.
            TrustError: signed by another key.
        """
        size = stream.seek(0, _SEEK_END)
        foot = _at(stream, size - _FOOT, _FOOT)
        length = int.from_bytes(foot[:_U64], "big")
        if foot[_U64:] != _END or length > LIMIT + (64 << 10):
            raise FormatError("not a whole sealed file")
        manifest = verify_manifest(_at(stream, size - _FOOT - length, length), keys)
        head = _at(stream, 0, _START)
        if head[: len(MAGIC)] != MAGIC:
            raise FormatError("not a sealed file of version 1")
        taken = int.from_bytes(head[len(MAGIC) :], "big")
        if taken > _PREAMBLE:
            raise FormatError("a sealed file with too long a preamble")
        preamble = _at(stream, _START, taken)
        if digest(preamble) != manifest.container:
            raise ForgedError("the preamble is not the one that was signed")
        header, envelopes = _parse(preamble)
        if header != manifest.header:
            raise ForgedError("the preamble is of another object than the manifest")
        found = cls(stream, manifest, envelopes, _START + taken)
        _agree(manifest, [context for context, _ in found.envelopes])
        if found.place(len(manifest.digests)) != size - _FOOT - length:
            raise ForgedError("the sealed file has bytes missing or too many")
        return found

    def place(self, index: int) -> int:
        """Return where segment `index` begins, in bytes."""
        segment = sealed_length(self.manifest.header.segment_size)
        count = len(self.manifest.digests)
        if index < count:
            return self.offset + index * segment
        last = sealed_length(self.manifest.plain_length(count - 1))
        return self.offset + (count - 1) * segment + last

    def envelope_for(self, key_id: str) -> tuple[Context, Envelope]:
        """Return the envelope of a recipient key; raises TrustError if there is none."""
        for context, envelope in self.envelopes:
            if envelope.recipient == key_id:
                return context, envelope
        raise TrustError("the file is not sealed to this key")

    def sealed(self, index: int) -> bytes:
        """Return a sealed segment as it lies in the file, unchecked."""
        start = self.place(index)
        return _at(self.stream, start, self.place(index + 1) - start)

    def plain(self, dek: Buffer, *, threads: int = 1, reuse: bool = False) -> Iterator[bytearray]:
        """Yield the plaintext in order, as `payload.open_stream` does."""
        return open_stream(self.manifest, dek, self.sealed, threads=threads, reuse=reuse)


def _preamble(header: Header, envelopes: Sequence[tuple[Context, Envelope]]) -> bytes:
    lines: list[JSON] = [
        {"context": b64(context.to_bytes()), "envelope": b64(envelope.to_bytes())}
        for context, envelope in envelopes
    ]
    raw = canonical({"v": 1, "header": header.to_json(), "envelopes": lines})
    if not lines or len(raw) > _PREAMBLE:
        raise FormatError("a sealed file needs an envelope, and not too many")
    _parse(raw)
    return raw


def _parse(preamble: bytes) -> tuple[Header, tuple[tuple[Context, Envelope], ...]]:
    what = "sealed file"
    fields = Fields(document(preamble, what, limit=_PREAMBLE), ("v", "header", "envelopes"), what)
    if fields.number("v") != 1:
        raise FormatError("sealed file: another version")
    found: list[tuple[Context, Envelope]] = []
    for line in fields.values("envelopes"):
        pair = Fields(line, ("context", "envelope"), what)
        context = document(pair.raw("context"), "context", limit=_PREAMBLE)
        found.append((Context.from_json(context), Envelope.from_bytes(pair.raw("envelope"))))
    return Header.from_json(fields.value("header")), tuple(found)


def _agree(manifest: Manifest, contexts: Sequence[Context]) -> None:
    header = manifest.header
    for context in contexts:
        manifest.expect(dataset=context.dataset, content=context.content, label=context.label)
        if context.suite != header.suite:
            raise ForgedError("an envelope of the file has another suite than its object")


def _at(stream: Seekable, start: int, length: int) -> bytes:
    """Return exactly `length` bytes from `start`, or raise FormatError."""
    if start < 0:
        raise FormatError("the sealed file is cut short")
    stream.seek(start)
    parts: list[bytes] = []
    while length > 0 and (part := stream.read(length)):
        parts.append(part)
        length -= len(part)
    if length:
        raise FormatError("the sealed file is cut short")
    return parts[0] if len(parts) == 1 else b"".join(parts)
