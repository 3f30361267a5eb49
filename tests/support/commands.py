"""All commands of the program, by their words."""

from collections.abc import Iterator

import click

from plp.cli.main import main


def commands(group: click.Group, above: str = "plp") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        path = f"{above} {name}"
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield path, command
        if isinstance(command, click.Group):
            yield from commands(command, path)


COMMANDS = {"plp": main} | dict(commands(main))
