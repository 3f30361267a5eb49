"""The paragraphs of a strategic bulletin, drafted from the figures of a year; and figures as every page writes them."""

from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from db.engine.clock import utc_now
from db.partnership.figures import year_of
from plp.letters.rendering import STARTS
from rules.partnership import FIGURES, Figure
from rules.tips import USEFUL

_UNBROKEN = "\N{NO-BREAK SPACE}"


def strategic_words(year: int, place: int, language: str) -> tuple[str, str]:
    """Title and text of the bulletin on a year's figures, of a neighbourhood or of the zone (0)."""
    counted = year_of(year, utc_now())
    figures = counted.figures(0, place)
    useful = sum(number for outcome, number in counted.tips(0, place)[1].items() if outcome in USEFUL)
    said = {name: figure_words(name, value, language) for name, value in figures.items()}
    words = STARTS[language]
    where = counted.places.get(place, words["figures_zone"])
    title = words["figures_title"].format(place=where, year=year)
    return title, words["figures_body"].format(place=where, year=year, useful=useful, **said)


def figure_words(name: str, value: Figure, language: str) -> str:
    """A figure in words: 1 234, 85 %, 12 min, 3 j; a dash for none."""
    if value is None or isinstance(value, str):
        return value or "–"
    if FIGURES[name] == "s":
        span = format_timedelta(timedelta(seconds=round(value)), threshold=1.5, format="short", locale=language)
        return str(span).replace(" ", _UNBROKEN)
    number = str(format_decimal(round(value), locale=language))
    return f"{number}{_UNBROKEN}%" if FIGURES[name] == "%" else number
