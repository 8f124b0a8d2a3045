"""The manifest: which segments are an object, signed; it names no recipient and holds no key.

The header is known before the first byte and is bound into every segment; the manifest lists the
sealed segments afterwards. A relay checks segments against it without being able to read them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from crypto.encoding import Buffer, Fields, b64, document
from crypto.errors import ForgedError, FormatError
from crypto.signed import body_of, signed, verified
from crypto.signing import SigningKey, VerifyKey
from crypto.suites import require, suite
from policy.canonical import JSON, canonical

SEGMENT: Final = 64 << 20  # bytes of plaintext in a segment unless told otherwise
SMALLEST: Final = 1 << 10
LARGEST: Final = 1 << 30
MOST_SEGMENTS: Final = 1 << 18
_CHUNK = 16 << 10  # Cobblestone: 56 bytes before, 16 after each chunk, and a last short chunk
_TAG = 16
_HEAD = 56
_DIGEST = 32
_DOMAIN = "sekisho/manifest/v1"
_ROOT = b"sekisho/segments/v1"
LIMIT: Final = 16 << 20
_NAMES = ("v", "header", "length", "content", "count", "root", "segments", "container")
_HEADER_NAMES = ("object", "dataset", "label", "suite", "segment_size")


def sealed_length(length: int) -> int:
    """Return the bytes that `length` bytes of plaintext take as one segment."""
    return _HEAD + length + _TAG * (length // _CHUNK + 1)


def segments_root(digests: Iterable[bytes]) -> str:
    """Return `sha256:<hex>` over segment digests in order: one name for all of them."""
    return "sha256:" + hashlib.sha256(_ROOT + b"".join(digests)).hexdigest()


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of an object before sealing; `label` is a digest, `segment_size` in bytes."""

    object: str
    dataset: str
    label: str
    suite: str
    segment_size: int = SEGMENT

    def __post_init__(self) -> None:
        """Raise FormatError or SuiteError for a header that cannot be used."""
        suite(self.suite)
        if not SMALLEST <= self.segment_size <= LARGEST:
            raise FormatError("manifest: segments have 1 KiB to 1 GiB of plaintext")

    def to_json(self) -> dict[str, JSON]:
        """Return the header's members."""
        return {
            "object": self.object,
            "dataset": self.dataset,
            "label": self.label,
            "suite": self.suite,
            "segment_size": self.segment_size,
        }

    @classmethod
    def from_json(cls, value: JSON) -> "Header":
        """Return the header that `to_json` gave; raises FormatError or SuiteError."""
        fields = Fields(value, _HEADER_NAMES, "manifest header")
        return cls(
            object=fields.text("object"),
            dataset=fields.text("dataset"),
            label=fields.text("label"),
            suite=fields.text("suite"),
            segment_size=fields.number("segment_size"),
        )

    @property
    def digest(self) -> bytes:
        """Return the 32-byte digest that every segment's context holds."""
        return hashlib.sha256(canonical({"v": 1, **self.to_json()})).digest()


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object as sealed: `length` in bytes and `content` (digest) are of the plaintext.

    `container` is the digest of a file's preamble when the object lies in one file.
    """

    header: Header
    length: int
    content: str
    digests: tuple[bytes, ...]
    container: str | None = None

    def __post_init__(self) -> None:
        """Raise FormatError unless the segments are as many as the length needs."""
        needed = max(1, -(-self.length // self.header.segment_size))
        if len(self.digests) != needed or needed > MOST_SEGMENTS:
            raise FormatError("manifest: the segments do not fit the length")

    @property
    def root(self) -> str:
        """Return the one digest that names all segments."""
        return segments_root(self.digests)

    def plain_length(self, index: int) -> int:
        """Return the plaintext bytes of a segment, or raise FormatError if there is none."""
        if not 0 <= index < len(self.digests):
            raise FormatError("the manifest has no such segment")
        return min(self.header.segment_size, self.length - index * self.header.segment_size)

    def check(self, index: int, sealed: Buffer) -> None:
        """Return if `sealed` is this object's segment `index`; needs no key.

        Raises:
            ForgedError: cut short, altered, or another segment.
            FormatError: there is no such segment.
        """
        if len(sealed) != sealed_length(self.plain_length(index)):
            raise ForgedError(f"segment {index} has the wrong length")
        if hashlib.sha256(sealed).digest() != self.digests[index]:
            raise ForgedError(f"segment {index} is not the one in the manifest")

    def expect(self, *, dataset: str, content: str, label: str) -> None:
        """Raise ForgedError unless the object is of this dataset, content and label (digests)."""
        if (self.header.dataset, self.content, self.header.label) != (dataset, content, label):
            raise ForgedError("the object is not the one that the permit names")

    def to_bytes(self) -> bytes:
        """Return the canonical JSON that is signed."""
        return canonical(
            {
                "v": 1,
                "header": self.header.to_json(),
                "length": self.length,
                "content": self.content,
                "count": len(self.digests),
                "root": self.root,
                "segments": b64(b"".join(self.digests)),
                "container": self.container,
            }
        )

    @classmethod
    def from_bytes(cls, raw: Buffer) -> "Manifest":
        """Return an UNSIGNED manifest; raises FormatError or SuiteError."""
        fields = Fields(document(raw, "manifest", limit=LIMIT), _NAMES, "manifest")
        joined = fields.raw("segments")
        digests = tuple(joined[at : at + _DIGEST] for at in range(0, len(joined), _DIGEST))
        found = cls(
            header=Header.from_json(fields.value("header")),
            length=fields.number("length"),
            content=fields.text("content"),
            digests=digests,
            container=fields.text_or_none("container"),
        )
        # Writing it again covers version, count and root.
        if len(joined) % _DIGEST or found.to_bytes() != bytes(raw):
            raise FormatError("manifest: version, count or root is wrong")
        return found


def sign_manifest(manifest: Manifest, key: SigningKey) -> bytes:
    """Return the manifest with the signature of its sender.

    Raises:
        SuiteError: the key is weaker than the object's suite.
        FormatError: the manifest would not be read back.
    """
    require(key.suite, at_least=manifest.header.suite)
    body = manifest.to_bytes()
    Manifest.from_bytes(body)
    return signed(_DOMAIN, body, [key])


def verify_manifest(raw: Buffer, keys: Iterable[VerifyKey]) -> Manifest:
    """Return the manifest if one of `keys` signed it.

    Raises:
        TrustError: signed by no key of `keys`.
        ForgedError, FormatError, SuiteError: altered, malformed, or signed with a weaker suite.
    """
    body, signers = verified(_DOMAIN, raw, keys, limit=LIMIT)
    found = Manifest.from_bytes(body)
    for signer in signers:
        require(signer.suite, at_least=found.header.suite)
    return found


def claimed_manifest(raw: Buffer) -> Manifest:
    """Return what a signed manifest claims, WITHOUT checking who signed it."""
    return Manifest.from_bytes(body_of(_DOMAIN, raw, limit=LIMIT))
