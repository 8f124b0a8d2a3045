"""`sekisho audit`: verify the log against a trust file, check its files."""

import sys
from pathlib import Path

import click

from api.cli.options import FILE, data_option, emit, output_option


@click.group()
def command() -> None:
    """Verify the log against a trust file, check its files."""


@command.command()
@click.option("--trust", "trust_file", type=FILE, help="Keys and last checkpoint seen; your copy.")
@data_option
@output_option
def verify(trust_file: Path | None, data: Path, output: str) -> None:
    """Verify the log: signatures, every entry, and that it only grew since the last check.

    Without --trust the file beside the instance's directory is used. An auditor keeps a copy
    elsewhere: whoever owns the instance can write that file too.
    """
    from api.audit import verify_log  # noqa: PLC0415 - imports lazily, for start-up

    _answer(verify_log(data, trust_file), output)


@command.command()
@data_option
@output_option
def fsck(data: Path, output: str) -> None:
    """Rebuild every tile from the entries and compare; look for every object that they name."""
    from api.audit import check_files  # noqa: PLC0415 - imports lazily, for start-up

    _answer(check_files(data), output)


def _answer(findings: object, output: str) -> None:
    from api.log.findings import Findings  # noqa: PLC0415 - imports lazily, for start-up

    if not isinstance(findings, Findings):
        raise TypeError("an audit answers with findings")
    if output == "json":
        emit(findings.to_json())
    else:
        for finding in findings.findings:
            click.echo(f"{finding.code}: {finding.where}: {finding.detail}")
        found = "" if findings.ok else f"{len(findings.findings)} findings in "
        click.echo(f"{'ok' if findings.ok else 'NOT OK'}: {found}{findings.size} entries")
    sys.exit(0 if findings.ok else 1)
