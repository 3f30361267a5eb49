"""Texts of an order, one for all or one per language: the text that each reader gets, and the number of parts."""

from collections import Counter
from collections.abc import Mapping, Sequence

from db.alerts.values import Composed
from db.people.audience import Recipient

# The language of the police: whoever's own language has no text gets this one.
MAIN_LANGUAGE = "fr"

Texts = Composed | Mapping[str, Composed]


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


def body_of(texts: Mapping[str, Composed]) -> str:
    """All the words that go out, to tell an order that was given twice; of one text, that text."""
    return "\n\n".join(text.text for text in texts.values())


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
