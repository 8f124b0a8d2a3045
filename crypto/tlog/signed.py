"""Signed checkpoints: what a log publishes and what others verify."""

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.errors import ForgedError, TrustError
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import NoteKey, NoteSigner
from crypto.tlog.note import Note


@dataclass(frozen=True, slots=True)
class Opened:
    """A verified checkpoint: `time` is the latest that a line states; `foreign` counts others."""

    checkpoint: Checkpoint
    time: int | None
    foreign: int


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner], now: int) -> bytes:
    """Return the note of `checkpoint` with one line of each signer, made at unix time `now`.

    Raises:
        TrustError: there is no signer.
    """
    if not signers:
        raise TrustError("a checkpoint needs a signer")
    lines = tuple(signer.sign(checkpoint.text, now) for signer in signers)
    return Note(checkpoint.text, lines).to_bytes()


def open_checkpoint(raw: bytes, origin: str, keys: Sequence[NoteKey]) -> Opened:
    """Return the checkpoint of a note that every one of `keys` signed; other lines are ignored.

    Raises:
        FormatError: not a note, or not a checkpoint.
        ForgedError: a key's line is missing or false, or the origin is another log's.
        TrustError: no key was given: nothing would be verified.
    """
    if not keys:
        raise TrustError("a checkpoint is verified with at least one key")
    note = Note.from_bytes(raw)
    lines = {(each.name, each.key_id): each for each in note.signatures}
    times: list[int] = []
    for key in keys:
        line = lines.get((key.name, key.key_id))
        if line is None:
            raise ForgedError(f"no signature of {key.name} ({key.kind.name})")
        times += [time for time in (key.verify(note.text, line),) if time is not None]
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise ForgedError("the checkpoint of another log")
    # Counted, not judged: a verifier that vouches for every byte must know of unjudged lines.
    return Opened(checkpoint, max(times, default=None), len(lines) - len(set(keys)))
