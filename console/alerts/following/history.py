"""The history: broadcasts with time, sender, neighbourhoods, and the number of people reached."""

from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from console.alerts.blueprint import blueprint, reader
from console.alerts.following.progress_view import card_words
from console.i18n.labels import labels
from console.web import form_fields
from db.alerts.progress.history import Outcome, Search, authors
from db.alerts.progress.history import history as found_in_history
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods

PER_PAGE = 25
KINDS_SOUGHT = ("alert", "correction", "corrected", "end", "drill")
OUTCOMES: tuple[Outcome, ...] = ("open", "finished", "cancelled")


@dataclass(frozen=True, slots=True)
class Sought:
    """The filters as they were typed, for the form and for the addresses of the other pages."""

    words: str
    kind: str
    outcome: Outcome
    by: str
    neighbourhood: int | None
    since: str
    until: str

    def __bool__(self) -> bool:
        return any((self.words, self.kind, self.outcome, self.by, self.neighbourhood, self.since, self.until))

    def address(self) -> dict[str, object]:
        """The filters as values of a URL; None for those not set."""
        return {name: getattr(self, name) or None for name in self.__slots__}


@blueprint.get("/")
@reader
def history() -> ResponseReturnValue:
    sought = _sought()
    page = found_in_history(_search(sought), utc_now(), form_fields.number("page", 1) or 1, PER_PAGE)
    return render_template(
        "alerts/history.html",
        accounts=[(card, card_words(card)) for card in page.rows],
        found=page,
        sought=sought,
        authors=authors(),
        places=neighbourhoods(),
        kinds=KINDS_SOUGHT,
        outcomes=labels("outcomes"),
    )


def _sought() -> Sought:
    kind, outcome = request.args.get("kind", ""), request.args.get("outcome", "")
    return Sought(
        words=form_fields.line("words", 100),
        kind=kind if kind in KINDS_SOUGHT else "",
        outcome=next((known for known in OUTCOMES if known == outcome), ""),
        by=form_fields.line("by", 100),
        neighbourhood=form_fields.number("neighbourhood"),
        since=form_fields.line("since", 10),
        until=form_fields.line("until", 10),
    )


def _search(sought: Sought) -> Search:
    until = form_fields.midnight(sought.until)
    return Search(
        words=sought.words,
        kind=sought.kind,
        outcome=sought.outcome,
        by=sought.by,
        neighbourhood_id=sought.neighbourhood,
        since_at=form_fields.midnight(sought.since),
        until_at=until + timedelta(days=1) if until else None,
    )
