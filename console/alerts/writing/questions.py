"""A question that members answer by a number, at the end of each text of an alert and in the text's own language."""

from collections.abc import Iterable, Mapping

from console.web import form_fields
from rules.languages import LANGUAGE_NAMES, LANGUAGES
from rules.refusals import Refusal
from rules.replies.poll import MOST_CHOICES, asking

_LONGEST_QUESTION = 100
_LONGEST_ASKED = 300


def typed_questions(languages: Iterable[str]) -> dict[str, str]:
    """The question with its numbered choices as it was typed for each language. Raises Refusal where one lacks."""
    typed = {language: _typed_in(language) for language in languages}
    if len({len(choices) for _question, choices in typed.values()}) > 1:
        raise Refusal("Donnez autant de choix dans chaque langue : les réponses sont comptées par leur numéro.")
    return {language: asking(question, choices, language) for language, (question, choices) in typed.items()}


def _typed_in(language: str) -> tuple[str, list[str]]:
    """The question and its choices. Raises Refusal for half of one."""
    question = form_fields.line(f"question_{language}", _LONGEST_QUESTION)
    typed = form_fields.line(f"choices_{language}", _LONGEST_QUESTION)
    choices = [choice.strip() for choice in typed.split(",") if choice.strip()]
    if not question or not 2 <= len(choices) <= MOST_CHOICES:
        raise Refusal(
            "Indiquez la question et de 2 à {most} choix, séparés par des virgules ({language}).",
            most=MOST_CHOICES,
            language=LANGUAGE_NAMES[language],
        )
    return question, choices


def carried_questions() -> tuple[tuple[str, str], ...]:
    """The questions, by language, that the form of a ready-made alert carries."""
    asked = ((language, form_fields.line(f"asked_{language}", _LONGEST_ASKED)) for language in LANGUAGES)
    return tuple((language, question) for language, question in asked if question)


def ended(texts: Mapping[str, str], questions: Mapping[str, str]) -> dict[str, str]:
    """The texts by language, those with a question in their language with it at their end."""
    asked = {
        language: f"{texts[language].rstrip()} {questions[language]}".strip() for language in texts.keys() & questions
    }
    return {**texts, **asked}
