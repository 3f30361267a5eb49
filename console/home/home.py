"""The first page: readiness, running alerts, tasks of this person, and ready-made alerts; and texts with a word of
alarm, on every page of an officer until one says « Je m'en occupe ».
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from console.admin.first_steps import where
from console.alerts.following.progress_view import counted_words
from console.hardware.sims import KINDS as BUDGET_WORDS
from console.hardware.words import proof as proof_words
from console.i18n.formats import count, moment
from console.i18n.translate import said
from console.inbox.blueprint import unread_messages
from console.web.acting import actor
from console.web.navigation import link
from console.web.page_header import page_header, with_header
from console.web.roles import can, may, may_open, signed_in
from db.alerts.drills import last_drill_at
from db.alerts.incidents.incidents import incidents_by_age
from db.alerts.planned import missed
from db.alerts.progress.history import newest
from db.alerts.templates.kept import templates
from db.bulletins.feedback import feedback_owed
from db.bulletins.groups import coordinators_of_account
from db.bulletins.relay import to_relay
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.modems.budgets.board import board
from db.modems.proof import last_proof
from db.modems.status import modem_cards, queue
from db.operations.incidents import open_incidents
from db.operations.monitoring import held, last_taken, unconfirmed
from db.people.policy import policy_request
from db.people.proposals import waiting_proposals
from plp.services.accounts.second_person import second_person_refusal
from plp.services.first_start import first_steps
from plp.services.inbox import take_ringing
from rules.sentences import coded

blueprint = Blueprint("home", __name__)

RECENT = 5
# Alerts of earlier days that nobody closed: so many fit in the strip.
OLD = 2
# More of one kind would push the tiles off the page: the list behind the link has them all.
_MOST_OF_A_KIND = 3


@blueprint.get("/")
@may("see_overview")
def home() -> ResponseReturnValue:
    now = utc_now()
    with reading():
        cards = newest(RECENT, now) if may_open("alerts.history") else []
        return render_template(
            "home/home.html",
            **_ready_facts(now),
            recent=[(card, counted_words(card)) for card in cards],
            tiles=templates() if may_open("alerts.compose") else [],
            tasks=tasks(now),
        )


@blueprint.get("/ready")
@may("see_overview")
@with_header
def ready() -> str:
    """The live part of the first page: readiness, waiting SMS, and tasks."""
    return render_template("home/ready.html", **_ready_facts(utc_now()))


@blueprint.get("/status")
@signed_in
def status() -> ResponseReturnValue:
    """The live part of every page's header."""
    return render_template("status.html")


def _ready_facts(now: datetime) -> dict[str, object]:
    last_drill = last_drill_at()
    incidents, earlier = incidents_by_age(now, OLD) if may_open("alerts.progress") else ([], [])
    # Those on the page keep their places, under somebody's pointer: what is new comes after them.
    places = {alert: place for place, alert in enumerate(request.args.getlist("shown", type=int))}
    incidents = sorted(incidents, key=lambda incident: places.get(incident.alert.id, len(places)))
    listed = {number for incident in incidents for number in (incident.alert.id, incident.last.id)}
    return {
        "overview": overview(now) if may_open("alerts.history") else None,
        "days": max(0, (now - last_drill).days) if last_drill else None,
        "BUDGET_WORDS": BUDGET_WORDS,
        "proof_words": proof_words,
        "incidents": incidents,
        "old_incidents": earlier,
        "others_running": [card for card in page_header().running if card.id not in listed],
    }


def overview(now: datetime) -> dict[str, Any]:
    """The last SMS taken, by name the modems at which many fail and the proofs of those that are ready, SMS that wait,
    and modem and budget of SIMs that are used to 80 % or more.
    """
    cards = modem_cards(now)
    taken = (last_taken(card.host, card.name) for card in cards)
    return {
        "taken_at": max((at for at in taken if at is not None), default=None),
        "proofs": [(card.name, last_proof(card)) for card in cards if card.state == "ready"],
        "refusing": [(card.name, card.outcomes.told) for card in cards if card.outcomes.is_bad],
        "waiting": queue(),
        "tight": [
            (sim.modem, meter) for sim in board(now) if sim.present for meter in sim.meters if meter.tone != "free"
        ],
    }


def tasks(now: datetime) -> list[tuple[str, str, str]]:
    """(sentence, icon, address) of tasks on pages that this person may open: incidents, held or unconfirmed messages,
    unread messages, feedback.
    """
    return [(sentence, icon, address) for sentence, icon, address in _all(now) if address is not None]


def _first_steps(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    """Missing first steps of a new box, for who may look after that; a demonstration lacks nothing."""
    page = link("first_steps.first_steps")
    if page is None or not can("keep_machine") or current_app.config["PLP_DEMO"]:
        return
    for step, is_done in first_steps(current_app.config["PLP_SETTINGS"], now, page_header().readiness).items():
        if not is_done:
            yield _("Mise en service : %(what)s.", what=said(coded(step))), "circle-check", where(step) or page


def _not_sent(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    """Dates of drills and bulletins at which nothing was sent."""
    if can("send_alerts") and (page := link("drills.planned_dates")):
        for planned in missed(now)[:_MOST_OF_A_KIND]:
            yield _("Prévu le %(when)s, non envoyé.", when=moment(planned.due_at)), "clock", page


def _all(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    if can("hear_alarms") and (wrong := len(open_incidents())):
        said = ngettext("%(num)s incident technique en cours.", "%(num)s incidents techniques en cours.", wrong)
        yield said, "alert-octagon", link("incidents.all_incidents")
    if link("alerts.release", broadcast_id=0):
        for broadcast_id, messages in held()[:_MOST_OF_A_KIND]:
            said = ngettext(
                "Envoi bloqué : %(n)s SMS, décision requise.",
                "Envoi bloqué : %(n)s SMS, décision requise.",
                messages,
                n=count(messages),
            )
            yield said, "hourglass", link("alerts.progress", broadcast_id=broadcast_id)
        for broadcast_id, messages in unconfirmed(now)[:_MOST_OF_A_KIND]:
            said = ngettext(
                "%(n)s SMS non confirmé : pas de réponse du réseau.",
                "%(n)s SMS non confirmés : pas de réponse du réseau.",
                messages,
                n=count(messages),
            )
            yield said, "help-circle", link("alerts.progress", broadcast_id=broadcast_id)
    yield from _not_sent(now)
    settings = link("settings.settings") if can("edit_settings") else None
    rules = policy_request() if settings else None
    if rules is not None and second_person_refusal(actor(), rules.asked_by, "admin", now) is None:
        yield _("Règles de la zone : validation demandée par %(who)s.", who=rules.asked_by), "settings", settings
    inbox = link("inbox.messages")
    if inbox and (waiting := unread_messages()):
        said = ngettext(
            "%(n)s message entrant à traiter.", "%(n)s messages entrants à traiter.", waiting, n=count(waiting)
        )
        yield said, "messages", inbox
    if link("bulletins.write"):
        for alert in feedback_owed(now)[:_MOST_OF_A_KIND]:
            said = _("Feedback à envoyer : alerte du %(when)s.", when=moment(alert.sent_at))
            yield said, "mail-forward", link("bulletins.write", alert=alert.broadcast_id)
    yield from _of_neighbourhoods()
    yield from _first_steps(now)


def _of_neighbourhoods() -> Iterator[tuple[str, str, str | None]]:
    """Corrections and registrations that wait for an admin, bulletins for the coordinator who is signed in."""
    page = link("corrections.listing")
    waiting, joining = waiting_proposals() if page else (0, 0)
    if page and waiting:
        said = ngettext(
            "%(num)s correction proposée par un coordinateur.",
            "%(num)s corrections proposées par des coordinateurs.",
            waiting,
        )
        yield said, "edit", page
    if page and joining:
        said = ngettext("%(num)s inscription en ligne à valider.", "%(num)s inscriptions en ligne à valider.", joining)
        yield said, "user-plus", page
    page = link("my_neighbourhood.bulletins")
    if page and (unrelayed := to_relay(coordinators_of_account(current_user.identity.id))):
        yield (
            ngettext("%(num)s bulletin à relayer.", "%(num)s bulletins à relayer.", len(unrelayed)),
            "mail-forward",
            page,
        )


@blueprint.post("/ringing/<int:inbound_id>/take")
@may("answer_members")
def take_ringing_text(inbound_id: int) -> ResponseReturnValue:
    """Take charge of a text; a second person reads that somebody did so already."""
    if take_ringing(inbound_id, actor(), utc_now()):
        flash(_("Vous traitez ce message : la sonnerie est arrêtée pour tous."))
    else:
        flash(_("Un collègue traite déjà ce message."))
    return redirect(url_for("inbox.thread", channel="sms", number=inbound_id, _anchor=f"text-{inbound_id}"), 303)
