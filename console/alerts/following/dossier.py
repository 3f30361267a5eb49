"""One alert with all that belongs to it: a report to print and keep, its replies, and its time line: who did what."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, broadcast_at, numbers_shown, person
from console.alerts.following.progress_view import loaded_at, progress_view, sms_to, thread_of
from console.i18n.labels import KINDS, MESSAGE_STATES, actor_words, clock_s, count, deed, labels, mobile, toned
from console.web import form_fields
from console.web.acting import actor, as_file, renew_page
from console.web.pages import Served
from console.web.roles import may_open
from db.alerts.incidents.reach import reach_by_place
from db.alerts.incidents.roads import Reached, Way, people_by_road
from db.alerts.incidents.thread_cards import Line
from db.alerts.orders.approval import approval_of
from db.alerts.progress.progress import Progress
from db.alerts.progress.report import by_neighbourhood, curve, deeds_about, family, times
from db.alerts.progress.threads import kinds_of, undone
from db.bulletins.drafts import feedback_given
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.inbound.replies.thread import Replies, Tally, replies
from db.journal.audit import Entry
from db.journal.chain import last_seal
from plp.services.apart import counted
from plp.services.people.exporting import record_taken, written
from rules.replies.poll import offered

NAMED = 500
# Whoever certainly or perhaps has nothing is first in the list of names.
_SURE_LAST = ("failed", "undelivered", "expired", "cancelled", "", "unconfirmed", "queued", "sending", "sent")
# So long after the last SMS an answer still counts for this alert (db.inbound.replies.thread).
ANSWERED_WITHIN = timedelta(hours=24)
EVERYBODY = 100_000
ACTIONS = labels("timeline")
MOST_REPLIES = 20


def _rows(broadcast_id: int) -> int:
    return broadcast_at(broadcast_id).recipients


def _rows_of_names(broadcast_id: int) -> int:
    return _rows(broadcast_id) if request.args.get("names") == "yes" else 0


@blueprint.get("/<int:broadcast_id>/dossier", may="see_alerts", rows=_rows_of_names)
def dossier(broadcast_id: int) -> Served:
    """The report of an alert, to be printed. `?names=yes` names its people, those who may not have it first."""
    names = request.args.get("names") == "yes" and numbers_shown()
    with reading():
        now = utc_now()
        chapters = [_report(line, names, now) for line in thread_of(broadcast_at(broadcast_id), now)]
    root = chapters[0]["progress"]
    return render_template(
        "alerts/dossier.html",
        chapters=chapters,
        parts=[(f"broadcast-{chapter['progress'].id}", chapter["title"]) for chapter in chapters],
        root=root,
        feedback=feedback_given(root.id),
        names=names,
        seal=last_seal(),
        now=now,
    )


def _report(line: Line, names: bool, now: datetime) -> dict[str, Any]:
    """One broadcast of the report; people are named only on request."""
    broadcast_id = line.card.id
    shown = broadcast_at(broadcast_id)
    return {
        "progress": shown,
        "line": line,
        "title": f"{KINDS.get(shown.kind, KINDS['alert'])[0]} {shown.id}",
        "sms": sms_to(shown.recipients),
        "approval": approval_of(broadcast_id),
        "replies": replies_to(shown),
        "curve": _drawing(broadcast_id),
        "times": times(broadcast_id),
        "places": reach_by_place(broadcast_id, now),
        "deeds": [deed(entry) for entry in deeds_about(broadcast_id)],
        "everybody": sorted(people_by_road(shown, now), key=_sureness)[:NAMED] if names else [],
    }


def _sureness(one: Reached) -> int:
    state = one.message.state if one.message and one.way in ("", "sms") else one.way
    return _SURE_LAST.index(state) if state in _SURE_LAST else len(_SURE_LAST)


@blueprint.get("/<int:broadcast_id>/people.csv", may="see_names", rows=_rows)
def people_csv(broadcast_id: int) -> Served:
    """Each of its people by name, with what reached them and when; the journal records who downloaded it."""
    now = utc_now()
    with reading():
        shown = broadcast_at(broadcast_id)
        rows = [
            (one.name, mobile(one.number), one.neighbourhood, way_words(one.way), state_words(one), clock_s(one.at))
            for one in counted(people_by_road(shown, now), shown.recipients)
        ]
    record_taken("broadcast_people_taken", str(broadcast_id), actor(), now, people=len(rows))
    heads = (_("Nom"), _("Téléphone"), _("Quartier"), _("Moyen"), _("État"), _("Heure"))
    return as_file(written([tuple(map(str, heads)), *rows]), "text/csv", f"alerte-{broadcast_id}.csv")


@blueprint.app_template_filter()
def way_words(way: Way) -> str:
    """The way that reached somebody, in a word."""
    return str({"sms": _("SMS"), "mail": _("e-mail"), "called": _("téléphone"), "": _("non alerté")}[way])


@blueprint.app_template_filter()
def state_words(one: Reached) -> str:
    """« reçu », « appel par Anne »: what is known of it."""
    if one.way == "called":
        return str(_("appel par %(who)s", who=one.called_by))
    states = MESSAGE_STATES if one.message and one.way != "mail" else toned("mail_states")
    return str(states[one.state][0]) if one.state else str(_("à appeler"))


WIDTH, HEIGHT = 600, 150


def _drawing(broadcast_id: int) -> dict[str, Any] | None:
    """The curve of this broadcast as two lines of an SVG of WIDTH by HEIGHT; None before its first SMS was taken."""
    if (known := curve(broadcast_id)) is None:
        return None
    return {
        "taken": _line(known.taken, known.total),
        "delivered": _line(known.delivered, known.total),
        "total": known.total,
        "taken_count": known.taken[-1],
        "delivered_count": known.delivered[-1],
        "begun_at": known.begun_at,
        "ended_at": known.begun_at + timedelta(seconds=known.length_s),
        "width": WIDTH,
        "height": HEIGHT,
    }


def _line(counts: tuple[int, ...], total: int) -> str:
    across = WIDTH / len(counts)
    points = [(0, HEIGHT)] + [
        (round((step + 1) * across), round(HEIGHT - HEIGHT * number / max(1, total)))
        for step, number in enumerate(counts)
    ]
    return " ".join(f"{x},{y}" for x, y in points)


@blueprint.get("/<int:broadcast_id>/answers", may="see_alerts", live=True)
def answers(broadcast_id: int) -> Served:
    """The page of all answers; for the alert's page, long after its last SMS, its events and other ways to people."""
    alert = broadcast_at(broadcast_id)
    if "HX-Request" in request.headers:
        account = progress_view(alert, utc_now(), loaded_at())
        if account["poll_s"] and form_fields.line("still"):  # sent again: a page that had stopped begins anew
            renew_page()
        part = render_template("alerts/timeline.html", p=alert, account=account, events=timeline(broadcast_id))
        return part + render_template("alerts/told.html", account=account, beside=True)
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


# Number → words of the answers that a text asks for and that will be counted.
blueprint.add_app_template_global(offered, "numbered_answers")


@blueprint.app_template_global()
def awaits_replies(progress: Progress) -> bool:
    """True while an answer that comes now would be counted for this broadcast."""
    return utc_now() - (progress.last_sent_at or progress.created_at) < ANSWERED_WITHIN


@dataclass(frozen=True, slots=True)
class Event:
    """`what` is emphasised, `words` follow it; `address` is empty when no page gives details."""

    at: datetime
    what: str
    words: str = ""
    address: str = ""


def timeline(broadcast_id: int) -> list[Event]:
    """The newest first, of the whole thread, whichever of its broadcasts is given; nothing of another undone one."""
    thread = family(broadcast_id)
    kinds, hidden = kinds_of(thread), undone(thread) - {broadcast_id}
    shown = [number for number in thread if number not in hidden]
    events = [event for number in shown for event in _events(number, kinds[number], number != broadcast_id)]
    if given := feedback_given(thread[0]):
        events.append(Event(given[1], _("Feedback envoyé aux coordinateurs")))
    return sorted(events, key=lambda event: event.at, reverse=True)


def _events(number: int, kind: str, elsewhere: bool) -> Iterator[Event]:
    address = url_for("alerts.progress", broadcast_id=number) if elsewhere else ""
    for entry in deeds_about(number):
        if entry.action == "broadcast_ordered":
            yield Event(entry.at, str(KINDS[kind][0]), _ordered(entry), address)
        elif entry.action in ACTIONS:
            words, messages = _("par %(who)s", who=actor_words(entry.actor)), entry.detail.get("messages")
            if entry.action == "broadcast_skipped" and isinstance(messages, int):
                words = f"{count(messages)} SMS, {words}"
            yield Event(entry.at, str(ACTIONS[entry.action]), words)
    sent = times(number)
    if sent.first_sent_at:
        yield Event(sent.first_sent_at, "", _("premier SMS envoyé"))
    waits = any(place.waiting for place in by_neighbourhood(number))
    if sent.last_sent_at and sent.last_sent_at != sent.first_sent_at and not waits:
        yield Event(sent.last_sent_at, "", _("dernier SMS envoyé"))
    if may_open("inbox.messages"):
        for reply in replies(number, MOST_REPLIES).others:
            page = url_for("inbox.thread", channel="sms", number=reply.inbound_id, _anchor=f"text-{reply.inbound_id}")
            yield Event(reply.at, person(reply), f"« {reply.text} »", page)


def _ordered(entry: Entry) -> str:
    people = entry.detail.get("recipients")
    if not isinstance(people, int):
        return actor_words(entry.actor)
    return str(_("%(what)s, par %(who)s", what=sms_to(people), who=actor_words(entry.actor)))
