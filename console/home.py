"""The first page: can it send, what runs, what was sent."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from console.alerts.account import card_words
from console.roles import may_open, signed_in
from db.clock import utc_now
from db.progress import broadcasts

blueprint = Blueprint("home", __name__)

RECENT = 5


@blueprint.get("/")
@signed_in
def home() -> ResponseReturnValue:
    cards = broadcasts(utc_now(), RECENT) if may_open("alerts.history") else []
    recent = [(card, card_words(card)) for card in cards]
    return render_template("home/home.html", recent=recent)


@blueprint.get("/status")
@signed_in
def status() -> ResponseReturnValue:
    """The live part of every page's header."""
    return render_template("status.html")
