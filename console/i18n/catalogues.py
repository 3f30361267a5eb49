"""The catalogues under translations/, read as translators write them: nothing is compiled, so nothing can be stale."""

from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations as Untranslated
from babel.support import Translations
from flask_babel import Domain, get_locale

from plp.rules.sentences import tied

SOURCE = "fr"
FOLDER = Path(__file__).parents[1] / "translations"


class _Source(Untranslated):
    """The French of the sources, with French plurals (nought is singular) and punctuation tied to its word. For the
    interface only: in an SMS such a space would cost ninety characters.
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
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of `language`, one of LANGUAGES; French ones stay as they are. About 50 ms, once."""
    if language == SOURCE:
        return _Source()
    with path(language).open("rb") as file:
        messages = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(fp=compiled)
