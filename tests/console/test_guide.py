"""The guide has the product's own words in each of its languages: labels, commands and pictures are looked up."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from markdown_it.token import Token

from base.catalogues import path
from console.guide.pages import CARDS, GUIDE_LANGUAGES, ORDER, tokens
from db.engine.connection import connected
from db.journal.audit import entries
from plp.cli.main import main
from tests.console.conftest import words

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "console/static/guide"
SOFT_HYPHEN = "\u00ad"
PAGES = (*ORDER, *(f"cards/{name}" for name in CARDS))
every_page = pytest.mark.parametrize("name", PAGES)
every_language = pytest.mark.parametrize("language", GUIDE_LANGUAGES)


def inline(name: str, language: str = "fr") -> Iterator[Token]:
    for block in tokens(name, language):
        yield from block.children or []


def bold(name: str, language: str) -> Iterator[str]:
    inside = False
    for token in inline(name, language):
        if token.type in ("strong_open", "strong_close"):
            inside = token.type == "strong_open"
        elif inside and token.type == "text":
            yield token.content


def pictures(name: str, language: str) -> set[str]:
    return {Path(str(token.attrGet("src"))).name for token in inline(name, language) if token.type == "image"}


@cache
def labels(language: str) -> frozenset[str]:
    """In French the catalogues' keys, else what they say."""
    with path("nl" if language == "fr" else language).open("rb") as file:
        messages = [message for message in read_po(file) if isinstance(message.id, str)]
    words = (message.id if language == "fr" else message.string for message in messages)
    return frozenset(str(word).replace(SOFT_HYPHEN, "") for word in words)


def spoken(name: str, language: str) -> list[list[str]]:
    """The commands of a page, word by word."""
    code = [token.content for token in inline(name, language) if token.type == "code_inline"]
    for block in tokens(name, language):
        if block.type == "fence":
            code += [line.strip() for line in block.content.splitlines()]
    return [line.removeprefix("sudo ").split() for line in code]


@every_language
@every_page
def test_each_label_stands_in_the_console(name, language):
    assert [label for label in bold(name, language) if label not in labels(language)] == []


@every_page
def test_each_command_exists_with_its_options(name):
    for words_of_line in spoken(name, "fr"):
        if words_of_line[0] == "plp":
            command: click.Command = main
            for word in words_of_line[1:]:
                if word.startswith("--"):
                    assert any(word in option.opts for option in command.params), words_of_line
                elif isinstance(command, click.Group):
                    found = command.get_command(click.Context(command), word)
                    assert found is not None, words_of_line
                    command = found


@pytest.mark.parametrize("language", [language for language in GUIDE_LANGUAGES if language != "fr"])
@every_page
def test_a_translated_page_has_the_commands_and_the_headings_of_the_french_one(name, language):
    def shape(of: str) -> tuple[list[str], list[list[str]]]:
        blocks = [block.tag for block in tokens(name, of) if block.type in ("heading_open", "image", "tr_open")]
        return blocks, [[word for word in line if word not in ("NOM", "NAAM", "NAME")] for line in spoken(name, of)]

    assert shape(language) == shape("fr")


def test_each_picture_is_shown_and_each_shown_one_is_there():
    for language in GUIDE_LANGUAGES:
        shown = set().union(*(pictures(name, language) for name in PAGES))
        assert {picture.name for picture in (PICTURES / language).iterdir()} == shown


def test_every_file_is_a_chapter_or_a_card():
    folder = ROOT / "console/guide"
    names = {f"{file.relative_to(folder).with_suffix('')}" for file in folder.rglob("*.md")}
    assert names == {f"{language}/{name}" for language in GUIDE_LANGUAGES for name in PAGES}


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Que faire quand"), ("nl", "Wat te doen als"), ("de", "Was tun, wenn")]
)
def test_each_reader_gets_the_guide_in_their_language(sign_in, language, title):
    officer = sign_in("officer")
    officer.post("/language", {"language": language, "next": "/"})
    assert title in words(officer.get("/guide"))
    assert f'lang="{language}"' in officer.get("/guide/policier").text


def test_who_reads_another_language_gets_the_french_guide_and_is_told_so(sign_in):
    officer = sign_in("officer")
    officer.post("/language", {"language": "en", "next": "/"})
    page = words(officer.get("/guide"))
    assert "French, Dutch and German" in page
    assert "Que faire quand" in page


def test_the_index_shows_the_headings_of_a_chapter(sign_in):
    page = words(sign_in("officer").get("/guide"))
    assert "Corriger et clôturer" in page
    assert "Téléphone perdu" in page


def test_whoever_signed_in_reads_it_and_nobody_else(sign_in, stranger):
    coordinator = sign_in("coordinator")
    assert "Que faire quand" in words(coordinator.get("/guide"))
    for name in ORDER:
        page = coordinator.get(f"/guide/{name}")
        assert page.status_code == 200
        assert re.search(r"<h1>[^<]+</h1>", page.text)
    assert coordinator.get("/guide/../config").status_code == 404
    assert stranger.get("/guide").status_code == 302


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_offered_names_nobody_and_is_for_whoever_signed_in(sign_in, name):
    coordinator = sign_in("coordinator")
    assert f'href="/guide/{name}/card"' in coordinator.get("/guide").text
    page = words(coordinator.get(f"/guide/{name}/card"))
    assert "Aide-mémoire" in page
    assert "Urgence : 101 ou 04/330 40 00" in page.replace("\xa0", " ")
    assert coordinator.get("/guide/achats/card").status_code == 404
    with connected():
        assert "plan_b_taken" not in {entry.action for entry in entries()}
