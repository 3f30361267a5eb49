"""The catalogues of rules/languages, read as translators write them; without Flask, for the terminal too."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations as Untranslated
from babel.support import Translations

from rules.languages import FOLDER, MAIN_LANGUAGE
from rules.refusals import Refusal
from rules.sentences import Sentence, tied

SOURCE = MAIN_LANGUAGE
_FORMATTER = Formatter()


class _Source(Untranslated):
    """The sources' French, with its plurals (nought is singular) and punctuation tied to its word: never for an SMS."""

    def gettext(self, message: str) -> str:
        return tied(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return tied(msgid1 if abs(n) < 2 else msgid2)

    # what flask-babel and Jinja call
    ugettext = gettext
    ungettext = ngettext


def path(language: str) -> Path:
    """The file of a language's sentences."""
    return Path(str(FOLDER.joinpath(language, "messages.po")))


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of `language`, one of LANGUAGES; French ones are unchanged. About 50 ms, once."""
    if language == SOURCE:
        return _Source()
    with path(language).open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(fp=compiled)


def said_in(sentence: Refusal | Sentence, language: str) -> str:
    """A sentence that has its values apart, in this language."""
    if language == SOURCE:
        return str(sentence)
    # gettext keeps the catalogue's own header under the empty sentence
    pieces = _FORMATTER.parse(catalogue(language).gettext(sentence.template) if sentence.template else "")
    return "".join(literal + _value(sentence.values, name, language) for literal, name, _form, _conversion in pieces)


def _value(values: Mapping[str, object], name: str | None, language: str) -> str:
    if name is None:
        return ""
    value = values.get(name, f"{{{name}}}")
    if isinstance(value, Sentence | Refusal):
        return said_in(value, language)
    if isinstance(value, tuple):
        return ", ".join(_value({"part": part}, "part", language) for part in value)
    return str(value)
