"""The account of a year as a PDF, for chief, mayor and ministry: counts, dates, papers; no member's name."""

from collections import Counter
from datetime import datetime

from flask import render_template
from flask_babel import get_locale
from flask_babel import gettext as _

from console.i18n.labels import KINDS, labels
from console.i18n.translate import reworded
from console.people.reached import all_roads
from db.alerts.incidents.incidents import incident_of
from db.engine.base import grouped
from db.inbound.replies.thread import replies
from db.operations.incidents import incidents_between
from db.partnership.figures import Sent, bounds, bulletins_between, members_by_place, sent_between, year_of
from db.partnership.papers import newest_papers, papers, plan_after, terms
from db.people.members.dead_numbers import dead_numbers
from db.people.zone import zone
from rules.partnership import FEW, LASTING, is_few


def account_pdf(year: int, now: datetime) -> bytes:
    """The account, in the language of the page."""
    # Read for this one page: it takes a third of a second, which every start of the console would pay.
    from plp.letters.sheets import Sheets

    own = zone()
    sheets = Sheets(f"{own.name} · PLP · {year}")
    sheets.set_title(_("Rapport annuel du PLP %(year)s", year=year))
    sheets.set_creation_date(now)
    sheets.set_lang(get_locale().language)
    return sheets.pdf_of(render_template("partnership/account.html", zone=own, year=year, now=now, **_facts(year, now)))


def _facts(year: int, now: datetime) -> dict[str, object]:
    since, until = bounds(year)
    counted, stored = year_of(year, now), papers()
    newest = newest_papers(card for card in stored if card.day[:4] <= str(year))
    members, dead = members_by_place(), Counter(row.member.neighbourhood_id for row in dead_numbers())
    alerts, drills = counted.alerts, sent_between(since, until, "drill", now)
    titles = labels("incidents")
    return {
        "counted": counted,
        "papers": [card for card in newest if card.kind in LASTING],
        "meetings": [card for card in stored if card.kind == "minutes" and card.day.startswith(str(year))],
        "terms": grouped(
            (term.neighbourhood_id, term) for term in terms() if in_year(term.appointed_on, term.ended_on, year)
        ),
        "places": [
            (number, name, people(members.get(number, 0)), people(dead[number]))
            for number, name in counted.places.items()
        ],
        "members": sum(members.values()),
        "dead": dead.total(),
        "alerts": [(sent, _what_and_where(sent, now)) for sent in alerts],
        "all_roads": all_roads,
        "drills": drills,
        "people": people,
        "bulletins": grouped((card.category, card.sent_at) for card in bulletins_between(since, until)),
        "questions": [
            (sent, poll.choices, sum(choice.total for choice in poll.choices))
            for sent in drills  # what an alert asked is part of it, and no survey
            if (poll := replies(sent.row.id, limit=1)).choices
        ],
        "incidents": Counter(
            str(titles.get(card.kind, card.kind)) for card in incidents_between(since, until)
        ).most_common(),
        "plan": plan_after(year),
    }


def _what_and_where(sent: Sent, now: datetime) -> str:
    """« Cambriolage en cours · rue Haute »; of a text by hand, which may name somebody, the neighbourhood alone."""
    incident = incident_of(sent.row.id, now)
    kind = reworded(incident.kind) if incident.kind else str(KINDS["alert"][0])
    return " · ".join(filter(None, (kind, incident.place)))


def people(number: int) -> int | str:
    """A count of a neighbourhood's people, unless they are few."""
    return FEW if is_few(number) else number


def in_year(first: str, last: str, year: int) -> bool:
    """True where a term, of which the last day may be open, lay in this year; also one without dates."""
    return first[:4] <= str(year) and (not last or last[:4] >= str(year))
