"""An alert as a time line: who did what, its first and last SMS, its corrections and end, and what members wrote."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from console.alerts.blueprint import person
from console.alerts.following.progress_view import sms_to
from console.i18n.labels import KINDS, actor_words, count, labels
from console.web.roles import may_open
from db.alerts.progress.report import by_neighbourhood, deeds_about, family, times
from db.alerts.progress.threads import kinds_of
from db.bulletins.drafts import feedback_given
from db.inbound.replies.thread import replies
from db.journal.audit import Entry

ACTIONS = labels("timeline")
MOST_REPLIES = 20


@dataclass(frozen=True, slots=True)
class Event:
    """`what` is emphasised, `words` follow it; `address` is empty when no page gives details."""

    at: datetime
    what: str
    words: str = ""
    address: str = ""


def timeline(broadcast_id: int) -> list[Event]:
    """The newest first, of the whole thread, whichever of its broadcasts is given."""
    thread = family(broadcast_id)
    kinds = kinds_of(thread)
    events = [event for number in thread for event in _events(number, kinds[number], number != broadcast_id)]
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
