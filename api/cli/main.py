"""The `sekisho` command. Each noun's module is imported only when it is called."""

import importlib
import sys
from io import TextIOWrapper
from typing import Final

import click
from typing_extensions import override

COMMANDS: Final = {
    "demo": "the whole story on the example network",
    "serve": "the API, the console and the log over HTTP",
    "classify": "say what files are: label and evidence",
    "network": "import and show network documents",
    "path": "find compliant paths, or check one",
    "dataset": "register, list, show and place datasets",
    "passage": "ask for a passage, list, deliver and revoke",
    "decision": "list, show and replay decisions",
    "seal": "encrypt a file for sites",
    "open": "decrypt a sealed file",
    "gateway": "send, receive and relay at a cluster",
    "policy": "test the policy, compare two, simulate one",
    "trust": "the signed bundle of trusted keys",
    "token": "issue, list and revoke access tokens",
    "audit": "verify the log, check its files",
    "bench": "measure against a peer or limit in the same run",
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and first lines without importing them."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"api.cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            return None
        _accept_data(command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sekisho")
def group() -> None:
    """Decide where sensitive data may go, carry it there, and prove it afterwards.

    \b
    sekisho demo                                   the whole story, in under a minute
    sekisho classify patients.csv                  what is this file?
    sekisho path find --network japan.json --from tokyo --to osaka --label L3
    """  # noqa: D301


def _accept_data(command: click.Command) -> None:
    """Let a command that needs no instance take `--data` too: scripts may give it to every one."""
    if isinstance(command, click.Group):
        for part in command.commands.values():
            _accept_data(part)
    elif not any(parameter.name == "data" for parameter in command.params):
        unused = click.Option(["--data"], expose_value=False, help="Not needed here.", hidden=True)
        command.params.append(unused)


def main() -> None:
    """Run the command line; exit 0 yes, 1 no, 2 bad usage or input, 3 unavailable."""
    for stream in (sys.stdout, sys.stderr):
        # What a terminal cannot spell, and a file name that is no text, is escaped, as in JSON.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        group(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        sys.exit(2)
    except click.ClickException as failure:
        click.echo(f"sekisho: {_usage(failure)}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("sekisho: stopped", err=True)
        sys.exit(130)
    except Exception as failure:  # noqa: BLE001 - the last resort: one line, never a traceback
        from api.cli.failure import describe  # noqa: PLC0415 - imported only when needed

        line, code = describe(failure)
        click.echo(f"sekisho: {line}", err=True)
        sys.exit(code)


def _usage(failure: click.ClickException) -> str:
    """Return in one line what was wrong, and which command's help says what is right."""
    said = " ".join(failure.format_message().split())
    context = failure.ctx if isinstance(failure, click.UsageError) else None
    return said if context is None else f"{said} See `{context.command_path} --help`."
