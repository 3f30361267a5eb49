"""Figures of a year by month and neighbourhood: a chart for a question, a table, and a CSV file."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import NamedTuple

from flask import render_template
from flask_babel import get_locale
from flask_babel import gettext as _

from console.i18n.labels import TIP_OUTCOMES, labels
from console.i18n.labels import day as day_words
from console.i18n.translate import reworded
from console.web import form_fields
from console.web.acting import as_file
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.partnership.figures import Year, year_of
from db.people.members.listing import neighbourhood_names
from plp.letters.strategic import figure_words
from plp.services.people.exporting import written
from rules.calendar import LOCAL, local_date
from rules.partnership import FEW, FEWEST, FIGURES, Figure

blueprint = Pages("statistics", "/statistics")

FIGURE_WORDS = labels("figure_words")
# A chart for a question: one figure, or two side by side.
CHARTS = (
    ("alerts",),
    ("last_phone",),
    ("share",),
    ("tips",),
    ("feedbacks",),
    ("feedback",),
    ("bulletins", "forwarded"),
    ("forwarding",),
    ("gained", "lost"),
    ("dead",),
)
# Of a drawing: a month's width, and the height of its longest bar.
SLOT, TALLEST = 30, 80
_UNITS = {"n": "", "s": " (s)", "%": " (%)"}


class Bar(NamedTuple):
    """One bar of a chart, with what stands above it."""

    series: int
    x: float
    width: float
    height: float
    words: str


def rows_of_year(**_values: int) -> int:
    """A line for every month of every neighbourhood."""
    return 13 * (1 + len(neighbourhood_names()))


@blueprint.get("", may="see_figures", rows=rows_of_year)
def statistics() -> Served:
    year, place = _year(), form_fields.number("place", 0) or 0
    with reading():
        counted = year_of(year, utc_now())
    place = place if place in counted.places else 0
    months = range(1, (_today().month if year == _today().year else 12) + 1)
    by_month = [counted.figures(month, place) for month in months]
    return render_template(
        "partnership/statistics.html",
        year=year,
        years=past_years(),
        place=place,
        counted=counted,
        few=FEWEST,
        charts=[(names, bars(names, by_month)) for names in CHARTS],
        rows=[*zip(map(month_name, months), by_month, strict=True), (str(year), counted.figures(0, place))],
        places=[(name, counted.figures(0, number)) for number, name in counted.places.items()],
        tips=counted.tips(0, place),
        slot=SLOT,
        tallest=TALLEST,
    )


@blueprint.get("/figures.csv", may="see_figures", rows=rows_of_year)
def figures_csv() -> Served:
    """Every figure of the year: a line for every month (and the whole year) of every neighbourhood (and the zone)."""
    year = _year()
    with reading():
        counted = year_of(year, utc_now())
    kinds, outcomes = (sorted(codes) for codes in counted.tips(0, 0))
    heads = [_("Mois"), _("Quartier"), *(f"{FIGURE_WORDS[name]}{_UNITS[unit]}" for name, unit in FIGURES.items())]
    heads += [f"{FIGURE_WORDS['tips']} : {kind_words(kind)}" for kind in kinds]
    heads += [f"{FIGURE_WORDS['tips']} : {outcome_words(outcome)}" for outcome in outcomes]
    lines = [
        [f"{year}-{month:02}" if month else str(year), name, *_cells(counted, month, place, kinds, outcomes)]
        for place, name in {0: _("toute la zone"), **counted.places}.items()
        for month in (*range(1, 13), 0)
    ]
    content = written([tuple(map(str, line)) for line in (heads, *lines)])
    return as_file(content, "text/csv", f"statistiques-{year}.csv")


def _cells(counted: Year, month: int, place: int, kinds: list[str], outcomes: list[str]) -> list[str]:
    by_kind, by_outcome = counted.tips(month, place)
    tips = [*(by_kind.get(kind, 0) for kind in kinds), *(by_outcome.get(outcome, 0) for outcome in outcomes)]
    figures = counted.figures(month, place).values()
    return [
        "" if value is None else str(round(value) if isinstance(value, float) else value)
        for value in (*figures, *([FEW] * len(tips) if place in counted.few else tips))
    ]


def bars(names: tuple[str, ...], by_month: list[dict[str, Figure]]) -> list[Bar]:
    """The bars of a chart; a month without a figure, or with a hidden one, has none."""
    values = [value for month in by_month for name in names if isinstance(value := month[name], int | float)]
    most = max(values, default=0) or 1
    width = (SLOT - 8) / len(names)
    return [
        Bar(
            series,
            index * SLOT + 4 + series * width,
            width,
            max(0.0, round(TALLEST * value / most, 1)) if isinstance(value, int | float) else 0.0,
            "" if value is None or value == 0 else shown(name, value),
        )
        for index, month in enumerate(by_month)
        for series, name in enumerate(names)
        for value in (month[name],)
    ]


def shown(name: str, value: Figure) -> str:
    """A figure as a page and the account write it."""
    return figure_words(name, value, get_locale().language)


def month_name(month: int) -> str:
    """Janvier."""
    return str(get_locale().months["stand-alone"]["wide"][month])


def day_month(at: datetime) -> str:
    """24/11, in the zone's time."""
    return f"{at.astimezone(LOCAL):%d/%m}"


def long_day(day: str) -> str:
    """24 novembre 2026, of an ISO date; a dash for none."""
    return day_words(datetime.combine(date.fromisoformat(day), time(12), LOCAL) if day else None)


def kind_words(kind: str) -> str:
    """The title of a ready-made alert, in the reader's language unless the zone wrote its own."""
    return reworded(kind) or _("autre")


def outcome_words(outcome: str) -> str:
    """The outcome of tips, in words."""
    return str(TIP_OUTCOMES[outcome][0])


_FILTERS: tuple[Callable[..., str], ...] = (shown, kind_words, outcome_words, month_name, day_month, long_day)
for _filter in _FILTERS:
    blueprint.add_app_template_filter(_filter, "figure" if _filter is shown else _filter.__name__)


def _today() -> date:
    return local_date(utc_now())


def past_years() -> list[tuple[int, int]]:
    """This year and the four before, as a list to choose from."""
    newest = _today().year
    return [(year, year) for year in range(newest, newest - 5, -1)]


def _year() -> int:
    """The year of the address: at most this one."""
    return min(max(form_fields.number("year") or _today().year, 2000), _today().year)
