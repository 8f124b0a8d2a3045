"""Every changed byte, cut or rewriting of a log is found, and named, by verify or fsck."""

import asyncio
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

import api.log.fsck
from api.errors import UnavailableError, UsageError
from api.log.findings import Finding, Findings
from api.log.fsck import fsck
from api.log.segment import pack_record
from api.log.trust import LogTrust
from api.log.verify import verify
from api.log.writer import Log
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.signed import sign_checkpoint
from crypto.tlog.tiles import LONGEST_ENTRY, Tile, TileBuilder

ORIGIN = "log.example/a"
SIGNERS = [NoteSigner(ORIGIN, kind, bytes([kind]) * 32) for kind in KeyKind]
NEW = LogTrust.of(ORIGIN, [signer.key for signer in SIGNERS])
NOW = 1_800_000_000


def extend(directory: Path, entries: list[bytes], *, now: int = NOW) -> Path:
    with Log.open(
        directory / "log",
        state=directory / "state",
        origin=ORIGIN,
        signers=SIGNERS,
        clock=lambda: now,
        interval=None,
    ) as log:
        asyncio.run(append_all(log, entries))
    return directory / "log"


async def append_all(log: Log, entries: list[bytes]) -> None:
    await asyncio.gather(*(log.append(entry) for entry in entries))


def seen(log: Path) -> LogTrust:
    findings = verify(log, NEW, first=True)
    assert findings.ok
    assert findings.checkpoint is not None
    return NEW.updated(findings.checkpoint)


def codes(findings: Findings) -> set[str]:
    assert findings.ok == (not findings.findings)
    return {finding.code for finding in findings.findings}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LogTrust]:
    """A log of five entries, three of which were seen."""
    directory = tmp_path_factory.mktemp("small")
    trust = seen(extend(directory, [b"one", b"two", b"three"]))
    return extend(directory, [b"four", b"five"], now=NOW + 9), trust


@pytest.fixture
def copy(small: tuple[Path, LogTrust], tmp_path: Path) -> tuple[Path, LogTrust]:
    log, trust = small
    shutil.copytree(log, tmp_path / "copy")
    return tmp_path / "copy", trust


def test_a_sound_log_is_found_sound_and_gives_the_checkpoint_to_remember(
    small: tuple[Path, LogTrust],
) -> None:
    log, trust = small
    findings = verify(log, trust)
    assert (findings.ok, findings.size, findings.unproven) == (True, 5, ())
    assert findings.checkpoint == (log / "checkpoint").read_text()
    assert verify(log, trust.updated(findings.checkpoint)).ok
    assert fsck(log) == Findings((), 5)
    assert findings.to_json() == {"ok": True, "size": 5, "findings": [], "unproven": []}


def test_every_changed_byte_of_every_file_is_found(copy: tuple[Path, LogTrust]) -> None:
    log, trust = copy
    files = [path for path in log.rglob("*") if path.is_file()]
    assert len(files) == 6
    for path in files:
        raw = path.read_bytes()
        with path.open("r+b", buffering=0) as stream:
            for place, byte in enumerate(raw):
                os.pwrite(stream.fileno(), bytes([byte ^ 1 << place % 8]), place)
                found = verify(log, trust).findings or fsck(log).findings
                assert found, f"{path.relative_to(log)}, byte {place}"
                os.pwrite(stream.fileno(), bytes([byte]), place)
    assert verify(log, trust).ok
    assert fsck(log).ok


def test_every_cut_and_every_appended_byte_of_every_file_is_found(
    copy: tuple[Path, LogTrust],
) -> None:
    log, trust = copy
    for path in [path for path in log.rglob("*") if path.is_file()]:
        raw = path.read_bytes()
        lengths = range(len(raw)) if len(raw) < 500 else range(0, len(raw), 97)
        for changed in [raw[:length] for length in lengths] + [raw + b"\x00", raw + b"\n"]:
            path.write_bytes(changed)
            assert verify(log, trust).findings or fsck(log).findings
        path.unlink()
        # Partial tiles of an earlier checkpoint may go: nothing is derived from them.
        earlier = path.parent.name == "000.p" and path.name == "3"
        assert bool(verify(log, trust).findings or fsck(log).findings) is not earlier
        path.write_bytes(raw)
    assert fsck(log).ok


def test_a_changed_entry_is_named_with_its_place(copy: tuple[Path, LogTrust]) -> None:
    log, trust = copy
    path = log / "segment"
    path.write_bytes(path.read_bytes().replace(b"three", b"thrEe"))
    found = verify(log, trust).findings
    assert Finding("segment.damaged", "segment: entry 2, byte 26", found[0].detail) in found
    assert "segment.damaged" in codes(fsck(log))


def test_a_changed_entry_with_its_check_made_to_fit_has_another_root(
    copy: tuple[Path, LogTrust],
) -> None:
    log, trust = copy
    path = log / "segment"
    old, new = (pack_record(entry, leaf_hash(entry)) for entry in (b"three", b"thrEe"))
    path.write_bytes(path.read_bytes().replace(old, new))
    assert codes(verify(log, trust)) == {"segment.root", "trust.rewritten"}
    assert codes(fsck(log)) == {"tile.differs", "checkpoint.root"}


@pytest.mark.parametrize("kept", range(5))
def test_a_log_cut_after_any_record_is_found(copy: tuple[Path, LogTrust], kept: int) -> None:
    log, trust = copy
    entries = [b"one", b"two", b"three", b"four", b"five"][:kept]
    (log / "segment").write_bytes(
        b"".join(pack_record(entry, leaf_hash(entry)) for entry in entries)
    )
    assert "segment.truncated" in codes(verify(log, trust))
    assert codes(fsck(log)) >= {"tile.stray", "checkpoint.root"}


def forged(directory: Path, entries: list[bytes], now: int = NOW + 99) -> Path:
    """Return a perfectly sound log of other entries, made with the instance's own keys."""
    return extend(directory, entries, now=now)


def test_rewriting_and_signing_again_with_the_logs_own_keys_is_found(
    small: tuple[Path, LogTrust], tmp_path: Path
) -> None:
    log = forged(tmp_path, [b"one", b"TWO", b"three", b"four", b"five"])
    assert fsck(log).ok
    assert verify(log, NEW, first=True).ok
    assert codes(verify(log, small[1])) == {"trust.rewritten"}


def test_dropping_the_end_and_signing_again_is_found(
    small: tuple[Path, LogTrust], tmp_path: Path
) -> None:
    log = forged(tmp_path, [b"one", b"two"])
    assert codes(verify(log, small[1])) == {"trust.shrunk"}


def test_an_earlier_log_signed_before_the_one_seen_is_found(
    small: tuple[Path, LogTrust], tmp_path: Path
) -> None:
    log = forged(tmp_path, [b"one", b"two", b"three", b"other"], now=NOW - 1)
    assert codes(verify(log, small[1])) == {"trust.older"}


def test_appending_and_signing_is_no_rewriting(
    small: tuple[Path, LogTrust], tmp_path: Path
) -> None:
    assert verify(forged(tmp_path, [b"one", b"two", b"three", b"more"]), small[1]).ok


def test_entries_after_the_checkpoint_are_reported_unless_the_log_is_live(
    copy: tuple[Path, LogTrust],
) -> None:
    log, trust = copy
    with (log / "segment").open("ab") as stream:
        stream.write(pack_record(b"six", leaf_hash(b"six")))
    assert codes(verify(log, trust)) == {"segment.unsigned"}
    assert verify(log, trust, live=True).unproven == (
        "entries after the checkpoint are not signed yet",
    )
    assert fsck(log).ok
    with (log / "segment").open("ab") as stream:
        stream.write(b"\x00")
    assert codes(verify(log, trust)) == {"segment.damaged", "segment.unsigned"}
    assert codes(fsck(log)) == {"segment.damaged"}
    assert verify(log, trust, live=True).ok
    assert fsck(log, live=True).ok


def test_damage_before_the_checkpoint_counts_even_when_the_log_is_live(
    copy: tuple[Path, LogTrust],
) -> None:
    log, trust = copy
    os.truncate(log / "segment", (log / "segment").stat().st_size - 1)
    assert codes(verify(log, trust, live=True)) >= {"segment.damaged", "segment.truncated"}
    assert "segment.damaged" in codes(fsck(log, live=True))


def test_a_line_by_an_unknown_key_is_reported(copy: tuple[Path, LogTrust]) -> None:
    log, trust = copy
    head = Checkpoint.parse("\n".join((log / "checkpoint").read_text().split("\n")[:3]) + "\n")
    stranger = NoteSigner("witness.example/w", KeyKind.ED25519, b"w" * 32)
    (log / "checkpoint").write_bytes(sign_checkpoint(head, [*SIGNERS, stranger], NOW + 9))
    assert codes(verify(log, trust)) == {"checkpoint.foreign"}


@pytest.mark.parametrize("name", ["segment", "checkpoint"])
def test_a_missing_file_is_named(copy: tuple[Path, LogTrust], name: str) -> None:
    log, trust = copy
    (log / name).unlink()
    assert f"{name}.missing" in codes(verify(log, trust))
    assert f"{name}.missing" in codes(fsck(log))


def test_a_checkpoint_that_is_no_note_is_named(copy: tuple[Path, LogTrust]) -> None:
    log, trust = copy
    (log / "checkpoint").write_text("no note")
    assert codes(verify(log, trust)) == {"checkpoint.forged"}
    assert codes(fsck(log)) == {"checkpoint.malformed"}


def test_what_does_not_belong_to_a_log_is_named(copy: tuple[Path, LogTrust]) -> None:
    log, _ = copy
    strays = ["notes.txt", "tile/0/000.p/6", "tile/0/000", "tile/1/000.p/1", "tile/0/001.p/1"]
    strays += ["tile/entries/001", "tile/x", ".hidden", "tile/0/segment"]
    for name in strays:
        (log / name).parent.mkdir(parents=True, exist_ok=True)
        (log / name).write_bytes(b"")
    (log / "link").symlink_to(log / "segment")
    (log / "tile" / "linked").symlink_to(log / "tile")
    found = fsck(log).findings
    assert {finding.where for finding in found} == {*strays, "link", "tile/linked"}
    assert {finding.code for finding in found} == {"file.stray", "tile.stray"}


def test_a_link_in_place_of_a_tile_is_named(copy: tuple[Path, LogTrust]) -> None:
    log, _ = copy
    tile = log / "tile" / "0" / "000.p" / "5"
    tile.rename(log.parent / "elsewhere")
    tile.symlink_to(log.parent / "elsewhere")
    assert codes(fsck(log)) == {"file.stray", "tile.missing"}


def test_earlier_partial_tiles_are_judged_too(copy: tuple[Path, LogTrust]) -> None:
    log, trust = copy
    bundle = log / "tile" / "entries" / "000.p" / "3"
    bundle.write_bytes(bundle.read_bytes().replace(b"two", b"TWO"))
    assert verify(log, trust).ok
    found = fsck(log).findings
    assert [(each.code, each.where) for each in found] == [("tile.differs", "tile/entries/000.p/3")]


def test_a_partial_tile_dropped_while_it_is_judged_counts_as_its_full_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extend(tmp_path, [b"a"])
    log = extend(tmp_path, [b"%d" % index for index in range(300)])
    full = (log / "tile" / "0" / "000").read_bytes()
    partial = log / "tile" / "0" / "000.p" / "1"
    add = TileBuilder.add

    def dropping(self: TileBuilder, entry: bytes, leaf: bytes) -> Sequence[tuple[Tile, bytes]]:
        partial.unlink(missing_ok=True)
        return add(self, entry, leaf)

    partial.parent.mkdir()
    partial.write_bytes(full[:32])
    assert fsck(log).ok
    with monkeypatch.context() as patch:
        patch.setattr(TileBuilder, "add", dropping)
        assert fsck(log).ok
    assert not partial.exists()
    listed = api.log.fsck._files  # noqa: SLF001

    def late(directory: Path) -> list[Path]:
        found = listed(directory)
        partial.unlink()
        return found

    partial.write_bytes(full[:32])
    monkeypatch.setattr(api.log.fsck, "_files", late)
    assert fsck(log).ok


def test_full_tiles_of_two_levels_are_judged(tmp_path: Path) -> None:
    log = extend(tmp_path, [b"%d" % index for index in range(600)])
    assert fsck(log) == Findings((), 600)
    for name in ("tile/0/001", "tile/entries/000", "tile/1/000.p/2", "tile/0/002.p/88"):
        raw = (log / name).read_bytes()
        (log / name).write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        assert [finding.where for finding in fsck(log).findings] == [name]
        (log / name).unlink()
        assert codes(fsck(log)) == {"tile.missing"}
        (log / name).write_bytes(raw)


def test_an_empty_log_and_the_longest_entry_are_sound(tmp_path: Path) -> None:
    log = extend(tmp_path, [])
    trust = seen(log)
    assert fsck(log) == Findings((), 0)
    extend(tmp_path, [b"x" * LONGEST_ENTRY])
    assert verify(log, trust).ok
    assert fsck(log).ok


def test_without_a_trust_file_or_anything_seen_it_refuses(small: tuple[Path, LogTrust]) -> None:
    log, _ = small
    assert codes(verify(log, None)) == {"trust.missing"}
    assert codes(verify(log, None, first=True)) == {"trust.missing"}
    assert codes(verify(log, NEW)) == {"trust.unseen"}
    assert "rewritten" in verify(log, NEW, first=True).unproven[0]


def test_a_trust_whose_checkpoint_is_not_its_own_is_named(small: tuple[Path, LogTrust]) -> None:
    log, trust = small
    assert trust.checkpoint is not None
    wrong = trust.updated(trust.checkpoint.replace("\n3\n", "\n2\n"))
    assert codes(verify(log, wrong)) == {"trust.forged"}


def test_a_log_of_other_keys_or_another_origin_is_named(small: tuple[Path, LogTrust]) -> None:
    log, trust = small
    others = [NoteSigner(ORIGIN, kind, b"o" * 32).key for kind in KeyKind]
    assert codes(verify(log, LogTrust.of(ORIGIN, others), first=True)) == {"checkpoint.forged"}
    other = LogTrust("log.example/b", trust.vkeys)
    assert codes(verify(log, other, first=True)) == {"checkpoint.forged"}


def test_what_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        fsck(tmp_path / "nothing")
    log = extend(tmp_path, [b"a"])
    (log / "checkpoint").unlink()
    (log / "checkpoint").mkdir()
    with pytest.raises(UnavailableError):
        verify(log, NEW, first=True)
    with pytest.raises(UnavailableError):
        fsck(log)


def test_a_trust_file_comes_back(small: tuple[Path, LogTrust], tmp_path: Path) -> None:
    _, trust = small
    for each in (trust, NEW):
        each.save(tmp_path / "trust.json")
        assert LogTrust.load(tmp_path / "trust.json") == each
    assert set(json.loads(NEW.to_bytes())) == {"origin", "vkeys", "checkpoint"}
    assert [path.name for path in tmp_path.iterdir()] == ["trust.json"]


def test_a_trust_file_that_cannot_be_read_or_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.json"):
        LogTrust.load(tmp_path / "nothing.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UsageError, match=r"bad\.json"):
        LogTrust.load(tmp_path / "bad.json")
    with pytest.raises(UnavailableError):
        NEW.save(tmp_path / "nowhere" / "trust.json")


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"origin": ORIGIN, "vkeys": [], "checkpoint": None},
        {"origin": ORIGIN, "vkeys": ["a"], "checkpoint": None},
        {"origin": ORIGIN, "vkeys": [1], "checkpoint": None},
        {"origin": ORIGIN, "vkeys": "a", "checkpoint": None},
        {"origin": ORIGIN, "vkeys": list(NEW.vkeys), "checkpoint": 1},
        {"origin": 1, "vkeys": list(NEW.vkeys), "checkpoint": None},
        {"origin": ORIGIN, "vkeys": list(NEW.vkeys)},
        {"origin": ORIGIN, "vkeys": list(NEW.vkeys), "checkpoint": None, "more": 1},
    ],
)
def test_a_trust_file_of_another_shape_is_bad_input(document: object) -> None:
    with pytest.raises(UsageError):
        LogTrust.from_bytes(json.dumps(document).encode())


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_trust_or_bad_input(raw: bytes) -> None:
    with pytest.raises(UsageError):
        LogTrust.from_bytes(raw)
    with pytest.raises(UsageError):
        LogTrust.from_bytes(b"[" * 100_000)
