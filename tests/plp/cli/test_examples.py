"""The --help of each command ends with an example that the command understands."""

import shlex
from collections.abc import Iterator

import click
import pytest

from plp.cli.main import examples, main

EXAMPLES = examples()
CONTEXT = click.Context(main, info_name="plp")
CONTEXT.params = {"config": None}


def commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Each command that does something, by its whole name."""
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        assert command is not None
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{path} {name}".strip(), command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}".strip())


COMMANDS = dict(commands(main))


def test_every_command_has_one():
    assert set(COMMANDS) == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_ends_with_an_example_that_is_understood(name):
    command = COMMANDS[name]
    context = click.Context(command, info_name=name, parent=CONTEXT)
    assert command.get_help(context).rstrip().splitlines()[-1].strip() == f"plp {name} {EXAMPLES[name]}".strip()
    typed, rest, _order = command.make_parser(context).parse_args(shlex.split(EXAMPLES[name]))
    assert rest == []
    lacking = [part.name for part in command.params if part.required and typed.get(part.name or "") in (None, ())]
    assert lacking == []
