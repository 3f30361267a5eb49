"""What docs/reference/contract.md promises is what there is: commands with their options, and addresses."""

import re

import click
import pytest

from console.api.openapi import PATHS
from console.api.schemas import BROADCAST_STATES, MODEM_STATES
from rules.states import PartState
from tests.architecture.source import ROOT
from tests.support.commands import COMMANDS

PAGE = (ROOT / "docs/reference/contract.md").read_text(encoding="utf-8")
BLOCK = re.search(r"^## Commands$.*?^```$(.*?)^```$", PAGE, re.M | re.S)
assert BLOCK is not None
# Each command begins a line; what belongs to it stands further right.
ENTRIES = [entry for entry in re.split(r"\n(?=\S)", BLOCK[1]) if entry.startswith("plp ")]


def options(command: click.Command) -> set[str]:
    return {name for each in command.params for name in each.opts if name.startswith("--")} - {"--version"}


# Which commands have it is said above the block, and held by tests/plp/cli/test_json.py.
JSON = {"--json"}


def entry_of(path: str) -> str:
    """The longest command that begins an entry is the one that it is about."""
    return next((entry for entry in ENTRIES if path == path_of(entry)), "")


def path_of(entry: str) -> str:
    return max((path for path in COMMANDS if f"{entry} ".replace("\n", " ").startswith(f"{path} ")), key=len)


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_stands_there_with_its_options(path: str) -> None:
    entry = entry_of(path)
    assert entry, f"{path} is missing"
    assert options(COMMANDS[path]) - JSON == set(re.findall(r"--[a-z-]+[a-z]", entry)) - JSON


def test_nothing_else_is_promised() -> None:
    assert sorted(map(path_of, ENTRIES)) == sorted(COMMANDS)


def test_addresses_and_states_stand_there() -> None:
    promised = re.findall(r"^\| `([A-Z]+) (/[^`]+)` \|", PAGE, re.M)
    built = [(method.upper(), path) for path, methods in PATHS.items() for method in methods]
    assert sorted(promised) == sorted([*built, ("GET", "/api/v1/openapi.json")])
    for title, states in (
        ("States of a broadcast", BROADCAST_STATES),
        ("Counts", [part.value for part in PartState]),
        ("States of a modem", MODEM_STATES),
    ):
        line = re.search(rf"^- {title}: (.*?)[.;]", PAGE, re.M | re.S)
        assert line is not None
        assert sorted(re.findall(r"`(\w+)`", line[1])) == sorted(states)
