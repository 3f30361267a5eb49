"""The history: alerts and drills with time and sender, whom they reached, and what followed each."""

from flask import render_template

from console.alerts.blueprint import blueprint
from console.i18n.labels import KINDS
from console.web import form_fields
from console.web.pages import Served
from db.alerts.incidents.thread_cards import thread_cards
from db.alerts.progress.history import Outcome, Search, authors
from db.alerts.progress.history import history as found_in_history
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.people.members.listing import neighbourhoods

PER_PAGE = 25
KINDS_SOUGHT = ("alert", "correction", "corrected", "end", "drill")
OUTCOMES: tuple[Outcome, ...] = ("open", "finished", "cancelled")
# As they are called in the address.
FILTERS = ("words", "kind", "outcome", "by", "neighbourhood", "since", "until")


@blueprint.get("/", may="see_alerts")
def history() -> Served:
    sought = _sought()
    with reading():  # one page never shows two counts
        now = utc_now()
        page = found_in_history(_search(sought), now, form_fields.number("page", 1) or 1, PER_PAGE)
        threads = thread_cards(page.rows, now)
    return render_template(
        "alerts/history.html",
        threads=[threads[card.id] for card in page.rows],
        shown=page,
        sought=sought,
        authors=[(name, name) for name in authors()],
        places=neighbourhoods(),
        kinds=[(kind, KINDS[kind][0]) for kind in KINDS_SOUGHT],
    )


def _sought() -> dict[str, str]:
    place = (str(form_fields.number("neighbourhood")),)
    known: dict[str, tuple[str, ...]] = {"kind": KINDS_SOUGHT, "outcome": OUTCOMES, "neighbourhood": place}
    return {name: value for name, value in form_fields.sought(FILTERS).items() if value in known.get(name, (value,))}


def _search(sought: dict[str, str]) -> Search:
    return Search(
        words=sought.get("words", ""),
        kind=sought.get("kind", ""),
        outcome=next((known for known in OUTCOMES if known == sought.get("outcome")), ""),
        by=sought.get("by", ""),
        neighbourhood_id=form_fields.number("neighbourhood"),
        since_at=form_fields.midnight(sought.get("since", "")),
        until_at=form_fields.next_midnight(sought.get("until", "")),
    )
