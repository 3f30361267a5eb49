"""Follow an alert: its progress, its people, to stop, pause, resume and close it; and to send it again."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, get_args

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup

from console.alerts.blueprint import blueprint, broadcast_at, to_progress
from console.alerts.following.dossier import timeline
from console.alerts.following.following_up import can_follow
from console.alerts.following.progress_view import loaded_at, next_step, progress_view
from console.i18n.labels import KINDS, actor_words, clock, first_sentence
from console.i18n.translate import reworded, said
from console.people.arrival import arrival
from console.people.reached import State, reach_figures, reach_heads, reach_in_short, reach_segments, reach_words
from console.second_factor import proof
from console.web import form_fields
from console.web.acting import FORM, attempt, request_now
from console.web.page_header import shown_state
from console.web.pages import Served
from db.alerts.incidents.incidents import Incident, closed_at, incident_of, moved_to
from db.alerts.incidents.left_out import skippable
from db.alerts.incidents.reach import PlaceReach, Reach, Standing, reach_by_place, standing_of
from db.alerts.incidents.roads import Reached, people_by_road
from db.alerts.orders.approval import approval_of
from db.alerts.orders.control import Only
from db.alerts.orders.holding import doubtful_messages, hold_of
from db.alerts.progress.counts import called_off_messages, incomplete_messages
from db.alerts.progress.progress import Progress, RecipientPage, RecipientRow, first_people, recipients
from db.alerts.progress.report import deeds_about, family
from db.alerts.templates import wordings
from db.engine.base import Page, page_of
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.modems.forecast import forecast
from db.modems.readiness import silences_of
from plp.services import broadcasts
from plp.services.orders import going_on
from rules.orders.agreement import Hand, ProofWanted, WrongCount
from rules.orders.texts import MAIN_LANGUAGE, corrected_text
from rules.states import PartState

for _global in (silences_of, reach_figures, reach_heads, reach_in_short, reach_segments, reach_words):
    blueprint.add_app_template_global(_global)

NAMED, NAMED_AGAIN = 12, 200
PER_PAGE = 15
# The state of people, by what is known of them.
_STATES: dict[Standing, State] = {
    **dict.fromkeys(("sms", "mail", "called"), "received"),
    "sent": "sent",
    "waiting": "waiting",
    "unconfirmed": "otherwise",
    "missing": "otherwise",
}
CALLS_PER_PAGE = 50
_LONGEST_TITLE = 70
# Refusals that ask for a hand: the number of people, and the code.
_ASKED = (WrongCount, ProofWanted)


@blueprint.get("/<int:broadcast_id>", may="see_alerts")
def progress(broadcast_id: int) -> Served:
    with reading():
        now = utc_now()
        values = _shown(progress_view(broadcast_at(broadcast_id), now))
        whole = _whole(broadcast_id)
        incident = whole["incident"]
        led = shown_state(values["account"]["progress"]) == "standing"
        return render_template(
            "alerts/progress.html",
            **values,
            **whole,
            moved_to=moved_to(incident, now) if incident else (),
            led=led,
            arrived=_arrival(broadcast_id, now),
            events=timeline(broadcast_id),
        )


@blueprint.get("/<int:broadcast_id>/live", may="see_alerts", live=True)
def live(broadcast_id: int) -> Served:
    """The live part of the page; it stops asking once nothing can change any more. The map and the people without an
    SMS are included when the counts differ from those that the page shows (`?seen=`): one page never shows two counts.
    `?led=`: the page begins with what can be done without a modem.
    """
    led = form_fields.line("led", 3) == "yes"
    with reading():
        now = utc_now()
        values = _shown(progress_view(broadcast_at(broadcast_id), now, loaded_at()))
        page = render_template("alerts/live.html", **values, led=led)
        if led and shown_state(values["account"]["progress"]) == "standing":
            page += render_template("alerts/led.html", p=values["account"]["progress"], beside=True)
        if request.args.get("seen") != values["account"]["mark"]:
            arrived = _arrival(broadcast_id, now)
            page += render_template("alerts/arrived.html", **values, arrived=arrived, beside=True)
            page += render_template("alerts/told.html", **values, beside=True)
            page += render_template("alerts/further.html", **values, **_whole(broadcast_id), beside=True)
    return page


def _arrival(broadcast_id: int, now: datetime) -> Markup:
    return arrival(broadcast_id, now, address=url_for("alerts.people", broadcast_id=broadcast_id))


@blueprint.get("/<int:broadcast_id>/people", may="see_alerts")
def people(broadcast_id: int) -> Served:
    """The people of an alert: all, or those in one of the four states, or (`?state=`) whose SMS is in that state."""
    state, place_id = request.args.get("state", ""), form_fields.number("place")
    state = state if state in set(PartState) else ""
    page = form_fields.number("page", 1) or 1
    told = next((name for name in get_args(State) if name == request.args.get("told")), "")
    with reading():
        now = utc_now()
        account = progress_view(broadcast_at(broadcast_id), now)
        shown, held = account["progress"], account["progress"].state == "held"
        place = next((one for one in reach_by_place(shown.id, now) if one.id == place_id), None) if place_id else None
        return render_template(
            "alerts/people.html",
            account=account,
            state=state,
            told=told,
            place=place,
            people=_people(account, state, told, place, page, now),
            hold=hold_of(broadcast_id) if held else None,
        )


def _by_sms(row: RecipientRow) -> Reached:
    standing = standing_of(PartState(row.state))
    return Reached(row.name, row.msisdn, row.neighbourhood, "", standing, row.state, row.changed_at, message=row)


def _people(
    account: dict[str, Any], state: str, told: str, place: PlaceReach | None, page: int, now: datetime
) -> Page[Reached]:
    """One page of an alert's people: read as a whole where something else than an SMS reaches some of them."""
    shown: Progress = account["progress"]
    reach: Reach = account["reach"]
    if not told and reach.people == shown.recipients and not (reach.mail or reach.called):
        rows = recipients(shown.id, state or None, page, PER_PAGE, steady=True, place_id=place.id if place else None)
        some = [_by_sms(row) for row in rows.rows]
        return Page(some, rows.total, rows.page, rows.pages)
    everybody = [
        one
        for one in people_by_road(shown, now)
        if (not state or (one.message and one.message.state == state))
        and (not told or _STATES[one.standing] == told)
        and (place is None or one.neighbourhood == place.name)
    ]
    return page_of(everybody, len(everybody), page, PER_PAGE, list)


@blueprint.post("/<int:broadcast_id>/cancel", may="send_alerts")
def cancel(broadcast_id: int) -> Served:
    if (kept := _done(broadcast_id, broadcasts.cancel)) is not None:
        flash(ngettext("Envoi arrêté : %(num)s SMS non envoyé.", "Envoi arrêté : %(num)s SMS non envoyés.", kept))
    return to_progress(broadcast_id)


@blueprint.post("/<int:broadcast_id>/pause", may="send_alerts")
def pause(broadcast_id: int) -> Served:
    _done(broadcast_id, broadcasts.pause)
    return to_progress(broadcast_id)


@blueprint.post("/<int:broadcast_id>/resume", may="send_alerts")
def resume(broadcast_id: int) -> Served:
    """Go on after a pause, or without the rest of the undo seconds, which may be over by now."""
    if broadcast_at(broadcast_id).state in ("queued", "sending"):
        return to_progress(broadcast_id)
    return _gone_on(broadcast_id, going_on.resume)


@blueprint.post("/<int:broadcast_id>/release", may="send_alerts")
def release(broadcast_id: int) -> Served:
    """Send held messages after all, or only those to people who certainly have nothing."""
    return _gone_on(broadcast_id, partial(going_on.release, rest=form_fields.ticked("rest")))


@blueprint.post("/<int:broadcast_id>/expire", may="send_alerts")
def expire(broadcast_id: int) -> Served:
    if _done(broadcast_id, broadcasts.expire) is not None:
        flash(_("Envoi abandonné : les SMS en attente sont annulés."))
    return to_progress(broadcast_id)


@blueprint.route("/<int:broadcast_id>/resend", methods=FORM, may="send_alerts")
def resend(broadcast_id: int) -> Served:
    """The page with the people who would get it again, and the risk; then the sending."""
    only, shown, sentence = _only(), broadcast_at(broadcast_id), ""
    if request.method == "POST":
        try:
            number = attempt(lambda: going_on.resend(broadcast_id, request_now(), proof.hand(), only=only), but=_ASKED)
            if number is not None:
                flash(ngettext("Renvoyé à %(num)s personne.", "Renvoyé à %(num)s personnes.", number))
            return to_progress(broadcast_id)
        except _ASKED as refusal:
            sentence = said(refusal)
    if shown.superseded:
        flash(_("Suivi d'une correction ou d'une fin d'alerte : ce message ne peut plus être renvoyé."), "failed")
        return to_progress(broadcast_id)
    people = _again(broadcast_id, only)
    if not people.total:
        flash(_("Aucun destinataire : le renvoi est inutile."))
        return to_progress(broadcast_id)
    page = render_template(
        "alerts/resend.html",
        progress=shown,
        state=only,
        people=people,
        forecast=forecast(people.total * shown.segments, utc_now()),
        sentence=sentence,
        **_hand_fields(shown, people.total),
    )
    return page, 401 if sentence else 200


@blueprint.post("/<int:broadcast_id>/close", may="send_alerts")
def close(broadcast_id: int) -> Served:
    """Close the incident: it leaves the first page, and nobody gets a text."""
    broadcast_at(broadcast_id)
    if attempt(lambda: broadcasts.close(broadcast_id, request_now())) is not None:
        flash(_("Alerte clôturée. Aucun SMS n'a été envoyé."))
    return to_progress(broadcast_id)


@blueprint.get("/<int:broadcast_id>/calls", may="see_names")
def calls(broadcast_id: int) -> Served:
    """Every person whom no SMS of it reaches, by pages, those to call first."""
    with reading():
        account = progress_view(broadcast_at(broadcast_id), utc_now())
        outside = account["left_out"]
        people = page_of(outside, len(outside), form_fields.number("page", 1) or 1, CALLS_PER_PAGE, list)
        return render_template("alerts/calls.html", account=account, people=people)


@blueprint.post("/<int:broadcast_id>/called", may="send_alerts")
def called(broadcast_id: int) -> Served:
    """Tick off a call to a member without a mobile, or take the tick away (`?done=no`)."""
    broadcast_at(broadcast_id)
    member, done = form_fields.number("member"), request.form.get("done") != "no"
    attempt(lambda: broadcasts.tick_call(broadcast_id, member or 0, done, request_now()))
    page = form_fields.number("page")
    if page is not None:
        return redirect(url_for("alerts.calls", broadcast_id=broadcast_id, page=page), 303)
    return redirect(url_for("alerts.progress", broadcast_id=broadcast_id, _anchor="left-out"), 303)


@blueprint.route("/<int:broadcast_id>/skip", methods=FORM, may="send_alerts")
def skip(broadcast_id: int) -> Served:
    """The page with the number of SMS to people who had the alert by mail or by a call; then these are not sent."""
    if request.method != "POST":
        shown, people = broadcast_at(broadcast_id), skippable(broadcast_id)
        values = {"progress": shown, "people": people}
        return render_template("alerts/skip.html", **values) if people else to_progress(broadcast_id)
    if (kept := _done(broadcast_id, broadcasts.skip_reached)) is not None:
        flash(ngettext("%(num)s SMS annulé.", "%(num)s SMS annulés.", kept))
    return to_progress(broadcast_id)


@blueprint.app_template_global()
def stop_words(broadcast_id: int) -> str:
    """« par Anne à 21:45 »: who stopped it; empty where nobody did."""
    stop = next(reversed(deeds_about(broadcast_id, only="broadcast_cancelled")), None)
    return "" if stop is None else str(_("par %(who)s à %(time)s", who=actor_words(stop.actor), time=clock(stop.at)))


@blueprint.app_template_global()
def incident_title(incident: Incident) -> str:
    """« Cambriolage en cours · rue Haute »; of a text by hand its first sentence. Both as they were corrected."""
    if incident.kind:
        return " · ".join(part for part in (reworded(incident.kind), incident.place) if part)
    if "alert_prefix" not in g:
        g.alert_prefix = wordings()[MAIN_LANGUAGE].prefix
    return first_sentence(corrected_text(incident.text, g.alert_prefix).removeprefix(g.alert_prefix), _LONGEST_TITLE)


@blueprint.app_template_global()
def alert_name(broadcast_id: int) -> str:
    """The name of the alert that this broadcast is, or belongs to; for a drill its number."""
    root = broadcast_at(family(broadcast_id)[0])
    if root.kind == "alert":
        return incident_title(incident_of(root.id, utc_now()))
    return f"{KINDS[root.kind][0]} {root.id}"


def _done(broadcast_id: int, act: Callable[[int, broadcasts.Request], int]) -> int | None:
    return attempt(lambda: act(broadcast_id, request_now()))


def _gone_on(broadcast_id: int, act: Callable[[int, broadcasts.Request, Hand], int]) -> Served:
    """Go on, or show the page that asks for the number and the code first."""
    try:
        attempt(lambda: act(broadcast_id, request_now(), proof.hand()), but=_ASKED)
        return to_progress(broadcast_id)
    except _ASKED as refusal:
        shown, rest = broadcast_at(broadcast_id), form_fields.ticked("rest")
        people = going_on.waiting(shown, rest=rest)
        sentence = said(refusal) if {"typed", "code"} & {*request.form} else ""
        values = {"progress": shown, "people": people, "rest": rest, "sentence": sentence}
        return render_template("alerts/go_on.html", **values, **_hand_fields(shown, people)), 401


def _hand_fields(shown: Progress, people: int) -> dict[str, object]:
    """Values for the fields that ask for the number and the code; empty where going on asks for nothing."""
    if not going_on.wants_hand(shown, people, Hand(proven_at=current_user.proven_at), utc_now()):
        return {}
    return proof.hand_fields(people, drill=shown.drill)


def _shown(account: dict[str, Any]) -> dict[str, Any]:
    shown = account["progress"]
    nobody: RecipientPage = Page([], 0, 1, 1)
    held, may_end = shown.state == "held", _may_end(shown)
    return {
        "account": account,
        "may_end": may_end,
        "next": next_step(shown, may_end),
        "approval": approval_of(shown.id),
        "unconfirmed": recipients(shown.id, "unconfirmed", per_page=NAMED) if shown.counts["unconfirmed"] else nobody,
        "hold": hold_of(shown.id) if held else None,
        "doubtful": first_people(doubtful_messages(shown.id), NAMED) if held else nobody,
    }


def _whole(broadcast_id: int) -> dict[str, Any]:
    """The alert that this broadcast is, or belongs to, and its end."""
    root = broadcast_at(family(broadcast_id)[0])
    incident = incident_of(root.id, utc_now()) if root.kind == "alert" else None
    return {"root": root, "incident": incident, "closed_at": closed_at(root.id)}


def _may_end(shown: Progress) -> bool:
    """True for an alert that has not ended, and for its correction."""
    if shown.kind == "correction" and not shown.drill:
        return broadcast_at(family(shown.id)[0]).followed != "end"
    return can_follow(shown) and shown.kind in ("alert", "corrected") and shown.followed != "end"


def _again(broadcast_id: int, only: Only) -> RecipientPage:
    if only == "incomplete":
        return first_people(incomplete_messages(broadcast_id, utc_now()), NAMED_AGAIN)
    if only == "cancelled":
        return first_people(called_off_messages(broadcast_id), NAMED_AGAIN)
    return recipients(broadcast_id, only, per_page=NAMED_AGAIN)


def _only() -> Only:
    only: Only | None = next((known for known in get_args(Only) if known == request.values.get("state")), None)
    return only or abort(400)
