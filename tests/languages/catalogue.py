"""The catalogues as files: brought up to date with the sources, and what is wrong with them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from base.catalogues import path
from rules.languages import OTHER_LANGUAGES
from tests.languages.extraction import extracted

_HEADER = "# The console's sentences. The sources are French; `make translations` keeps this file in step with them."
# A date that changes with every run would be a conflict with every run.
_DATED = datetime(2026, 11, 24, tzinfo=UTC)
# What must survive translation: %(name)s, %(n)05.1f, {name}.
_PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[a-z]|%%|(?<!\{)\{\w+[^{}]*\}|\{{3}\w+\}{3}")


@cache
def read(language: str) -> Catalog:
    """The catalogue of a language as it is on disk, an empty one where there is none."""
    if not path(language).exists():
        return Catalog(locale=language, fuzzy=False)
    with path(language).open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def updated(language: str, source: Catalog) -> Catalog:
    """What is kept, what is new with an empty translation, without what no source says any more."""
    catalogue = Catalog(locale=language, domain="messages", header_comment=_HEADER, language_team=language, fuzzy=False)
    catalogue.msgid_bugs_address = catalogue.last_translator = ""
    catalogue.project, catalogue.version = "plp-alerte", ""
    known = read(language)
    for message in source:
        if message.id:
            old = known.get(message.id)
            same = old is not None and old.pluralizable == message.pluralizable
            locations = [(name, 0) for name in sorted({name for name, _line in message.locations})]
            catalogue.add(message.id, old.string if old and same else None, locations=locations)
    return catalogue


def write(language: str, catalogue: Catalog) -> None:
    """One message after the other in the order of the sources; files without lines, so that little changes."""
    path(language).parent.mkdir(parents=True, exist_ok=True)
    catalogue.revision_date = catalogue.creation_date = _DATED
    with path(language).open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, omit_header=False)
    read.cache_clear()


def faults(language: str, source: Catalog) -> Iterator[str]:
    """In words, what keeps this catalogue from being complete and true to its source."""
    known = read(language)
    for message in source:
        if not message.id:
            continue
        translated = known.get(message.id)
        if translated is None or not all(_strings(translated)) or len(_strings(translated)) < len(_ids(message)):
            yield f"not translated: {_ids(message)[0]!r} ({message.locations[0][0]})"
        elif translated.fuzzy:
            yield f"fuzzy: {_ids(message)[0]!r}"
        else:
            yield from _strayed(message, translated)
    yield from (f"no source says it any more: {_ids(m)[0]!r}" for m in known if m.id and source.get(m.id) is None)


def _strayed(message: Message, translated: Message) -> Iterator[str]:
    """Placeholders and outer spaces that are not those of the source. A singular may leave its number out."""
    ids, strings = _ids(message), _strings(translated)
    wanted = [set(_PLACEHOLDER.findall(msgid)) for msgid in ids]
    for number, string in enumerate(strings):
        found = set(_PLACEHOLDER.findall(string))
        same = found == wanted[-1] or (len(ids) > 1 and number == 0 and found <= wanted[-1])
        if not same:
            yield f"other placeholders: {string!r} for {ids[-1]!r}"
        if string[:1].isspace() != ids[0][:1].isspace() or string[-1:].isspace() != ids[-1][-1:].isspace():
            yield f"other outer spaces: {string!r}"


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def main() -> None:
    """`make translations`: bring the files up to date and say what is left to do."""
    source = extracted()
    for language in OTHER_LANGUAGES:
        write(language, updated(language, source))
        left = list(faults(language, source))
        print(f"{language}: {len(source)} messages, {len(left)} to mend")
        for fault in left[:20]:
            print(f"  {fault}")


if __name__ == "__main__":
    main()
