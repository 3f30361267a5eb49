"""The first words of a correction and of an end of alert: put in here, so that nobody takes either for an alert."""

import re
from functools import cache

from db.alerts.orders.texts import MAIN_LANGUAGE
from db.alerts.values import FollowUp

# In the language of the text that they open; all of it in GSM's alphabet.
OPENING_WORDS: dict[FollowUp, dict[str, str]] = {
    "correction": {"fr": "CORRECTION", "nl": "RECHTZETTING", "de": "BERICHTIGUNG", "en": "CORRECTION"},
    "end": {"fr": "FIN D'ALERTE", "nl": "EINDE ALARM", "de": "ENTWARNUNG", "en": "END OF ALERT"},
}


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
