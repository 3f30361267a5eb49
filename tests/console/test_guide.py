"""The guide says what the product says: labels, commands, files and pictures are looked up."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from markdown_it.token import Token

from console.guide.pages import ORDER, tokens
from plp.cli.main import main
from tests.console.conftest import words

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "rules/languages/nl/messages.po"
PICTURES = ROOT / "console/static/guide"


def inline(name: str) -> Iterator[Token]:
    for block in tokens(name):
        yield from block.children or []


def bold(name: str) -> Iterator[str]:
    inside = False
    for token in inline(name):
        if token.type in ("strong_open", "strong_close"):
            inside = token.type == "strong_open"
        elif inside and token.type == "text":
            yield token.content


def pictures(name: str) -> set[str]:
    return {Path(str(token.attrGet("src"))).name for token in inline(name) if token.type == "image"}


@cache
def labels() -> frozenset[str]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    return frozenset(str(message.id) for message in catalogue if isinstance(message.id, str))


@pytest.mark.parametrize("name", ORDER)
def test_each_label_stands_in_the_console(name):
    assert [label for label in bold(name) if label not in labels()] == []


@pytest.mark.parametrize("name", ORDER)
def test_each_command_exists_with_its_options(name):
    code = [token.content for token in inline(name) if token.type == "code_inline"]
    code += [line.strip() for block in tokens(name) if block.type == "fence" for line in block.content.splitlines()]
    for line in code:
        spoken = line.removeprefix("sudo ").split()
        if spoken[0] == "plp":
            command: click.Command = main
            for word in spoken[1:]:
                if word.startswith("--"):
                    assert any(word in option.opts for option in command.params), line
                elif isinstance(command, click.Group):
                    found = command.get_command(click.Context(command), word)
                    assert found is not None, line
                    command = found


@pytest.mark.parametrize("name", ORDER)
def test_each_picture_is_there(name):
    assert pictures(name) <= {path.name for path in PICTURES.iterdir()}


def test_no_picture_is_shown_nowhere():
    assert {path.name for path in PICTURES.iterdir()} == set().union(*map(pictures, ORDER))


def test_every_file_is_a_chapter():
    assert {path.stem for path in (ROOT / "console/guide/fr").glob("*.md")} == set(ORDER)


def test_whoever_signed_in_reads_it_and_nobody_else(sign_in, stranger):
    coordinator = sign_in("coordinator")
    assert "Que faire quand" in words(coordinator.get("/guide"))
    for name in ORDER:
        page = coordinator.get(f"/guide/{name}")
        assert page.status_code == 200
        assert re.search(r"<h1>[^<]+</h1>", page.text)
    assert coordinator.get("/guide/../config").status_code == 404
    assert stranger.get("/guide").status_code == 302


def test_the_duty_card_is_offered(sign_in):
    assert 'href="/plan-b/duty-card"' in sign_in("officer").get("/guide").text
