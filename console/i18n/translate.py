"""French sentences that were made elsewhere, in the reader's language: refusals, and what the daemons wrote down.

The other packages know nothing of languages. They write whole French sentences, and the catalogues hold these with
`{name}` where a value stands: a refusal brings its template along, a stored sentence is matched with the templates.
"""

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

from flask_babel import get_locale

from console.i18n.catalogues import SOURCE, catalogue
from plp.rules.refusals import Refusal
from plp.rules.sentences import Sentence

_FORMATTER = Formatter()
_HAS_VALUE = re.compile(r"\{\w[^{}]*\}")
# Values are names as often as sentences; a name that happens to be a word of the console's must stay.
_SHORTEST_SENTENCE = 8
# No daemon says more at once; matching what somebody else wrote at length would take its time.
_LONGEST_SENTENCE = 600


def said(sentence: Refusal | Sentence) -> str:
    """A sentence that has its values apart, in the reader's language."""
    language = _language()
    return str(sentence) if language == SOURCE else _translated(sentence, language)


def reworded(sentence: str) -> str:
    """A stored French sentence in the reader's language; itself where no catalogue knows it."""
    language = _language()
    # gettext keeps the catalogue's own header under the empty sentence
    return sentence if language == SOURCE or not sentence else _reworded(sentence, language)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else SOURCE


def _reworded(sentence: str, language: str) -> str:
    translated = catalogue(language).gettext(sentence)
    if translated != sentence or len(sentence) > _LONGEST_SENTENCE:
        return translated
    for template, pattern in _patterns(language):
        if found := pattern.fullmatch(sentence):
            return _filled(catalogue(language).gettext(template), found.groupdict(), language)
    # behind a colon stand the words of a server or a file, which are nobody's to translate
    said_here, colon, theirs = sentence.partition(" : ")
    there = catalogue(language).gettext(said_here)
    return f"{there}: {theirs}" if colon and there != said_here else sentence


def _translated(sentence: Refusal | Sentence, language: str) -> str:
    # gettext keeps the catalogue's own header under the empty sentence
    there = catalogue(language).gettext(sentence.template) if sentence.template else ""
    return _filled(there, sentence.values, language)


def _filled(template: str, values: Mapping[str, object], language: str) -> str:
    """`template` with its values, of which some are sentences themselves."""
    return "".join(literal + _value(values, name, language) for literal, name in _pieces(template))


def _value(values: Mapping[str, object], name: str | None, language: str) -> str:
    if name is None:
        return ""
    value = values.get(name, f"{{{name}}}")
    if isinstance(value, Sentence):
        return _translated(value, language)
    if isinstance(value, tuple):
        return ", ".join(_value({"each": each}, "each", language) for each in value)
    raw = str(value)
    if len(raw) < _SHORTEST_SENTENCE or " " not in raw:
        return raw
    there = _reworded(raw, language)
    # a sentence in the middle of another one has lost its full stop
    return there if there != raw else _reworded(f"{raw}.", language).removesuffix(".")


def _pieces(template: str) -> list[tuple[str, str | None]]:
    """What stands before each value of `str.format`, and the value's name."""
    return [(literal, name) for literal, name, _form, _conversion in _FORMATTER.parse(template)]


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The catalogue's templates, the most particular first: the one that says most itself."""
    known = getattr(catalogue(language), "_catalog", {})
    templates = [msgid for msgid in known if isinstance(msgid, str) and _HAS_VALUE.search(msgid)]
    templates.sort(key=lambda template: -sum(len(literal) for literal, _name in _pieces(template)))
    return tuple((template, _pattern(template)) for template in templates)


def _pattern(template: str) -> re.Pattern[str]:
    """What the template reads like when its values are filled in."""
    seen: set[str] = set()
    pattern = ""
    for literal, name in _pieces(template):
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return re.compile(pattern, re.DOTALL)
