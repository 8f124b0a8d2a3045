"""The text of an inclusion proof that needs no server (C2SP tlog-proof)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from crypto.errors import FormatError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import NoteKey
from crypto.tlog.merkle import HASH_SIZE, leaf_hash
from crypto.tlog.note import LONGEST_NOTE
from crypto.tlog.proofs import verify_inclusion
from crypto.tlog.signed import open_checkpoint

HEADER: Final = "c2sp.org/tlog-proof@v1"
MOST_HASHES: Final = 63
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Where an entry is, the hashes from its sibling up, and the signed checkpoint above it."""

    index: int
    hashes: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """Return the proof's text."""
        lines = [HEADER, f"index {self.index}", *map(encode, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.note

    @classmethod
    def from_bytes(cls, raw: bytes) -> "TlogProof":
        """Return the proof of `raw`; `extra` lines are refused, since nothing authenticates them.

        Raises:
            FormatError: not a proof in its one spelling.
        """
        head, _, note = raw[: 2 * LONGEST_NOTE].partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise FormatError("a proof starts with ASCII lines") from error
        place = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if lines[0] != HEADER or place is None or len(lines) > MOST_HASHES + 2:
            raise FormatError("a proof is a header, an index and at most 63 hashes")
        hashes = tuple(decode(line) for line in lines[2:])
        if any(len(each) != HASH_SIZE for each in hashes):
            raise FormatError("a proof's hashes have 32 bytes")
        return cls(int(place[1]), hashes, note)

    def verify(self, entry: bytes, origin: str, keys: Sequence[NoteKey]) -> Checkpoint:
        """Return the checkpoint, signed by all `keys`, that has `entry` at `index`.

        Raises:
            FormatError: the note is not a checkpoint.
            ForgedError: the note or the proof is false.
            TrustError: no key was given.
        """
        checkpoint = open_checkpoint(self.note, origin, keys).checkpoint
        leaf = leaf_hash(entry)
        verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint
