"""Every command takes `--data`, whether it needs an instance or not."""

from collections.abc import Iterator

import click

from api.cli.main import COMMANDS, group


def _leaves(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, part in command.commands.items():
            yield from _leaves(part, f"{path} {name}")
    else:
        yield path, command


def test_every_command_takes_data() -> None:
    context = click.Context(group)
    found = [group.get_command(context, name) for name in COMMANDS]
    commands = [
        leaf
        for name, each in zip(COMMANDS, found, strict=True)
        if each is not None
        for leaf in _leaves(each, name)
    ]
    assert len(commands) > len(COMMANDS)
    lacking = [path for path, each in commands if not any(p.name == "data" for p in each.params)]
    assert lacking == []
