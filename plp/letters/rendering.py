"""Templates into the two bodies of a mail: plain text, and HTML that needs nothing from outside."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from db.people.zone import directory, zone
from plp.letters.formatting import wrapped
from plp.letters.words import FRAME
from plp.rules.sentences import tied

_BETWEEN_DIGITS = re.compile(r"(?<=\d) (?=\d)")


def rendered(template: str, language: str, **values: object) -> tuple[str, str]:
    """(text, html) of `<template>.txt` and `<template>.html` in this folder, in the reader's language.

    The templates extend base.txt and base.html, which give the zone's name, the numbers to call and the directory of
    the database. A language without words is French. `note` is the template for plain mails: `heading`, `paragraphs`,
    and `button` as (label, address) or None. Raises Refusal where the database has no zone yet.
    """
    language = language if language in FRAME else "fr"
    whole = {
        "language": language,
        "frame": FRAME[language],
        "zone": zone(),
        "directory": directory(),
        **values,
    }
    text = _environment().get_template(f"{template}.txt").render(whole)
    html = _environment().get_template(f"{template}.html").render(whole)
    return tied(text.strip()) + "\n", tied(html.strip()) + "\n"


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
    made.filters.update(wrapped=wrapped, unbroken=unbroken)
    return made
