"""The options of a text in several languages, and what the text guard found, as commands take and print them."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from db.alerts.orders.texts import MAIN_LANGUAGE
from plp.rules.people import LANGUAGE_NAMES
from plp.rules.text_guard import FindingsRefused, TextFinding
from plp.services.texts import Answers, answers_of_program


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one command, and what its options answer."""

    by_language: dict[str, str]
    answers: Answers


def texts_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options for the other languages and for the findings; the command gets all of them, with `text`, as `texts`."""
    others = [language for language in LANGUAGE_NAMES if language != MAIN_LANGUAGE]

    @functools.wraps(command)
    def with_texts(*args: Any, text: str, accept_findings: str | None, one_language: bool, **rest: Any) -> None:
        written = {language: rest.pop(f"text_{language}") for language in others}
        texts = {MAIN_LANGUAGE: text} | {language: each for language, each in written.items() if each}
        command(*args, texts=Texts(texts, answers_of_program(accept_findings, one_language)), **rest)

    why = "Envoyer malgré les points signalés par le contrôle du texte, pour ce motif."
    options = [
        *(click.option(f"--text-{each}", help=f"Le texte en {LANGUAGE_NAMES[each]}.") for each in others),
        click.option("--one-language", is_flag=True, help="Le même texte à tous, quelle que soit leur langue."),
        click.option("--accept-findings", metavar="REASON", help=why),
    ]
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), with_texts)


def tell_findings(found: tuple[TextFinding, ...]) -> None:
    """A line each, on stderr."""
    from console.i18n.labels import GUARD_WORDS  # with it comes all of Flask

    for each in found:
        title, advice = GUARD_WORDS[each.kind]
        excerpt = f" : « {each.excerpt} »" if each.excerpt else ""
        click.echo(f"{title} ({each.language}){excerpt}. {advice}", err=True)


@contextmanager
def findings_told() -> Iterator[None]:
    """Tell the findings in full before a refusal that is about them."""
    try:
        yield
    except FindingsRefused as refusal:
        tell_findings(refusal.found)
        raise
