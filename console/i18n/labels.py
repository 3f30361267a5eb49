"""The words of codes, as labels.toml has them: one table for every page, translated where they are shown."""

import tomllib
from importlib.resources import files
from typing import Any

from flask import Flask
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from console.i18n.formats import count as shown
from console.i18n.translate import lazily
from console.i18n.translate import lazily as _l
from rules.languages import LANGUAGE_WORDS
from rules.members import COLUMNS, FURTHER, NUMBERS

TABLES: dict[str, Any] = tomllib.loads(files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))


def labels(table: str) -> dict[str, LazyString]:
    """The words of each code; `table` may name one in another by a dot."""
    chosen = TABLES
    for name in table.split("."):
        chosen = chosen[name]
    return {code: _l(words) for code, words in chosen.items()}


def toned(table: str) -> dict[str, tuple[LazyString, str]]:
    """The words of each code, with the class of plp.css that carries the meaning."""
    return {code: (lazily(row["words"]), row["tone"]) for code, row in TABLES[table].items()}


def advised(table: str) -> dict[str, tuple[LazyString, LazyString]]:
    """A title for each code, and what to do."""
    return {code: (lazily(row["title"]), lazily(row["advice"])) for code, row in TABLES[table].items()}


MESSAGE_STATES, BROADCAST_STATES = toned("message_states"), toned("broadcast_states")
FOLLOWED, KINDS = toned("followed"), toned("kinds")
MEMBER_STATES, MODEM_STATES = toned("member_states"), toned("modem_states")
ROLE_WORDS, ROLE_DUTIES = labels("roles"), labels("role_duties")
TIP_OUTCOMES, TIP_TELLERS = toned("tip_outcomes"), labels("tip_tellers")
BULLETIN_CATEGORIES, RELAYED_HOW = labels("bulletin_categories"), labels("relayed_how")
GUARD_WORDS = advised("text_guard")
# The columns of a member, above their fields and within a sentence, as they are declared.
COLUMN_LABELS = {name: _l(column.label) for name, column in COLUMNS.items()}
COLUMN_WORDS = {name: _l(column.word) for name, column in COLUMNS.items()}
CORRECTION_WORDS = COLUMN_LABELS | labels("correction_fields")
_REASONS = {code: words for codes, words in labels("reasons").items() for code in codes.split(", ")}


def reason_words(code: str) -> str:
    """The reason for a message's state, by the code shown beside it; empty when there is none."""
    if code in _REASONS:
        return str(_REASONS[code])
    if code.startswith("CMS "):
        return str(_l("refusé par le réseau"))
    if code.startswith(("CME ", "ERROR")):
        return str(_REASONS["ERROR"])
    return str(_l("non distribué par le réseau")) if code.startswith("st:") else ""


def paused_words(waiting: int) -> str:
    """« En pause : 14 attendent »"""
    return str(ngettext("En pause : %(n)s en attente", "En pause : %(n)s en attente", waiting, n=shown(waiting)))


def init_words(app: Flask) -> None:
    """Give the templates the tables."""
    app.jinja_env.filters["paused_words"] = paused_words
    app.jinja_env.globals.update(
        MESSAGE_STATES=MESSAGE_STATES,
        BROADCAST_STATES=BROADCAST_STATES,
        FOLLOWED=FOLLOWED,
        MEMBER_STATES=MEMBER_STATES,
        MODEM_STATES=MODEM_STATES,
        KINDS=KINDS,
        ROLE_WORDS=ROLE_WORDS,
        ROLE_DUTIES=ROLE_DUTIES,
        LANGUAGE_WORDS=LANGUAGE_WORDS,
        COLUMNS=COLUMNS,
        COLUMN_LABELS=COLUMN_LABELS,
        FURTHER=FURTHER,
        NUMBERS=NUMBERS,
        BULLETIN_CATEGORIES=BULLETIN_CATEGORIES,
        BULLETIN_HINTS=labels("bulletin_hints"),
        RELAYED_HOW=RELAYED_HOW,
        TIP_OUTCOMES=TIP_OUTCOMES,
        TIP_TELLERS=TIP_TELLERS,
        READER_STATES=toned("reader_states"),
        MAIL_STATES=toned("mail_states"),
        MAIL_KINDS=labels("mail_kinds"),
    )
