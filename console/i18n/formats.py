"""Formats of values for people: Jinja filters."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from flask_babel import format_currency, format_datetime, format_decimal, format_timedelta
from flask_babel import gettext as _

from console.i18n.translate import reader_language
from db.engine.clock import utc_now
from rules.calendar import LOCAL
from rules.languages import TRAITS, known
from rules.members import places_in
from rules.numbers import shown
from rules.sentences import tied

_MB, _GB = 1024**2, 1024**3


def count(value: int) -> str:
    """1 234, with the narrow no-break space of French."""
    # Up to there it is the same in every language, and a table of neighbourhoods has a thousand of them.
    return str(value) if 0 <= value < 1000 else str(format_decimal(value))


def euros(value: float) -> str:
    """12,60 €, as the person's language writes it."""
    return str(format_currency(value, "EUR"))


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
    """14:32, in the zone's time; a dash where there is none."""
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


@lru_cache(maxsize=4096)  # a list has fifty, and each takes a tenth of a millisecond
def _dated(at: datetime, pattern: str, language: str) -> str:
    return str(format_datetime(at, pattern.replace("d", TRAITS[known(language)]["day"], 1)))


def mobile(msisdn: str | None) -> str:
    """0470 12 34 56, kept on one line; a dash where there is none."""
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
    """(id, name) of each, to choose from."""
    return [(card.id, card.name) for card in cards]


def init_formats(app: Flask) -> None:
    """Give the templates their filters."""
    filters = (count, euros, size, lasted, elapsed, clock, clock_s, moment, day, mobile, sentence, tied, pairs)
    app.jinja_env.filters.update({filter_.__name__: filter_ for filter_ in filters})
    app.jinja_env.filters["places_in"] = places_in
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
