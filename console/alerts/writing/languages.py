"""The languages of the people chosen, in words."""

from console.i18n.formats import count as shown
from console.i18n.translate import said
from plp.rules.people import LANGUAGE_NAMES
from plp.services.texts import Readers


def language_name(language: str) -> str:
    """The language as a sentence says it, in the reader's own."""
    return said(LANGUAGE_NAMES[language]) if language in LANGUAGE_NAMES else language


def language_counts(there: tuple[Readers, ...]) -> str:
    """« 280 FR, 12 NL, 8 DE »"""
    return ", ".join(f"{shown(each.people)} {each.language.upper()}" for each in there)
