"""Checking an instance's log from outside, as an auditor does: nothing of it is trusted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from api.errors import NotFoundError, UnavailableError, UsageError
from api.layout import Layout, Settings
from api.log.findings import Finding, Findings
from api.log.fsck import fsck
from api.log.reader import Reader
from api.log.state import held
from api.log.trust import LogTrust
from api.log.verify import verify
from api.objects import Objects
from api.record import Entry

# The facts of an entry that name kept bytes; a dataset's `content` names bytes of its owner.
_OBJECTS: Final = ("question", "outcome", "revision", "epoch", "digest", "findings")


def verify_log(directory: Path, trust_file: Path | None) -> Findings:
    """Verify the log against a trust file; what was verified is remembered in that file.

    Raises:
        UsageError: no instance, or no usable trust file.
        UnavailableError: a file cannot be read or written.
    """
    layout = _layout(directory)
    path = trust_file or layout.log_trust
    if trust_file is None and not path.is_file():
        raise UsageError(f"{path}: no trust file here; give --trust FILE, your own copy")
    trust = LogTrust.load(path)
    findings = verify(layout.log, trust, live=held(layout.state))
    if findings.ok and findings.checkpoint is not None:
        trust.updated(findings.checkpoint).save(path)
    return findings


def check_files(directory: Path) -> Findings:
    """Rebuild every tile from the entries and compare; look for every object that they name."""
    layout = _layout(directory)
    checked = fsck(layout.log, live=held(layout.state))
    return replace(checked, findings=(*checked.findings, *_objects(layout)))


def _objects(layout: Layout) -> Iterator[Finding]:
    """Yield what is wrong with the kept bytes that entries name by their digest."""
    objects = Objects(layout.objects)
    seen: set[str] = set()
    with Reader(layout.log) as reader:
        for index in range(reader.size):
            for name in _named(reader.entry(index)) - seen:
                seen.add(name)
                try:
                    objects.get(name)
                except NotFoundError:
                    yield Finding("object.missing", f"entry {index}", f"{name} is not kept")
                except UnavailableError:
                    yield Finding("object.changed", f"entry {index}", f"{name} is other bytes")


def _named(raw: bytes) -> set[str]:
    facts = Entry.from_bytes(raw).facts
    listed = facts.get("receipts")
    values = [facts.get(name) for name in _OBJECTS]
    values += listed if isinstance(listed, list) else []
    return {value for value in values if isinstance(value, str)}


def _layout(directory: Path) -> Layout:
    layout = Layout(directory.resolve())
    Settings.read(layout)
    return layout
