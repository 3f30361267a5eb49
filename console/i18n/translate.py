"""The catalogues of rules/languages, read as translators write them: nothing is compiled, so nothing can be stale. And
French sentences of the other packages in the reader's language: a refusal and a stored code have a template, which the
catalogues contain with `{name}` for each value.
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations as Untranslated
from babel.support import Translations
from flask import g, has_app_context
from flask_babel import Domain, get_locale
from flask_babel.speaklater import LazyString

from rules.languages import FOLDER, MAIN_LANGUAGE
from rules.refusals import Refusal
from rules.sentences import Sentence, tied

SOURCE = MAIN_LANGUAGE
_FORMATTER = Formatter()


class _Source(Untranslated):
    """The French of the sources, with French plurals (nought is singular) and punctuation tied to its word. For the
    interface only: in an SMS such a space would reduce the limit by ninety characters.
    """

    def gettext(self, message: str) -> str:
        return tied(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return tied(msgid1 if abs(n) < 2 else msgid2)

    # what flask-babel and Jinja call
    ugettext = gettext
    ungettext = ngettext


class Catalogues(Domain):  # type: ignore[misc]
    """flask-babel's way to the sentences of the present request's language."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return catalogue(locale.language if locale else SOURCE)


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


def said(sentence: Refusal | Sentence, language: str = "") -> str:
    """A sentence that has its values apart, in this language, else the reader's."""
    language = language or reader_language()
    return str(sentence) if language == SOURCE else _translated(sentence, language)


def reworded(words: str) -> str:
    """A text of a fresh database, in the reader's language; one that people wrote instead, as it is."""
    language = reader_language()
    # gettext keeps the catalogue's own header under the empty sentence
    return words if language == SOURCE or not words else catalogue(language).gettext(words)


def lazily(words: str) -> LazyString:
    """As flask-babel's `lazy_gettext`, several times as fast: a list shows a hundred states."""
    return LazyString(lambda: _of_catalogue(reader_language(), words))


@lru_cache(maxsize=4096)
def _of_catalogue(language: str, words: str) -> str:
    return catalogue(language).gettext(words)


def reader_language() -> str:
    """The reader's language."""
    # Where `get_locale` keeps it, which looks into three places first: a long table has a thousand sentences.
    kept = g.get("_flask_babel") if has_app_context() else None
    locale = getattr(kept, "babel_locale", None) or get_locale()
    return locale.language if locale else SOURCE


def _translated(sentence: Refusal | Sentence, language: str) -> str:
    # gettext keeps the catalogue's own header under the empty sentence
    translated = catalogue(language).gettext(sentence.template) if sentence.template else ""
    pieces = _FORMATTER.parse(translated)
    return "".join(literal + _value(sentence.values, name, language) for literal, name, _form, _conversion in pieces)


def _value(values: Mapping[str, object], name: str | None, language: str) -> str:
    if name is None:
        return ""
    value = values.get(name, f"{{{name}}}")
    if isinstance(value, Sentence):
        return _translated(value, language)
    if isinstance(value, tuple):
        return ", ".join(_value({"each": each}, "each", language) for each in value)
    return str(value)
