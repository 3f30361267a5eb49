"""Texts of an order, one for all or one per language: the text that each reader gets, and the number of parts; and the
first words of a correction and of an end, put in here, so that nobody takes either for an alert.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from db.alerts.values import Composed, FollowUp
from db.people.audience import Recipient

# The language of the police: whoever's own language has no text gets this one.
MAIN_LANGUAGE = "fr"

Texts = Composed | Mapping[str, Composed]
# In the language of the text that they open; all of it in GSM's alphabet.
OPENING_WORDS: dict[FollowUp, dict[str, str]] = {
    "correction": {"fr": "CORRECTION", "nl": "RECHTZETTING", "de": "BERICHTIGUNG", "en": "CORRECTION"},
    "end": {"fr": "FIN D'ALERTE", "nl": "EINDE ALARM", "de": "ENTWARNUNG", "en": "END OF ALERT"},
}


def texts_of(composed: Texts) -> dict[str, Composed]:
    """By language, the main one first. Raises ValueError for none at all."""
    if not isinstance(composed, Mapping):
        return {MAIN_LANGUAGE: composed}
    if not composed:
        raise ValueError("an order has a text")
    return dict(sorted(composed.items(), key=lambda pair: pair[0] != MAIN_LANGUAGE))


def language_for(texts: Mapping[str, Composed], language: str) -> str:
    """The language of the text that a reader of `language` gets: their own, else the first."""
    return language if language in texts else next(iter(texts))


def used(texts: Mapping[str, Composed], people: Sequence[Recipient]) -> dict[str, Composed]:
    """Only the texts that somebody gets; without people, all of them."""
    read = {language_for(texts, person.language) for person in people}
    return {language: text for language, text in texts.items() if language in read} or dict(texts)


def parts_per_person(texts: Mapping[str, Composed], people: Sequence[Recipient]) -> int | dict[str, int]:
    """Parts that a person gets: one number where all get the same, else by MSISDN."""
    sizes = {language: len(text.segments) for language, text in texts.items()}
    if len(set(sizes.values())) == 1:
        return next(iter(sizes.values()))
    return {person.msisdn: sizes[language_for(texts, person.language)] for person in people}


def total_parts(texts: Mapping[str, Composed], people: Sequence[Recipient]) -> int:
    """Parts in all."""
    readers = Counter(language_for(texts, person.language) for person in people)
    return sum(number * len(texts[language].segments) for language, number in readers.items())


def longest(texts: Mapping[str, Composed]) -> Composed:
    """The text of most parts."""
    return max(texts.values(), key=lambda text: len(text.segments))


def follow_up_text(text: str, kind: FollowUp, language: str = MAIN_LANGUAGE, prefix: str = "") -> str:
    """The text behind the words for a correction or an end, each once, in its language; only `prefix` stands before."""
    words = OPENING_WORDS[kind]
    return f"{prefix} {words.get(language, words[MAIN_LANGUAGE])}. {_unopened(text, kind, prefix)}".strip()


def corrected_text(text: str, prefix: str = "") -> str:
    """The same text for those who had nothing: an alert as any other, which corrects nothing that they know of."""
    return f"{prefix} {_unopened(text, 'correction', prefix)}".strip()


def _unopened(text: str, kind: FollowUp, prefix: str) -> str:
    """The typed text without the words that are put in before it."""
    text = text.strip()
    bare = text.removeprefix(prefix).lstrip() if prefix else text
    rest, typed_too = _typed_too(kind).subn("", bare, count=1)
    return rest[:1].upper() + rest[1:] if typed_too else rest


@cache
def _typed_too(kind: FollowUp) -> re.Pattern[str]:
    """The opening as officers type it themselves: in any of the languages, in capitals or with a stop after it."""
    words = sorted(set(OPENING_WORDS[kind].values()))
    anyhow = "|".join(re.escape(word).replace("'", "['’]").replace(r"\ ", r"\s+") for word in words)
    return re.compile(rf"^(?:(?i:{anyhow})\s*(?:[.:!,;…–—-]\s*)+|(?:{anyhow})\b\s*|(?i:{anyhow})$)")
