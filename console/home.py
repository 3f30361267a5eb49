"""The first page: can it send, what runs, what is owed, and the ready-made alerts."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.alerts.account import card_words
from console.owed import owed
from console.roles import may_open, signed_in
from console.sims import KINDS as BUDGET_WORDS
from db.clock import utc_now
from db.glance import glance
from db.progress import broadcasts
from db.templates import templates

blueprint = Blueprint("home", __name__)

RECENT = 5


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    now = utc_now()
    cards = broadcasts(now, RECENT) if may_open("alerts.history") else []
    seen = glance(now) if may_open("alerts.history") else None
    return render_template(
        "home/home.html",
        recent=[(card, card_words(card)) for card in cards],
        glance=seen,
        days=max(0, (now - seen.last_drill_at).days) if seen and seen.last_drill_at else None,
        BUDGET_WORDS=BUDGET_WORDS,
        tiles=templates() if may_open("alerts.compose") else [],
        owed=owed(now),
    )


@blueprint.get("/status")
@signed_in
def status() -> ResponseReturnValue:
    """The live part of every page's header."""
    return render_template("status.html")
