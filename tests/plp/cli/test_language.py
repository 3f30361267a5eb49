"""The terminal speaks the language of LANG: commands, their help and usage, errors of click, and refusals."""

import inspect
import tomllib
from pathlib import Path

import pytest
from click import core, decorators, exceptions, formatting, parser, termui, types
from click.testing import CliRunner

from plp.cli.main import main
from plp.cli.speech import of_environment, speak
from rules.languages import LANGUAGES, MAIN_LANGUAGE, OTHER_LANGUAGES, written

MODULES = (core, decorators, exceptions, formatting, parser, termui, types)


@pytest.fixture(autouse=True)
def french_again():
    yield
    speak(MAIN_LANGUAGE)


def run(language: str, *args: str):
    return CliRunner(env={"LC_ALL": "", "LC_MESSAGES": "", "LANG": f"{language}_BE.UTF-8"}).invoke(main, args)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "nl_BE.UTF-8"}, "nl"),
        ({"LANG": "de"}, "de"),
        ({"LANG": "en_GB.UTF-8@euro"}, "en"),
        ({"LANG": "nl_BE.UTF-8", "LC_ALL": "de_BE.UTF-8"}, "de"),
        ({"LANG": "nl_BE.UTF-8", "LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "nl_BE.UTF-8", "LC_ALL": "C.UTF-8"}, "fr"),
        ({"LANG": "it_IT.UTF-8"}, "fr"),
        ({"LANG": "", "LC_ALL": ""}, "fr"),
        ({}, "fr"),
    ],
)
def test_the_language_is_that_of_the_environment(environment, language):
    assert of_environment(environment) == language


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Utilisation :", "Commandes\u00a0:", "Afficher cette aide.", "Les membres.")),
        ("nl", ("Gebruik:", "Opdrachten:", "Deze hulp tonen.", "De leden.")),
        ("de", ("Aufruf:", "Befehle:", "Diese Hilfe anzeigen.", "Die Mitglieder.")),
        ("en", ("Usage:", "Commands:", "Show this message and exit.", "The members.")),
    ],
)
def test_help_and_usage_are_in_one_language(language, words):
    shown = run(language, "--help").stdout
    assert [word for word in words if word not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_usage_line_is_left_in_english_elsewhere(language):
    shown = run(language, "user", "add", "--help").stdout
    assert ("Show this message" in shown, "[required]" in shown) == (language == "en", language == "en")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Erreur : La commande 'nothing' n'existe pas."),
        ("nl", "Fout: De opdracht 'nothing' bestaat niet."),
        ("de", "Fehler: Den Befehl 'nothing' gibt es nicht."),
        ("en", "Error: No such command 'nothing'."),
    ],
)
def test_an_error_of_click_is_in_the_language(language, sentence):
    assert sentence in run(language, "nothing").stderr


@pytest.mark.parametrize(
    ("language", "begin"),
    [("fr", "Importer un fichier CSV"), ("nl", "Een CSV- of"), ("de", "Eine CSV-"), ("en", "Import a CSV")],
)
def test_one_process_may_change_its_language(language, begin):
    assert begin in run(language, "member", "import", "--help").stdout


def test_a_refusal_is_in_the_language_and_a_document_is_in_french(tmp_path):
    (tmp_path / "config.ini").write_text("")
    take = ("--config", str(tmp_path / "config.ini"), "certificate", "take", str(tmp_path / "x"), str(tmp_path / "y"))
    assert "Cannot read" in run("en", *take).stderr
    assert "Impossible de lire" in run("en", *take, "--json").stdout


def test_a_path_is_named_in_the_language_of_its_error(tmp_path):
    refused = run("nl", "modem", "record", "a", str(tmp_path))
    assert (refused.exit_code, "is een map" in refused.stderr, "dossier" in refused.stderr) == (2, True, False)


def test_what_click_says_is_still_what_we_translate():
    sources = "".join(inspect.getsource(module) for module in MODULES)
    told = [key for key in written("terminal")[MAIN_LANGUAGE]["click"] if not key.isupper() and "_" not in key]
    known = {key: key.split("\n")[0].replace('"', '\\"') for key in told}
    # what is built of words: a heading with its colon, a word's name in an error
    assert [key for key, words in known.items() if words.rstrip(":") not in sources] == []


def test_every_language_says_all_of_it():
    folder = Path(__file__).parents[3] / "rules/languages"
    tables = {code: tomllib.loads((folder / code / "terminal.toml").read_text())["click"] for code in LANGUAGES}
    assert [code for code in OTHER_LANGUAGES if code != "en" and set(tables[code]) != set(tables["fr"])] == []
