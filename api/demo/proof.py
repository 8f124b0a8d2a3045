"""The end of the story: the log verifies, and tampering with a copy of it is found."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from api.audit import check_files, verify_log
from api.custody import LOG_KEYS
from api.demo.stage import Told
from api.demo.tell import Teller
from api.instance import reading
from api.layout import Layout
from api.log.reader import Reader
from api.log.segment import NAME
from api.log.trust import LogTrust
from api.log.verify import verify as verify_directory
from api.log.writer import Log
from policy.canonical import JSON, canonical


def verify(data: Path, tell: Teller) -> Told:
    """Verify the whole log with the trust file that lies outside the instance."""
    tell.heading(8, "verify")
    verified, checked = verify_log(data, None), check_files(data)
    tell.say("demo.verified", entries=verified.size)
    ok = verified.ok and checked.ok
    return Told("verify", ok, {"entries": verified.size, "verify": verified.to_json()})


def tamper(data: Path, work: Path, tell: Teller) -> Told:
    """Tamper with copies of the log in three ways; the trust file finds each."""
    tell.heading(9, "tamper")
    layout = Layout(data.resolve())
    trust = LogTrust.load(layout.log_trust)
    found: dict[str, JSON] = {}
    for name, spoil in _WAYS.items():
        copy = work / f"log-{name}"
        shutil.copytree(layout.log, copy)
        findings = verify_directory(spoil(data, copy), trust)
        codes = sorted({each.code for each in findings.findings})
        found[name] = codes
        tell.say(f"demo.tamper.{name}", codes=codes)
    intact = verify_log(data, None)
    return Told("tamper", all(found.values()) and intact.ok, {"found": found})


def _flip(_data: Path, copy: Path) -> Path:
    segment = copy / NAME
    raw = bytearray(segment.read_bytes())
    raw[len(raw) // 2] ^= 1
    segment.write_bytes(raw)
    return copy


def _truncate(_data: Path, copy: Path) -> Path:
    segment = copy / NAME
    raw = segment.read_bytes()
    segment.write_bytes(raw[: len(raw) * 2 // 3])
    return copy


def _rewrite(data: Path, copy: Path) -> Path:
    """Turn the first refusal into a permit and sign everything again with the instance's keys."""
    with Reader(copy) as reader:
        entries = reader.entries()
    forged = copy.with_name(f"{copy.name}-forged")
    with (
        reading(data) as instance,
        Log.open(
            forged,
            state=copy.with_name(f"{copy.name}-state"),
            origin=instance.settings.origin,
            signers=[instance.vault.note_signer(name) for name in LOG_KEYS],
            clock=instance.now,
        ) as log,
    ):
        for entry in _forged(entries):
            log.append_now(entry)
    return forged


def _forged(entries: list[bytes]) -> list[bytes]:
    for place, raw in enumerate(entries):
        document = json.loads(raw)
        if document["facts"].get("verdict") == "refuse":
            document["facts"]["verdict"] = "permit"
            return [*entries[:place], canonical(document), *entries[place + 1 :]]
    return entries


_WAYS: Final[Mapping[str, Callable[[Path, Path], Path]]] = {
    "flipped": _flip,
    "truncated": _truncate,
    "rewritten": _rewrite,
}
