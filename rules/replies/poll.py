"""Numbered answers: replies to an alert containing « répondez 1=oui, 2=non » are counted like OKs."""

import re
from collections.abc import Mapping, Sequence

from rules.languages import MAIN_LANGUAGE, TRAITS
from rules.replies.meaning import plain

# « Répondez 1 », « antwoord met 1 », « antworten Sie bitte mit 1 », « reply 1 ».
_ASKS = re.compile(
    r"\b(?:r[ée]pondez|antwoord(?:t|en)?|antworten|reply|answer)\W{1,5}(?:[^\W\d]{1,5}\s{1,3}){0,3}(?=\W{0,5}1(?!\w))",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w])([1-9])(?!\w)")
_LABEL = re.compile(r"[^,;.!?\n]{0,40}")
_WORDS = re.compile(r"[^\s=:()]+")
_BETWEEN = frozenset({"pour", "si", "ou", "voor", "als", "of", "für", "wenn", "oder", "for", "if", "or"})
# A number of one digit each.
MOST_CHOICES = 9
# What stands around a number that is an answer.
_AROUND = frozenset(
    {"ok", "je", "reponds", "reponse", "ik", "antwoord", "ich", "antworte", "antwort", "i", "reply", "answer"}
)


def offered(text: str) -> dict[int, str]:
    """Number → its words, perhaps none: {1: "oui", 2: "non"}; empty unless the text asks for answers numbered 1, 2 …"""
    asks = _ASKS.search(text)
    numbers = list(_NUMBER.finditer(text, asks.end())) if asks else []
    answers: dict[int, str] = {}
    for match in numbers:
        if int(match[1]) == len(answers) + 1:
            answers[int(match[1])] = _words_after(text, match.end())
    return answers if len(answers) > 1 else {}


def asking(question: str, choices: Sequence[str], language: str) -> str:
    """« Avez-vous de l'eau? Répondez 1=oui, 2=non. » in the alert's language, as are the words of usual choices."""
    usual = TRAITS[MAIN_LANGUAGE]["choices"]
    words = TRAITS[language]["choices"] if list(choices) == usual else choices
    numbered = ", ".join(f"{number}={choice}" for number, choice in enumerate(words, 1))
    return f"{question.rstrip(' ?.!')}? {TRAITS[language]['ask']} {numbered}."


def chosen(words: str, answers: Mapping[int, str]) -> int:
    """The number that `plain` words give, as a figure or by its own words; 0 for none, several, or other words."""
    said = words.split()
    numbers = {word for word in said if word.isdecimal()}
    if not numbers:
        return next((number for number, label in answers.items() if label and words == plain(label)), 0)
    number = next((known for known in answers if {str(known)} == numbers), 0)
    fitting = _AROUND | numbers | set(plain(answers.get(number, "")).split())
    return number if set(said) <= fitting else 0


def _words_after(text: str, end: int) -> str:
    label = _LABEL.match(text, end)
    words = _WORDS.findall(_NUMBER.split(label[0])[0]) if label else []
    while words and words[0].casefold() in _BETWEEN:
        words.pop(0)
    while words and words[-1].casefold() in _BETWEEN:
        words.pop()
    return " ".join(words)
