"""The words that leave under the zone's name, in its languages (rules/languages), and templates into the
two bodies of a mail: plain text, and HTML that needs nothing from outside.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from db.mail.values import Copy
from db.people.accounts.accounts import Reader
from db.people.zone import ZoneCard, directory, zone
from plp.letters.formatting import wrapped
from rules.calendar import LOCAL
from rules.languages import LANGUAGE_WORDS, known, written
from rules.numbers import shown
from rules.sentences import tied

_BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")
# By the table of `letters.toml`, then by language.
_LETTERS: dict[str, dict[str, dict[str, str]]] = written("letters")
FRAME, ACCOUNT, WELCOME, BULLETIN, REPLY, SMS, STARTS, ALERT, DUTY, MEMBERS, REGISTRATION, KNOWN_NUMBER = (
    {language: letters[name] for language, letters in _LETTERS.items()}
    for name in (
        *("frame", "account", "welcome", "bulletin", "reply", "sms", "starts", "alert", "duty", "members"),
        *("registration", "known_number"),
    )
)


def to_call(zone_card: ZoneCard, language: str) -> str:
    """The zone's two numbers: « 101 ou 04/330 40 00 »."""
    return f" {FRAME[language]['or']} ".join(filter(None, (zone_card.emergency, zone_card.phone)))


def registration_words(language: str, zone_card: ZoneCard) -> dict[str, str]:
    """The words of the registration form in this language, with the zone's own."""
    emergency = zone_card.emergency
    own = {"zone": zone_card.name, "phone": zone_card.phone or emergency, "emergency": emergency}
    return {name: text.format(**own) for name, text in REGISTRATION[known(language)].items()}


def paper(template: str, language: str, zone_card: ZoneCard, now: datetime, **values: object) -> str:
    """A file of this folder that is printed or lies in the nightly export, with the zone's numbers and the time."""
    at = f"{now.astimezone(LOCAL):%d/%m/%Y à %H:%M}"
    call = unbroken(to_call(zone_card, language))
    whole = _environment().get_template(template)
    return tied(whole.render(language=language, zone=zone_card, call=call, as_of=at, **values))


def rendered(template: str, language: str, **values: object) -> tuple[str, str]:
    """(text, html) of `<template>.txt` and `<template>.html` in this folder, in the reader's language.

    The templates extend base.txt and base.html, which give the zone's name, the numbers to call and the directory of
    the database. Raises Refusal where the database has no zone yet.
    """
    language = known(language)
    whole = {"language": language, "frame": FRAME[language], "zone": zone(), "directory": directory(), **values}
    text = _environment().get_template(f"{template}.txt").render(whole)
    html = _environment().get_template(f"{template}.html").render(whole)
    return tied(text.strip()) + "\n", tied(html.strip()) + "\n"


def note(
    key: str, to: str, name: str, language: str, heading: str, paragraphs: Iterable[str], member_id: int | None = None
) -> Copy:
    """A plain mail to one reader, at the address `to`."""
    text, html = rendered("note", language, heading=heading, paragraphs=[*paragraphs])
    return Copy(key, to, name, text, html, member_id)


def notes(key: str, to: Iterable[Reader], heading: str, paragraphs: Sequence[str]) -> list[Copy]:
    """The same plain mail in French to these accounts; the keys of its copies begin with `key`."""
    text, html = rendered("note", "fr", heading=heading, paragraphs=paragraphs)
    return [Copy(f"{key}{reader.account_id}", reader.email, reader.name, text, html) for reader in to]


def unbroken(text: str) -> str:
    """Telephone numbers kept on one line."""
    return _BETWEEN_DIGITS.sub("\u00a0", text)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["languages"] = [*LANGUAGE_WORDS.values()]
    made.filters.update(wrapped=wrapped, unbroken=unbroken, number=shown)
    return made
