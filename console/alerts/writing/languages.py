"""A text for each language of the people chosen: what is missing, and what goes out."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from console.alerts.writing.draft import Draft
from console.i18n.formats import count as shown
from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.templates.kept import wordings
from db.people.audience import AudienceSize, size
from plp.rules.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Readers:
    """How many of the people chosen read a language; `missing`: they are owed a text, and there is none."""

    language: str
    people: int
    missing: bool


# As a sentence says it; LANGUAGE_WORDS are the names that their speakers give them.
LANGUAGE_NAMES: dict[str, LazyString] = {
    "fr": _l("français"),
    "nl": _l("néerlandais"),
    "de": _l("allemand"),
    "en": _l("anglais"),
}


class MissingText(Refusal):
    """Somebody among the people chosen reads a language that has no text."""


def readers(draft: Draft, people: AudienceSize) -> tuple[Readers, ...]:
    """The languages of the people chosen, most readers first."""
    words, texts = wordings(), draft.texts
    return tuple(
        Readers(language, number, missing=language not in texts and language in words and words[language].required)
        for language, number in people.languages
    )


def texts_to_send(draft: Draft) -> dict[str, str]:
    """By language, only what somebody among the people chosen will get; the main text for who has none of their own.

    Raises Refusal while a form has fields to fill, or nobody is chosen; MissingText while a language has no text and
    the officer has not said that all get the main one.
    """
    if draft.unfilled:
        raise Refusal("Remplissez d'abord : {fields}.", fields=", ".join(draft.unfilled))
    if draft.one_language:
        return {MAIN_LANGUAGE: draft.text}
    there = readers(draft, size(draft.audience))
    missing = [each for each in there if each.missing]
    if missing:
        raise MissingText(
            "Rien n'est parti : {whom} et ce texte manque. Écrivez-le, ou envoyez en français à tous.",
            whom=_missing_words(missing),
        )
    texts = draft.texts
    read = {each.language if each.language in texts else MAIN_LANGUAGE for each in there}
    return {language: text for language, text in texts.items() if language in read} or {MAIN_LANGUAGE: draft.text}


def language_name(language: str) -> str:
    """The language as a sentence says it, in the reader's own."""
    return str(LANGUAGE_NAMES.get(language, language))


def language_counts(there: tuple[Readers, ...]) -> str:
    """« 280 FR, 12 NL, 8 DE »"""
    return ", ".join(f"{shown(each.people)} {each.language.upper()}" for each in there)


def _missing_words(missing: list[Readers]) -> str:
    return ", ".join(
        ngettext(
            "%(n)s personne lit en %(language)s",
            "%(n)s personnes lisent en %(language)s",
            each.people,
            n=shown(each.people),
            language=language_name(each.language),
        )
        for each in missing
    )
