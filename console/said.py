"""French sentences that were made elsewhere, in the reader's language: refusals, and what the daemons wrote down.

The other packages know nothing of languages. They write whole French sentences, and the catalogues hold these with
`{name}` where a value stands: a refusal brings its template along, a stored sentence is matched with the templates.
"""

import re
from functools import cache

from flask_babel import get_locale, gettext

from console.catalogues import SOURCE, catalogue
from db.refusals import Refusal

_VALUE = re.compile(r"\{(\w+)\}")
# Values are names as often as sentences; a name that happens to be a word of the console's must stay.
_SHORTEST_SENTENCE = 8


def said(refusal: Refusal) -> str:
    """The refusal's sentence in the reader's language."""
    language = _language()
    return str(refusal) if language == SOURCE else _filled(gettext(refusal.template), refusal.values, language)


def reworded(sentence: str) -> str:
    """A stored French sentence in the reader's language; itself where no catalogue knows it."""
    language = _language()
    return sentence if language == SOURCE else _reworded(sentence, language)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else SOURCE


def _reworded(sentence: str, language: str) -> str:
    translated = catalogue(language).gettext(sentence)
    if translated != sentence or not sentence:
        return translated
    for template, pattern in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return _filled(catalogue(language).gettext(template), found.groupdict(), language)
    return sentence


def _filled(template: str, values: dict[str, object], language: str) -> str:
    """`template` with its values, of which some are sentences themselves."""

    def value(found: re.Match[str]) -> str:
        raw = str(values.get(found[1], found[0]))
        return _reworded(raw, language) if len(raw) >= _SHORTEST_SENTENCE and " " in raw else raw

    return _VALUE.sub(value, template)


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The catalogue's templates, the most particular first: the one that says most itself."""
    known = getattr(catalogue(language), "_catalog", {})
    templates = [msgid for msgid in known if isinstance(msgid, str) and _VALUE.search(msgid)]
    templates.sort(key=lambda template: -len(_VALUE.sub("", template)))
    return tuple((template, _pattern(template)) for template in templates)


def _pattern(template: str) -> re.Pattern[str]:
    """What the template reads like when its values are filled in."""
    seen: set[str] = set()
    pattern = ""
    for index, piece in enumerate(_VALUE.split(template)):
        if index % 2 == 0:
            pattern += re.escape(piece)
        elif piece in seen:
            pattern += f"(?P={piece})"
        else:
            seen.add(piece)
            pattern += f"(?P<{piece}>.+?)"
    return re.compile(pattern, re.DOTALL)
