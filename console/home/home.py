"""The first page: readiness, open alerts and their map, tasks, ready-made alerts; the wall; and texts that ring."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from operator import attrgetter
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from console.admin.upkeep import where
from console.alerts.following.following import incident_title
from console.hardware.blueprint import proof_words
from console.hardware.sims import KINDS as BUDGET_WORDS
from console.home.open_alerts import SHOWN, open_alerts, who_has_it
from console.i18n.labels import count, mobile, moment
from console.i18n.translate import said
from console.inbox.blueprint import unread_messages
from console.partnership.papers import due_words
from console.web.acting import actor
from console.web.page_header import link, page_header
from console.web.pages import Pages, Served
from console.web.roles import SIGNED_IN, can, may_open
from db.alerts.incidents.incidents import Incident, incidents_by_age
from db.alerts.orders.shared import waiting_texts
from db.alerts.planned import last_drill_at, missed
from db.alerts.templates import templates
from db.bulletins.drafts import feedback_owed
from db.bulletins.groups import coordinators_of_account
from db.bulletins.relay import to_relay
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.inbound.replies.judging import untold_numbers
from db.inbound.tips import late_tips
from db.modems.budgets import board
from db.modems.proof import last_proof
from db.modems.status import modem_cards, queue
from db.operations.incidents import open_incidents
from db.operations.monitoring import held, last_taken, unconfirmed
from db.partnership.papers import papers_due
from db.people.accounts.accounts import unconfirmed_accounts
from db.people.proposals import waiting_proposals
from db.people.zone import policy_request
from plp.services.accounts.rights import confirmation_refusal
from plp.services.accounts.second_person import second_person_refusal
from plp.services.inbox import take_ringing
from plp.services.machine import first_steps
from rules.orders.warning import TemplateCard
from rules.sentences import coded

blueprint = Pages("home")

# Tiles stand in rows of four, two on a phone; beyond these the rest is one press away.
A_ROW, MOST_TILES = 4, 12
# More of one kind would push the tiles off the page: the list behind the link has them all.
_MOST_OF_A_KIND = 3


@blueprint.get("/", may="see_overview")
def home() -> Served:
    now = utc_now()
    first, others = _rows(templates() if may_open("alerts.compose") else [])
    with reading():
        recent, earlier = _incidents(now, _MOST_OF_A_KIND)
        return render_template(
            "home/home.html", **_live_facts(now, recent), tiles=first, other_tiles=others, tasks=tasks(now, earlier)
        )


def _rows(tiles: Sequence[TemplateCard]) -> tuple[list[TemplateCard], list[TemplateCard]]:
    """The tiles of the page, which with the one for a free text fill whole rows, and the rest, one press away."""
    alerts, drills = ([tile for tile in tiles if (tile.kind == "drill") is drill] for drill in (False, True))
    together = len(alerts) + len(drills) + 1
    if together <= A_ROW:
        return [*alerts, *drills], []
    kept = max(A_ROW, min(together, MOST_TILES) // A_ROW * A_ROW) - len(drills) - 1
    return [*alerts[:kept], *drills], alerts[kept:]


@blueprint.get("/ready", may="see_overview", live=True)
def ready() -> Served:
    """The live part of the first page: readiness, waiting SMS, open alerts and their map."""
    with reading():
        now = utc_now()
        return render_template("home/ready.html", **_live_facts(now, _incidents(now)[0]), beside=True)


@blueprint.get("/wall", may="see_wall")
def wall() -> Served:
    """Open alerts for a screen on the wall, the newest first, which nobody scrolls: without a name or a number."""
    now = utc_now()
    with reading():
        part = "wall_live" if "HX-Request" in request.headers else "wall"
        facts = _open_facts(now, _incidents(now)[0], newest_first=True)
        return render_template(f"home/{part}.html", **facts, now=now)


@blueprint.get("/status", may=SIGNED_IN)
def status() -> Served:
    """The live part of every page's header."""
    return render_template("status.html")


def _incidents(now: datetime, older: int = 0) -> tuple[list[Incident], list[Incident]]:
    return incidents_by_age(now, older) if may_open("alerts.progress") else ([], [])


def _live_facts(now: datetime, incidents: list[Incident]) -> dict[str, object]:
    last_drill = last_drill_at()
    return {
        "overview": overview(now) if may_open("alerts.history") else None,
        "days": max(0, (now - last_drill).days) if last_drill else None,
        "BUDGET_WORDS": BUDGET_WORDS,
        "proof_words": proof_words,
        **_open_facts(now, incidents),
    }


def _open_facts(now: datetime, incidents: list[Incident], newest_first: bool = False) -> dict[str, object]:
    if not may_open("alerts.progress"):
        return {"alerts": [], "arrived": None, "most": SHOWN, "room": 0}
    alerts = open_alerts(incidents, page_header(), now, request.args.getlist("shown", type=int))
    if newest_first:
        alerts.sort(key=attrgetter("key"), reverse=True)
    room = request.args.get("room", len(alerts), type=int)
    arrived = who_has_it(alerts, now, linked=not newest_first)
    return {"alerts": alerts, "arrived": arrived, "most": SHOWN, "room": max(0, min(room, SHOWN))}


def overview(now: datetime) -> dict[str, Any]:
    """The last SMS taken, modems at which many fail, each with its proof if ready, SMS that wait, and tight budgets."""
    cards = modem_cards(now)
    taken = (last_taken(card.host, card.name) for card in cards)
    return {
        "taken_at": max((at for at in taken if at is not None), default=None),
        "modems": [(card, last_proof(card) if card.state == "ready" else None) for card in cards if card.is_modem],
        "refusing": [(card.name, card.outcomes.told) for card in cards if card.outcomes.is_bad],
        "waiting": queue(),
        "tight": [
            (sim.modem, meter) for sim in board(now) if sim.present for meter in sim.meters if meter.tone != "free"
        ],
    }


def tasks(now: datetime, earlier: list[Incident]) -> list[tuple[str, str, str]]:
    """(sentence, icon, address) of the tasks on pages that this person may open; `earlier` alerts are still open."""
    return [(sentence, icon, address) for sentence, icon, address in _all(now, earlier) if address is not None]


def _first_steps(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    """Missing first steps of a new box, for people who may do them; a demonstration lacks nothing."""
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


def _unknown_numbers() -> Iterator[tuple[str, str, str | None]]:
    """Numbers of ours that members do not know."""
    if unknown := untold_numbers():
        numbers = ", ".join(map(mobile, unknown))
        said = _("Nouveau numéro d'alerte, inconnu des membres : %(numbers)s", numbers=numbers)
        yield said, "device-sim", link("known_number.numbers")


def _left_open(earlier: list[Incident]) -> Iterator[tuple[str, str, str | None]]:
    for incident in earlier:
        said = _("Alerte d'un jour précédent, non clôturée : %(title)s", title=incident_title(incident))
        yield said, "speakerphone", link("alerts.progress", broadcast_id=incident.alert.id)


def _to_approve() -> Iterator[tuple[str, str, str | None]]:
    """Requests that this person may decide; each has its own line, however much else there is to do."""
    for card in page_header().approvals:
        if not card.is_done_by(current_user.name):
            said = ngettext(
                "Validation demandée par %(who)s : SMS à %(n)s personne.",
                "Validation demandée par %(who)s : SMS à %(n)s personnes.",
                card.recipients,
                who=card.ordered_by,
                n=count(card.recipients),
            )
            yield said, "users", link("alerts.approve", broadcast_id=card.broadcast_id)


def _all(now: datetime, earlier: list[Incident]) -> Iterator[tuple[str, str, str | None]]:
    yield from _to_approve()
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
        yield from _left_open(earlier)
    yield from _not_sent(now)
    settings = link("settings.settings") if can("edit_settings") else None
    rules = policy_request() if settings else None
    if rules is not None and second_person_refusal(actor(), rules.asked_by, "admin", now) is None:
        yield _("Règles de la zone : validation demandée par %(who)s.", who=rules.asked_by), "settings", settings
    yield from chain(_accounts_to_confirm(now), _shared_texts())
    if (inbox := link("inbox.messages")) and (waiting := unread_messages()):
        said = ngettext(
            "%(n)s message entrant à traiter.", "%(n)s messages entrants à traiter.", waiting, n=count(waiting)
        )
        yield said, "messages", inbox
    if link("bulletins.write"):
        for alert in feedback_owed(now)[:_MOST_OF_A_KIND]:
            said = _("Feedback à envoyer : alerte du %(when)s.", when=moment(alert.sent_at))
            yield said, "mail-forward", link("bulletins.write", alert=alert.broadcast_id)
    yield from chain(_late_tips(now), _unknown_numbers(), _of_neighbourhoods(now), _first_steps(now))


def _shared_texts() -> Iterator[tuple[str, str, str | None]]:
    """Welcomes and yearly questions to many, which wait until an officer agrees to their text."""
    for card in waiting_texts()[:_MOST_OF_A_KIND]:
        words = (
            _("Question annuelle à %(n)s personnes : un policier doit accepter le texte.", n=count(card.people))
            if card.kind == "renewal"
            else _("Bienvenue à %(n)s personnes : un policier doit accepter le texte.", n=count(card.people))
        )
        yield words, "messages", link("shared_texts.text", text_id=card.id)


def _accounts_to_confirm(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    """Every admin reads whose role of officer waits, and those who can confirm it which other accounts do."""
    for card in unconfirmed_accounts(now) if can("edit_accounts") else ():
        page = link("accounts.edit", account_id=card.id)
        if card.officer_from_at:
            said = _("Rôle de policier à confirmer : %(name)s, donné par %(who)s.", name=card.name, who=card.officer_by)
            yield said, "users", page
        elif confirmation_refusal(card, actor(), now) is None:
            yield _("Compte à confirmer : %(name)s, ouvert par %(who)s.", name=card.name, who=card.maker), "users", page


def _late_tips(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    if (page := link("tips.listing", standing="late")) and (late := late_tips(now)):
        said = ngettext(
            "%(num)s signalement en attente d'une suite depuis 14 jours.",
            "%(num)s signalements en attente d'une suite depuis 14 jours.",
            late,
        )
        yield said, "eye", page


def _of_neighbourhoods(now: datetime) -> Iterator[tuple[str, str, str | None]]:
    """Corrections and registrations for an admin, days of papers that are near, bulletins for a coordinator."""
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
    if page := link("partnership.papers"):
        for one in papers_due(now)[:_MOST_OF_A_KIND]:
            yield due_words(one.what, one.place, one.day), "file-text", page
    page = link("my_neighbourhood.bulletins")
    if page and (unrelayed := to_relay(coordinators_of_account(current_user.identity.id))):
        said = ngettext("%(num)s bulletin à relayer.", "%(num)s bulletins à relayer.", len(unrelayed))
        yield said, "mail-forward", page


@blueprint.post("/ringing/<int:inbound_id>/take", may="answer_members")
def take_ringing_text(inbound_id: int) -> Served:
    """Take charge of a text; a second person reads that somebody did so already."""
    if take_ringing(inbound_id, actor(), utc_now()):
        flash(_("Vous traitez ce message : la sonnerie est arrêtée pour tous."))
    else:
        flash(_("Un collègue traite déjà ce message."))
    return redirect(url_for("inbox.thread", channel="sms", number=inbound_id, _anchor=f"text-{inbound_id}"), 303)
