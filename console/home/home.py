"""The first page: readiness, running alerts, tasks of this person, and ready-made alerts."""

from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.alerts.following.progress_view import card_words
from console.hardware.sims import KINDS as BUDGET_WORDS
from console.hardware.words import proof as proof_words
from console.home.todo import tasks
from console.web.page_header import page_header
from console.web.roles import may_open, roles, signed_in
from db.alerts.incidents.incidents import incidents_by_age
from db.alerts.progress.progress import broadcasts
from db.alerts.templates.kept import templates
from db.engine.clock import utc_now
from db.operations.overview import overview
from plp.rules.people import ROLES

blueprint = Blueprint("home", __name__)

RECENT = 5
# Alerts of earlier days that nobody closed: so many fit in the strip.
OLD = 2


@blueprint.get("/")
@roles(*ROLES)
def home() -> ResponseReturnValue:
    now = utc_now()
    cards = broadcasts(now, RECENT) if may_open("alerts.history") else []
    return render_template(
        "home/home.html",
        **_ready_facts(now),
        recent=[(card, card_words(card)) for card in cards],
        tiles=templates() if may_open("alerts.compose") else [],
        tasks=tasks(now),
    )


@blueprint.get("/ready")
@roles(*ROLES)
def ready() -> ResponseReturnValue:
    """The live part of the first page: readiness, waiting SMS, and tasks."""
    return render_template("home/ready.html", **_ready_facts(utc_now()))


@blueprint.get("/status")
@signed_in
def status() -> ResponseReturnValue:
    """The live part of every page's header."""
    return render_template("status.html")


def _ready_facts(now: datetime) -> dict[str, object]:
    seen = overview(now) if may_open("alerts.history") else None
    days = max(0, (now - seen.last_drill_at).days) if seen and seen.last_drill_at else None
    incidents, earlier = incidents_by_age(now, OLD) if may_open("alerts.progress") else ([], [])
    # Those on the page keep their places, under somebody's pointer: what is new comes after them.
    places = {alert: place for place, alert in enumerate(request.args.getlist("shown", type=int))}
    incidents = sorted(incidents, key=lambda each: places.get(each.alert.id, len(places)))
    told = {number for each in incidents for number in (each.alert.id, each.last.id)}
    return {
        "overview": seen,
        "days": days,
        "BUDGET_WORDS": BUDGET_WORDS,
        "proof_words": proof_words,
        "incidents": incidents,
        "old_incidents": earlier,
        "others_running": [each for each in page_header().running if each.id not in told],
    }
