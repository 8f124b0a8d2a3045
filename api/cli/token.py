"""`sekisho token`: issue, list and revoke access tokens."""

from datetime import UTC, datetime
from pathlib import Path

import click

from api.cli.options import LEVELS, data_option, emit, output_option, progress

ROLES = click.Choice(["tenant", "operator", "auditor", "admin"])


@click.group()
def command() -> None:
    """Issue, list and revoke access tokens."""


@command.command()
@click.option("--role", type=ROLES, required=True, help="What the holder is.")
@click.option("--name", required=True, help="Who the holder is.")
@click.option("--tenant", help="Whose steward a tenant's token makes.")
@click.option("--clearance", type=LEVELS, default="L3", show_default=True)
@data_option
@output_option
def issue(
    *, role: str, name: str, tenant: str | None, clearance: str, data: Path, output: str
) -> None:
    """Issue a token; it is shown once and never again."""
    from api.founding import ensured  # noqa: PLC0415 - imports lazily, for start-up
    from api.tokens import principal_of  # noqa: PLC0415
    from policy.label import Level  # noqa: PLC0415

    who = principal_of(role, name=name, tenant=tenant, clearance=Level.parse(clearance.upper()))
    with ensured(data, progress) as instance:
        token = instance.issue_token(who)
    if output == "json":
        emit({"token": token, "principal": who.to_json()})
    else:
        click.echo(token)


@command.command("list")
@data_option
@output_option
def list_(data: Path, output: str) -> None:
    """List the tokens, without what they are."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up

    with reading(data) as instance:
        rows = instance.tokens.listed()
    if output == "json":
        emit({"tokens": [row.to_json() for row in rows]})
        return
    from api.show import show_rows  # noqa: PLC0415 - rich is slow to import

    cells = [
        (row.id, row.kind, _day(row.expires), "revoked" if row.revoked else "") for row in rows
    ]
    show_rows(("id", "role", "expires", ""), cells)


@command.command()
@click.argument("identity", metavar="TOKEN-ID")
@data_option
def revoke(identity: str, data: Path) -> None:
    """Make a token useless for ever."""
    from api.instance import opened  # noqa: PLC0415 - imports lazily, for start-up

    with opened(data) as instance:
        instance.revoke_token(identity)
    click.echo(f"{identity} revoked")


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
