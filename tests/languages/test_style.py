"""The words of the pages as docs/reference/words.md asks"""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from rules.languages import OTHER_LANGUAGES
from tests.languages import catalogue as files
from tests.languages.extraction import ROOT, extracted

STYLE = tomllib.loads(Path(__file__).with_name("style.toml").read_text(encoding="utf-8"))
PATTERNS = {name: re.compile(pattern) for name, pattern in STYLE["patterns"].items()}
LONGEST_LABEL = 40
MOST_EXCEPTIONS = 20
_LABEL = re.compile(r"<(button|h1|h2|h3|th|label)\b[^>]*>(.*?)</\1>", re.DOTALL)
_SAID = re.compile(r'\b(?:_|ngettext)\(\s*"((?:[^"\\]|\\.)*)"(?:,\s*"((?:[^"\\]|\\.)*)")?')
_VALUE = re.compile(r"%\(\w+\)[\d.]*[a-z]|\{\w+\}")
# What begins so says nothing without the page: a pronoun before its verb, or a participle without its noun.
_NOT_ALONE = re.compile(r"^(?:L'|La |Le |Les )\S+(?:er|ir)\b|^(?:Parti|Remis|Pris|Fini|Dit|Servi|Noté|Gardé)e?s?\b")


@cache
def sentences() -> tuple[str, ...]:
    """Every French sentence of the pages, and of the files of words that are sent."""
    pages = (text for message in extracted() if message.id for text in files._ids(message))
    return (*pages, *_sent("fr").values())


def pairs(language: str) -> list[tuple[str, str]]:
    """(French, the language) of every sentence: of the pages, and of the files of words that are sent."""
    pages = [(" ".join(files._ids(one)), " ".join(files._strings(one))) for one in files.read(language) if one.id]
    return pages + [(french, _sent(language)[place]) for place, french in _sent("fr").items()]


@cache
def _sent(language: str) -> dict[str, str]:
    """{table and key: text} of a language's letters and ready-made alerts."""
    folder = ROOT / "rules/languages" / language
    tables = [tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in ("letters.toml", "alerts.toml")]
    return {
        f"{table}.{key}": value
        for document in tables
        for table, keys in document.items()
        for key, value in keys.items()
        if isinstance(value, str)
    }


def labels() -> set[str]:
    """What stands in buttons, headings, column heads and labels of forms."""
    found = set()
    for path in (ROOT / "console/templates").rglob("*.html"):
        for _tag, inside in _LABEL.findall(path.read_text(encoding="utf-8")):
            found |= {text for pair in _SAID.findall(inside) for text in pair if text}
    return found


def test_no_sentence_has_a_word_that_a_zone_would_not_write():
    allowed = STYLE["allowed"]
    found = {text for text in sentences() for pattern in PATTERNS.values() if pattern.search(text)}
    assert found - set(allowed) == set()


def test_the_list_of_exceptions_only_shrinks():
    allowed = STYLE["allowed"]
    needless = {text for text in allowed if not any(pattern.search(text) for pattern in PATTERNS.values())}
    assert set(allowed) - set(sentences()) - {text for text in allowed if text in needless} == set()
    assert needless == set()
    assert all(len(reason) > 8 for reason in allowed.values())
    assert len(allowed) <= MOST_EXCEPTIONS


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_one_thing_has_one_word(language):
    """A French term of the glossary has its word in the translation."""
    wrong = [
        (term, french, told)
        for french, told in pairs(language)
        for term, words in STYLE["glossary"].items()
        if re.search(term, french, re.IGNORECASE) and not re.search(words[language], told, re.IGNORECASE)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_no_translation_has_a_word_to_avoid(language):
    avoided = re.compile(STYLE["avoid"][language], re.IGNORECASE)
    assert [told for _french, told in pairs(language) if avoided.search(told)] == []


def test_a_label_stands_alone():
    short = {label: _VALUE.sub("", label) for label in labels()}
    assert {label for label, bare in short.items() if len(bare) > LONGEST_LABEL} - set(STYLE["long_labels"]) == set()
    assert {label for label in short if label.endswith(".")} == set()
    assert {label for label in short if _NOT_ALONE.search(label)} == set()


@pytest.mark.parametrize(
    ("pattern", "bad"),
    [("on", "Là où on alerte"), ("leaving", "Il part tout seul"), ("machine", "La machine dort"), ("mail", "un mail")],
)
def test_what_is_wrong_is_seen(pattern, bad):
    assert PATTERNS[pattern].search(bad)


@pytest.mark.parametrize(("pattern", "bad"), STYLE["caught"].items())
def test_a_sentence_that_readers_tripped_over_is_caught_again(pattern, bad):
    assert PATTERNS[pattern].search(bad)


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_translation_that_readers_tripped_over_is_caught_again(language):
    avoided = re.compile(STYLE["avoid"][language], re.IGNORECASE)
    assert [bad for bad in STYLE["caught_abroad"][language] if not avoided.search(bad)] == []


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_button_that_a_sentence_names_has_its_words_in_every_language(language):
    """« Remettre en service » in a sentence is the label of a button: whoever looks for it must find it."""
    told = {files._ids(message)[0]: files._strings(message)[0] for message in files.read(language) if message.id}
    named = {(text, name) for text in told for name in re.findall(r"« ([^»]+) »", text) if name in told}
    assert named
    soft = "\u00ad"
    assert [text for text, name in named if told[name].replace(soft, "") not in told[text].replace(soft, "")] == []
