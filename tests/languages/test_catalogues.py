"""Dutch, German and English are complete, true to their French, and nothing else: `make translations` says what lacks.

Whoever writes a new sentence translates it in the same commit: run `make translations`, fill in the three files.
"""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from base.catalogues import catalogue
from rules.languages import LANGUAGE_WORDS, OTHER_LANGUAGES
from tests.architecture.source import modules
from tests.languages import catalogue as files
from tests.languages.extraction import ROOT, extracted
from tests.languages.spoken import REFUSALS, spoken


@pytest.fixture(scope="module")
def source() -> Catalog:
    return extracted()


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_every_sentence_is_translated(source, language):
    assert list(files.faults(language, source)) == []


def test_the_languages_are_those_of_accounts_and_members():
    assert {"fr", *OTHER_LANGUAGES} == set(LANGUAGE_WORDS)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_catalogue_is_read_with_its_plurals(language):
    read = catalogue(language)
    assert read.gettext("Accueil") != "Accueil"
    one, many = (read.ngettext("%(n)s personne", "%(n)s personnes", n) for n in (1, 2))
    assert one != many
    assert "%(n)s" in one


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_french_punctuation_and_spaces_stay_french(language):
    """`:` `;` `?` `!` with a space before them, and « », are marks of a translation that was not finished."""
    strings = [text for message in files.read(language) if message.id for text in files._strings(message)]
    assert [text for text in strings if re.search(r"\w [:;?!](?:\s|$)|[«»]", text)] == []


@pytest.mark.parametrize(
    ("french", "translated", "fault"),
    [
        ("Il y a %(n)s SMS.", "", "not translated"),
        ("Il y a %(n)s SMS.", "There are texts.", "other placeholders"),
        ("Il y a %(n)s SMS.", "There are %(m)s texts.", "other placeholders"),
        ("Le modem {name} dort.", "Modem {nom} sleeps.", "other placeholders"),
        (" ou ", "or", "other outer spaces"),
        (("%(n)s SMS", "%(n)s SMS lus"), ("%(n)s text", ""), "not translated"),
    ],
)
def test_what_is_wrong_is_seen(monkeypatch, french, translated, fault):
    wanted, known = Catalog(locale="en"), Catalog(locale="en")
    wanted.add(french, locations=[("page.html", 1)])
    known.add(french, translated)
    monkeypatch.setattr(files, "read", lambda language: known)
    assert [found.split(":")[0] for found in files.faults("en", wanted)] == [fault]


def test_what_nobody_says_any_more_is_seen(monkeypatch):
    known = Catalog(locale="en")
    known.add("Autrefois", "Formerly")
    monkeypatch.setattr(files, "read", lambda language: known)
    assert list(files.faults("en", Catalog(locale="en"))) == ["no source says it any more: 'Autrefois'"]


def test_refusals_and_stored_sentences_are_found_in_code():
    code = '''
def f(holder):
    """A docstring is not said to anybody."""
    log.warning("nor is a log line to read")
    raise Refusal("Le port {port} est utilisé par {holder}.", port=1, holder=holder)
    refused = FieldRefusal("name", "Donnez un nom, s'il vous plaît.")
    return refused, f"Le port est utilisé par {holder} : arrêtez ce programme."
'''
    refused = "Le port {port} est utilisé par {holder}.", "Donnez un nom, s'il vous plaît."
    stated = "Le port est utilisé par {holder} : arrêtez ce programme."
    assert {text for _line, text in spoken(ast.parse(code), everything=False)} == set(refused)
    assert {text for _line, text in spoken(ast.parse(code), everything=True)} == {*refused, stated}


def test_every_kind_of_refusal_is_looked_for():
    bases = {"Refusal"}
    classes = [node for module in modules() for node in module.nodes if isinstance(node, ast.ClassDef)]
    for _generation in range(3):
        bases |= {node.name for node in classes if bases & {b.id for b in node.bases if isinstance(b, ast.Name)}}
    assert bases <= REFUSALS | {"CodedRefusal", "WrongPassword"}  # by codes, whose sentences stand in a table


def test_pages_say_refusals_and_never_only_show_them():
    """`str(refusal)` is French whoever reads it; the API's answers are for programs."""
    shown = [path for path in Path(ROOT, "console").rglob("*.py") if "str(refusal)" in path.read_text(encoding="utf-8")]
    assert {path.relative_to(ROOT).as_posix() for path in shown} <= {
        "console/i18n/translate.py",
        "console/api/blueprint.py",
    }
