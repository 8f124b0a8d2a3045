"""Is the log what it was? Judged with keys and a last seen checkpoint from outside the instance.

1. The last seen checkpoint must be signed by the trusted keys, and so must the present one.
2. Every record is hashed anew; the root at the present size must be the signed one.
3. The root at the last seen size must be the one seen then, and the log must not be shorter or
   older: whoever holds the log's own keys can sign another history, but not change what was seen.

Tiles are derived from the records; `fsck` compares them.
"""

from collections.abc import Sequence
from pathlib import Path

from api.errors import UnavailableError
from api.log.findings import Finding, Findings
from api.log.publish import CHECKPOINT
from api.log.segment import NAME, Scan
from api.log.trust import LogTrust
from crypto.errors import CryptoError
from crypto.tlog.merkle import EMPTY_ROOT, Frontier
from crypto.tlog.signed import Opened, open_checkpoint

_FIRST = "no checkpoint was seen before: a history rewritten and signed again would look the same"
_LIVE = "entries after the checkpoint are not signed yet"


def verify(
    directory: Path, trust: LogTrust | None, *, first: bool = False, live: bool = False
) -> Findings:
    """Verify the log in `directory`, which is only read.

    `first` accepts a trust that has seen no checkpoint; `live` accepts records that a running
    writer has not signed yet. Both are named in `unproven`. A good result's `checkpoint` is the
    one to remember: `trust.updated(findings.checkpoint)`.

    Raises:
        UnavailableError: a file cannot be read.
    """
    if trust is None:
        return _refused("trust.missing", "nothing to verify against: no trust file was given")
    if trust.checkpoint is None and not first:
        return _refused("trust.unseen", "the trust file has never seen a checkpoint of this log")
    try:
        return _Verification(directory, trust, live=live).run()
    except OSError as error:
        raise UnavailableError(f"{error.filename or directory}: {error.strerror}") from error


def _refused(code: str, detail: str) -> Findings:
    return Findings((Finding(code, "trust", detail),), 0)


class _Verification:
    def __init__(self, directory: Path, trust: LogTrust, *, live: bool) -> None:
        self._directory, self._trust, self._live = directory, trust, live
        self._found: list[Finding] = []
        self._unproven = [] if trust.checkpoint else [_FIRST]

    def run(self) -> Findings:
        note = self._read(CHECKPOINT)
        seen = self._trust.checkpoint
        old = self._open("trust", "trust", seen.encode()) if seen is not None else None
        new = self._open("checkpoint", CHECKPOINT, note) if note is not None else None
        if new is not None and new.foreign:
            self._add("checkpoint.foreign", CHECKPOINT, f"{new.foreign} signatures by unknown keys")
        heads = [head for head in (old, new) if head is not None]
        roots, size = self._scan([head.checkpoint.size for head in heads])
        if new is not None:
            self._present(new, roots, size)
            if old is not None:
                self._past(old, new, roots)
        text = note.decode() if note is not None and not self._found else None
        return Findings(tuple(self._found), size, text, tuple(self._unproven))

    def _add(self, code: str, where: str, detail: str) -> None:
        self._found.append(Finding(code, where, detail))

    def _read(self, name: str) -> bytes | None:
        try:
            return (self._directory / name).read_bytes()
        except FileNotFoundError:
            self._add(f"{name}.missing", name, "there is no such file")
            return None

    def _open(self, kind: str, where: str, note: bytes) -> Opened | None:
        try:
            return open_checkpoint(note, self._trust.origin, self._trust.keys())
        except CryptoError as error:
            self._add(f"{kind}.forged", where, str(error))
            return None

    def _scan(self, sizes: Sequence[int]) -> tuple[dict[int, bytes], int]:
        roots = {0: EMPTY_ROOT}
        frontier = Frontier()
        try:
            stream = (self._directory / NAME).open("rb")
        except FileNotFoundError:
            self._add("segment.missing", NAME, "there is no such file")
            return roots, 0
        with stream:
            scan = Scan(stream)
            for _, leaf in scan:
                frontier.extend((leaf,))
                if frontier.size in sizes:
                    roots[frontier.size] = frontier.root
        if scan.damage is not None:
            where = f"{NAME}: entry {scan.count}, byte {scan.offset}"
            self._tail(
                "segment.damaged", where, scan.damage, live=scan.count >= max(sizes, default=0)
            )
        return roots, scan.count

    def _present(self, new: Opened, roots: dict[int, bytes], size: int) -> None:
        signed = new.checkpoint.size
        if size < signed:
            self._add("segment.truncated", NAME, f"{size} whole entries; {signed} were signed")
        elif roots[signed] != new.checkpoint.root:
            self._add("segment.root", NAME, f"the first {signed} entries are not those signed")
        elif size > signed:
            detail = f"{size - signed} entries after the checkpoint are not signed"
            self._tail("segment.unsigned", NAME, detail, live=True)

    def _tail(self, code: str, where: str, detail: str, *, live: bool) -> None:
        if live and self._live:
            self._unproven.append(_LIVE)
        else:
            self._add(code, where, detail)

    def _past(self, old: Opened, new: Opened, roots: dict[int, bytes]) -> None:
        seen, now = old.checkpoint, new.checkpoint
        if now.size < seen.size:
            self._add("trust.shrunk", CHECKPOINT, f"{now.size} entries; {seen.size} were seen")
        elif roots.get(seen.size, seen.root) != seen.root:
            detail = f"the first {seen.size} entries are not those seen before"
            self._add("trust.rewritten", CHECKPOINT, detail)
        elif (new.time or 0) < (old.time or 0):
            self._add("trust.older", CHECKPOINT, "it was signed before the one seen before")
