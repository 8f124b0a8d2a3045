"""Checking an instance's log from outside, as an auditor does: nothing of it is trusted."""

from pathlib import Path

from api.layout import Layout, Settings
from api.log.findings import Findings
from api.log.fsck import fsck
from api.log.state import held
from api.log.trust import LogTrust
from api.log.verify import verify


def verify_log(directory: Path, trust_file: Path | None) -> Findings:
    """Verify the log against a trust file; what was verified is remembered in that file.

    Raises:
        UsageError: no instance, or no usable trust file.
        UnavailableError: a file cannot be read or written.
    """
    layout = _layout(directory)
    path = trust_file or layout.log_trust
    trust = LogTrust.load(path)
    findings = verify(layout.log, trust, live=held(layout.state))
    if findings.ok and findings.checkpoint is not None:
        trust.updated(findings.checkpoint).save(path)
    return findings


def check_files(directory: Path) -> Findings:
    """Rebuild every tile of the log from its entries, and compare every file."""
    layout = _layout(directory)
    return fsck(layout.log, live=held(layout.state))


def _layout(directory: Path) -> Layout:
    layout = Layout(directory.resolve())
    Settings.read(layout)
    return layout
