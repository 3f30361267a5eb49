"""Answers to an alert: who said OK, how many, and what else people wrote."""

from dataclasses import replace
from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, found, reader
from console.i18n.formats import count
from console.web.roles import may_open
from db.alerts.progress.progress import Progress
from db.engine.clock import utc_now
from db.inbound.replies.thread import Replies, Tally, replies
from plp.rules.replies.poll import offered

# So long after the last SMS an answer still counts for this alert (db.inbound.replies.thread).
ANSWERED_WITHIN = timedelta(hours=24)
EVERYBODY = 100_000


@blueprint.get("/<int:broadcast_id>/answers")
@reader
def answers(broadcast_id: int) -> ResponseReturnValue:
    """The page of all answers; for the alert's page only the live part, which renews itself long after the last SMS."""
    alert = found(broadcast_id)
    if "HX-Request" in request.headers:
        return render_template("alerts/answers.html", p=alert)
    return render_template("alerts/answered.html", p=alert, came=replies_to(alert, limit=EVERYBODY))


@blueprint.app_template_global()
def replies_to(progress: Progress, limit: int = 10) -> Replies:
    """The answers to a broadcast. The texts are for officers alone, as in the inbox."""
    came = replies(progress.id, limit)
    return came if may_open("inbox.messages") else replace(came, others_total=0, others=())


@blueprint.app_template_global()
def tally_words(tally: Tally) -> str:
    """« 1 (oui) : 12 »: a numbered answer in the words of the alert, and how many gave it."""
    answer = f"{tally.number} ({tally.words})" if tally.words else str(tally.number)
    return str(_("%(answer)s : %(total)s", answer=answer, total=count(tally.total)))


@blueprint.app_template_global()
def numbered_answers(text: str) -> dict[int, str]:
    """Number → words of the answers that a text asks for and that will be counted."""
    return offered(text)


@blueprint.app_template_global()
def awaits_replies(progress: Progress) -> bool:
    """True while an answer that comes now would be counted for this broadcast."""
    return utc_now() - (progress.last_sent_at or progress.created_at) < ANSWERED_WITHIN
