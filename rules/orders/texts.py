"""Texts of an order, one per language: the words put in first and last (drill, correction, end), so that nobody takes
one for another; the text that a reader gets; the number of parts.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, Protocol, TypeVar

from rules.languages import MAIN_LANGUAGE as MAIN_LANGUAGE
from rules.languages import TRAITS

FollowUp = Literal["correction", "end"]
# What a drill begins and ends with, in the language of the text; and what opens a follow-up.
DRILL_WORDS: dict[str, str] = {code: words["drill"] for code, words in TRAITS.items()}
_FOLLOW_UPS: tuple[FollowUp, ...] = ("correction", "end")
OPENING_WORDS: dict[FollowUp, dict[str, str]] = {
    kind: {code: words[kind] for code, words in TRAITS.items()} for kind in _FOLLOW_UPS
}

_Text = TypeVar("_Text")


class Composed(Protocol):
    """A text as `modem.sms.compose` split it; neither `rules` nor `db` knows that package."""

    @property
    def text(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def segments(self) -> Sequence[str]: ...


class Reader(Protocol):
    """Somebody who gets a text."""

    @property
    def msisdn(self) -> str: ...
    @property
    def language(self) -> str: ...


def main_first(texts: Mapping[str, _Text]) -> dict[str, _Text]:
    """The texts by language, the main one first. Raises ValueError for none at all."""
    if not texts:
        raise ValueError("an order has a text")
    return dict(sorted(texts.items(), key=lambda pair: pair[0] != MAIN_LANGUAGE))


def language_for(texts: Mapping[str, object], language: str) -> str:
    """The language of the text that a reader of `language` gets: their own, else the first."""
    return language if language in texts else next(iter(texts))


def used(texts: Mapping[str, _Text], people: Iterable[Reader]) -> dict[str, _Text]:
    """Only the texts that somebody gets; without people, all of them."""
    read = {language_for(texts, person.language) for person in people}
    return {language: text for language, text in texts.items() if language in read} or dict(texts)


def parts_per_person(texts: Mapping[str, Composed], people: Iterable[Reader]) -> int | dict[str, int]:
    """Parts that a person gets: one number where all get the same, else by MSISDN."""
    sizes = {language: len(text.segments) for language, text in texts.items()}
    if len(set(sizes.values())) == 1:
        return next(iter(sizes.values()))
    return {person.msisdn: sizes[language_for(texts, person.language)] for person in people}


def total_parts(texts: Mapping[str, Composed], people: Iterable[Reader]) -> int:
    """Parts in all."""
    readers = Counter(language_for(texts, person.language) for person in people)
    return sum(number * len(texts[language].segments) for language, number in readers.items())


def most_parts(texts: Mapping[str, Composed]) -> int:
    """Parts of the longest text."""
    return max(len(text.segments) for text in texts.values())


def drill_text(text: str, language: str = MAIN_LANGUAGE) -> str:
    """The text of a drill: it begins and ends with the words for a drill in its language, whatever was typed."""
    word = DRILL_WORDS[language]
    return f"{word}. {text.strip()} {word}."


def without_drill_words(text: str, language: str) -> str:
    """A drill's text without the words that are put in first and last; any other text as it is."""
    word = DRILL_WORDS.get(language, DRILL_WORDS[MAIN_LANGUAGE])
    return text.removeprefix(f"{word}. ").removesuffix(f" {word}.")


def follow_up_text(text: str, kind: FollowUp, language: str = MAIN_LANGUAGE, prefix: str = "") -> str:
    """The text behind the words for a correction or an end, once, in its language; only `prefix` precedes it."""
    words = OPENING_WORDS[kind]
    return f"{prefix} {words.get(language, words[MAIN_LANGUAGE])}. {_unopened(text, kind, prefix)}".strip()


def corrected_text(text: str, prefix: str = "") -> str:
    """The same text for those who had nothing: an ordinary alert, without mention of a correction."""
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
