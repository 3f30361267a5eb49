"""Look back at drills: when the last one was, and a report of each that can be printed."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from console.alerts.blueprint import found, reader
from console.alerts.following.progress_view import card_words
from db.alerts.drills import drill_group, drill_report, last_drill_at
from db.alerts.progress.history import Search, history
from db.alerts.progress.report import left_out
from db.engine.clock import utc_now

blueprint = Blueprint("drills", __name__, url_prefix="/drills")

SHOWN = 30


@blueprint.get("")
@reader
def drills() -> ResponseReturnValue:
    """The page of drills: time since the last one, and the earlier ones."""
    now, last = utc_now(), last_drill_at()
    cards = history(Search(kind="drill"), now, per_page=SHOWN).rows
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
    """The report of a drill: first SMS, last SMS, delivery reports, and who did not get it."""
    shown = found(broadcast_id)
    told = drill_report(broadcast_id) or abort(404)
    return render_template("drills/report.html", progress=shown, report=told, left_out=left_out(broadcast_id))
