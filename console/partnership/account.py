"""The account of a year as a PDF of a few pages, for chief, mayor and ministry: counts, dates and papers, with the
source of each; no member's name.
"""

from collections import Counter
from datetime import datetime
from importlib.resources import as_file, files
from io import BytesIO

from flask import render_template
from flask_babel import get_locale
from flask_babel import gettext as _
from fpdf import FPDF, FontFace, TextStyle
from fpdf.html import HTML2FPDF

from console.i18n.labels import BULLETIN_CATEGORIES, labels
from db.alerts.progress.report import times
from db.bulletins.drafts import feedback_given
from db.engine.base import grouped
from db.inbound.replies.thread import replies
from db.operations.incidents import incidents_between
from db.partnership.figures import alerts_between, bounds, bulletins_between, members_by_place, year_of
from db.partnership.papers import PaperCard, papers, plan_after, terms
from db.people.members.dead_numbers import dead_numbers
from db.people.zone import zone
from rules.partnership import FEW, LASTING, is_few

_FONTS = files("plp.letters.fonts")
_STYLES = {
    "h1": TextStyle(font_style="B", font_size_pt=17, color="#000000", t_margin=0, b_margin=1),
    "h2": TextStyle(font_style="B", font_size_pt=12, color="#163e73", t_margin=4, b_margin=1),
    "p": TextStyle(t_margin=0, b_margin=1.5),
    "li": TextStyle(l_margin=4, t_margin=0),
    "em": FontFace(size_pt=8, color="#555555"),
    "b": FontFace(emphasis="BOLD"),
}
# Millimetres: a heading stands with the first lines below it.
_BELOW_HEADING = 35


class _Html(HTML2FPDF):
    """A heading begins a page rather than end one."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by fpdf2 for each tag."""
        if tag == "h2":
            self._end_paragraph()
            if self.pdf.will_page_break(_BELOW_HEADING):
                self.pdf.add_page()
        super().handle_starttag(tag, attrs)


class _Paper(FPDF):
    """A4 with the zone's name and the page's number at the foot."""

    HTML2FPDF_CLASS = _Html

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(17, 15)
        self.set_auto_page_break(True, 17)
        for style, name in (("", "regular"), ("B", "bold"), ("I", "regular"), ("BI", "bold")):
            with as_file(_FONTS / f"inter-{name}.ttf") as path:
                self.add_font("inter", style, path)
        self.set_font("inter", size=9.5)

    def footer(self) -> None:
        """Written by fpdf2 at the end of each page."""
        self.set_y(-12)
        self.set_font("inter", size=8)
        self.cell(0, 5, f"{self.foot} · {self.page_no()} / {{nb}}", align="R")


def account_pdf(year: int, now: datetime) -> bytes:
    """The account, in the language of the page."""
    own = zone()
    paper = _Paper(f"{own.name} · PLP · {year}")
    paper.set_title(_("Rapport annuel du PLP %(year)s", year=year))
    paper.set_creation_date(now)
    paper.set_lang(get_locale().language)
    paper.add_page()
    # The font has no narrow one.
    html = render_template("partnership/account.html", zone=own, year=year, now=now, **_facts(year)).replace(
        "\u202f", "\xa0"
    )
    paper.write_html(html, tag_styles=_STYLES, table_line_separators=True, li_prefix_color="#163e73")
    written = BytesIO()
    paper.output(written)
    return written.getvalue()


def _facts(year: int) -> dict[str, object]:
    since, until = bounds(year)
    counted = year_of(year)
    members, dead = members_by_place(), Counter(card.neighbourhood_id for card in dead_numbers())
    alerts, drills = (alerts_between(since, until, kind) for kind in ("alert", "drill"))
    titles = labels("incidents")
    return {
        "counted": counted,
        "papers": _in_force(str(year)),
        "meetings": [card for card in papers() if card.kind == "minutes" and card.day.startswith(str(year))],
        "terms": grouped(
            (term.neighbourhood_id, term) for term in terms() if in_year(term.appointed_on, term.ended_on, year)
        ),
        "places": [
            (number, name, people(members.get(number, 0)), people(dead[number]))
            for number, name in counted.places.items()
        ],
        "members": sum(members.values()),
        "dead": dead.total(),
        "alerts": [(sent, times(sent.row.id).last_sent_at, feedback_given(sent.row.id)) for sent in alerts],
        "drills": drills,
        "people": people,
        "bulletins": grouped((card.category, card.sent_at) for card in bulletins_between(since, until)),
        "questions": [
            (sent, asked.choices, sum(choice.total for choice in asked.choices))
            for sent in sorted([*alerts, *drills], key=lambda sent: sent.row.id)
            if (asked := replies(sent.row.id, limit=1)).choices
        ],
        "incidents": Counter(
            str(titles.get(card.kind, card.kind)) for card in incidents_between(since, until)
        ).most_common(),
        "plan": plan_after(year),
        "PAPER_WORDS": labels("papers"),
        "FIGURE_WORDS": labels("figures"),
        "BULLETIN_CATEGORIES": BULLETIN_CATEGORIES,
    }


def _in_force(year: str) -> list[PaperCard]:
    """The newest charter and rules of each neighbourhood, and of the zone, until the end of this year."""
    newest: dict[tuple[str, str], PaperCard] = {}
    for card in papers():
        if card.kind in LASTING and card.day[:4] <= year:
            newest.setdefault((card.kind, card.place), card)
    return list(newest.values())


def people(number: int) -> int | str:
    """A count of a neighbourhood's people, unless they are few."""
    return FEW if is_few(number) else number


def in_year(first: str, last: str, year: int) -> bool:
    """True where a term, of which the last day may be open, lay in this year; also one without dates."""
    return first[:4] <= str(year) and (not last or last[:4] >= str(year))
