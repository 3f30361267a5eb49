"""Look back at drills: when the last one was, and a report of each that can be printed."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from console.alerts.account import card_words
from console.alerts.space import found, reader
from console.drills.space import blueprint
from db.clock import utc_now
from db.dossier import left_out
from db.drills import drill_group, drill_report, last_drill_at
from db.history import Search, history

SHOWN = 30


@blueprint.get("")
@reader
def drills() -> ResponseReturnValue:
    """The space of drills: how long ago the last one was, and the earlier ones."""
    now, last = utc_now(), last_drill_at()
    cards = history(Search(kind="drill"), now, per_page=SHOWN).cards
    return render_template(
        "drills/drills.html",
        last=last,
        days=max(0, (now - last).days) if last else None,
        accounts=[(card, card_words(card)) for card in cards],
        group=[card for card in drill_group() if card.mobile],
    )


@blueprint.get("/<int:broadcast_id>/report")
@reader
def report(broadcast_id: int) -> ResponseReturnValue:
    """How it went: first SMS, last SMS, reports, and who did not get it."""
    shown = found(broadcast_id)
    told = drill_report(broadcast_id)
    if told is None:
        abort(404)
    return render_template("drills/report.html", progress=shown, report=told, left_out=left_out(broadcast_id))
