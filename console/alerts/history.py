"""Look back: what was sent, when, by whom, and how many it reached."""

from flask import render_template
from flask.typing import ResponseReturnValue

from console.alerts.account import card_words
from console.alerts.space import blueprint, reader
from db.clock import utc_now
from db.progress import broadcasts

SHOWN = 100


@blueprint.get("/")
@reader
def history() -> ResponseReturnValue:
    accounts = [(card, card_words(card)) for card in broadcasts(utc_now(), SHOWN)]
    return render_template("alerts/history.html", accounts=accounts)
