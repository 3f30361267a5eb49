"""The words of codes (labels.toml), entries of the journal in words, and formats of values as Jinja filters."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from flask import Flask
from flask_babel import format_datetime, format_decimal, format_timedelta, ngettext
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from console.i18n.translate import lazily, reader_language
from console.i18n.translate import lazily as _l
from db.engine.clock import utc_now
from db.journal.audit import Entry
from rules.calendar import LOCAL
from rules.languages import LANGUAGE_NAMES, LANGUAGE_WORDS, TRAITS, known
from rules.members import COLUMNS, FURTHER, NUMBERS, places_in
from rules.numbers import shown
from rules.people import Actor
from rules.replies import unseen
from rules.sentences import tied, wording

_MB, _GB = 1024**2, 1024**3
TABLES: dict[str, Any] = tomllib.loads(files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))
# The terminal says these two as well.
TABLES["text_guard"] = wording("findings")
TABLES["journal_values"]["asked"] = wording("requesters")


def count(value: int) -> str:
    """1 234, with the narrow no-break space of French."""
    # Below a thousand it is the same in every language, and a table of neighbourhoods has a thousand of them.
    return str(value) if 0 <= value < 1000 else str(format_decimal(value))


def size(value: int) -> str:
    """1,2 Go, 340 Mo: a size on a disk."""
    if value >= _GB:
        return str(_("%(number)s Go", number=format_decimal(value / _GB, "#,##0.#")))
    return str(_("%(number)s Mo", number=format_decimal(value / _MB, "#,##0" if value >= 10 * _MB else "#,##0.#")))


def lasted(seconds: float | None) -> str:
    """4 s, 2 min 05; a dash for what did not happen."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole} s" if whole < 100 else f"{whole // 60} min {whole % 60:02}"


def elapsed(since: datetime) -> str:
    """12 minutes, 3 heures: from then until now."""
    return str(format_timedelta(utc_now() - since, threshold=1.2))


def clock(at: datetime | None) -> str:
    """14:32, in the zone's time; a dash for None."""
    return f"{at.astimezone(LOCAL):%H:%M}" if at else "–"


def clock_s(at: datetime | None) -> str:
    """14:32:05, where seconds matter."""
    return f"{at.astimezone(LOCAL):%H:%M:%S}" if at else "–"


def moment(at: datetime | None) -> str:
    """24 nov. 2026, 14:32."""
    return _dated(at, "d MMM y, HH:mm", reader_language()) if at else "–"


def day(at: datetime | None) -> str:
    """24 novembre 2026."""
    return _dated(at, "d MMMM y", reader_language()) if at else "–"


@lru_cache(maxsize=4096)  # a list has fifty, of a tenth of a millisecond
def _dated(at: datetime, pattern: str, language: str) -> str:
    return str(format_datetime(at, pattern.replace("d", TRAITS[known(language)]["day"], 1)))


def mobile(msisdn: str | None) -> str:
    """0470 12 34 56, kept on one line; a dash for None."""
    return shown(msisdn).replace(" ", "\u00a0") if msisdn else "–"


def sentence(text: str) -> str:
    """With a capital and a full stop, for reasons that are also read in the middle of a line."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def first_sentence(text: str, longest: int) -> str:
    """Without its full stop, cut between words."""
    first = " ".join(text.split()).partition(". ")[0].rstrip(".")
    return first if len(first) <= longest else first[:longest].rpartition(" ")[0] + "…"


def pairs(cards: Iterable[Any]) -> list[tuple[int, str]]:
    """(id, name) of the cards, to choose from."""
    return [(card.id, card.name) for card in cards]


def labels(table: str) -> dict[str, LazyString]:
    """The words by code; `table` may name one in another by a dot."""
    chosen = TABLES
    for name in table.split("."):
        chosen = chosen[name]
    return {code: _l(words) for code, words in chosen.items()}


def toned(table: str) -> dict[str, tuple[LazyString, str]]:
    """The words by code, with the class of plp.css that carries the meaning."""
    return {code: (lazily(row["words"]), row["tone"]) for code, row in TABLES[table].items()}


def advised(table: str) -> dict[str, tuple[LazyString, LazyString]]:
    """By code a title, and what to do."""
    return {code: (lazily(row["title"]), lazily(row["advice"])) for code, row in TABLES[table].items()}


MESSAGE_STATES, BROADCAST_STATES, MODEM_STATES = map(toned, ("message_states", "broadcast_states", "modem_states"))
KINDS, TIP_OUTCOMES, GUARD_WORDS = toned("kinds"), toned("tip_outcomes"), advised("text_guard")
ROLE_WORDS, BULLETIN_CATEGORIES, RELAYED_HOW = map(labels, ("roles", "bulletin_categories", "relayed_how"))
# The columns of a member, above their fields and within a sentence, as they are declared.
COLUMN_LABELS = {name: _l(column.label) for name, column in COLUMNS.items()}
COLUMN_WORDS = {name: _l(column.word) for name, column in COLUMNS.items()}
CORRECTION_WORDS = COLUMN_LABELS | labels("correction_fields")
_REASONS = {code: words for codes, words in labels("reasons").items() for code in codes.split(", ")}


def reason_words(code: str) -> str:
    """The reason for a message's state, by the code shown beside it; empty for none."""
    if code in _REASONS:
        return str(_REASONS[code])
    if code.startswith("CMS "):
        return str(_l("refusé par le réseau"))
    if code.startswith(("CME ", "ERROR")):
        return str(_REASONS["ERROR"])
    return str(_l("non distribué par le réseau")) if code.startswith("st:") else ""


def paused_words(waiting: int) -> str:
    """« En pause : 14 attendent »"""
    return str(ngettext("En pause : %(n)s en attente", "En pause : %(n)s en attente", waiting, n=count(waiting)))


def init_words(app: Flask) -> None:
    """Give the templates their filters, the tables of labels.toml by name in capitals, and a member's columns."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.finalize = unseen.shown  # nothing that turns the direction of a page, whatever a person wrote
    filters = (count, size, lasted, elapsed, clock, clock_s, moment, day, mobile, sentence, tied, pairs)
    app.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in (*filters, places_in, paused_words)})
    tables: dict[str, object] = {}
    for name, rows in TABLES.items():
        shape = next(iter(rows.values()))
        if isinstance(shape, str):
            tables[name.upper()] = labels(name)
        elif "tone" in shape:
            tables[name.upper()] = toned(name)
        elif "advice" in shape:
            tables[name.upper()] = advised(name)
    app.jinja_env.globals.update(
        tables,
        ROLE_WORDS=ROLE_WORDS,
        GUARD_WORDS=GUARD_WORDS,
        LANGUAGE_WORDS=LANGUAGE_WORDS,
        COLUMNS=COLUMNS,
        COLUMN_LABELS=COLUMN_LABELS,
        CORRECTION_WORDS=CORRECTION_WORDS,
        FURTHER=FURTHER,
        NUMBERS=NUMBERS,
    )


ACTIONS, DETAILS, ACTORS = labels("journal_actions"), labels("journal_details"), labels("actors")
FIELDS = labels("journal_fields") | COLUMN_WORDS
# Values that are codes, by the name that they stand beside.
VALUES: dict[str, Mapping[str, LazyString]] = {
    **{name: labels(f"journal_values.{name}") for name in TABLES["journal_values"]},
    "language": {code: _l(name.template) for code, name in LANGUAGE_NAMES.items()},
    **dict.fromkeys(("roles", "lost"), ROLE_WORDS),
    "role": {"member": _l("membre"), **ROLE_WORDS},
    "guard": {kind: title for kind, (title, _advice) in GUARD_WORDS.items()},
    "kind": {kind: words for kind, (words, _tone) in KINDS.items()},
    "category": BULLETIN_CATEGORIES,
    "relay_how": RELAYED_HOW,
    "outcome": {code: words for code, (words, _tone) in TIP_OUTCOMES.items()},
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the journal, in words. `subject` is a number, a name, or `host/modem`."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def deed(entry: Entry) -> Deed:
    """The entry in words; a code of a version that is not this one is shown as it is stored."""
    detail = [_change_words(name, value) for name, value in entry.detail.items() if value not in (None, {})]
    if entry.erased:
        detail.append(str(_("texte supprimé")))
    return Deed(
        at=entry.at,
        actor=actor_words(entry.actor),
        action=str(ACTIONS.get(entry.action, entry.action)),
        subject=entry.subject,
        detail=" · ".join(detail),
    )


def actor_words(actor: Actor) -> str:
    """An actor by name; the machine, and people who did not sign in, by a description."""
    return str(ACTORS.get(actor.kind, actor))


def _change_words(name: str, value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(_change(field, values) for field, values in value.items())
    why = DETAILS.get(name) or FIELDS.get(name, name)  # an older version stored the new value of a rule alone
    return str(_("%(why)s : %(words)s", why=why, words=_shown(name, value)))


def _change(field: str, values: list[object]) -> str:
    """A field of `changed`: both values, or only that it changed where they are a person's."""
    what = FIELDS.get(field, field)
    if not values:
        return str(_("%(what)s : modifié", what=what))
    old, new = (_shown(field, value) for value in values)
    return str(_("%(what)s : %(old)s → %(new)s", what=what, old=old, new=new))


def _shown(name: str, value: object) -> str:
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if isinstance(value, int):
        return count(value)
    if isinstance(value, list):
        return ", ".join(_shown(name, part) for part in value)
    return str(VALUES.get(name, {}).get(str(value), value))
