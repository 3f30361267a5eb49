"""Calls of people in turn, each recorded before its SMS, which has its key: a crash neither doubles nor loses one
(docs/adr/0046)."""

import logging
from datetime import datetime, timedelta

from base.settings.values import Settings
from db.alerts.orders.approval import waiting_approvals
from db.engine.connection import writing
from db.inbound.replies.thread import ringing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from db.modems.readiness import readiness
from db.operations import summons
from db.operations.incidents import IncidentCard, incidents, open_incidents
from db.operations.machine import behind
from db.people.accounts.accounts import Contact
from db.people.duty import on_duty, stand_ins
from modem.sms.composition import compose
from plp.jobs.alarms.channels.text import QUIET, one_part
from plp.letters.rendering import DUTY, note
from plp.services.orders.approving import approver_refusal
from plp.services.orders.automatic import place_alarm
from rules.calendar import LOCAL
from rules.languages import known
from rules.people import MACHINE
from rules.refusals import NotReady, Refusal

_log = logging.getLogger(__name__)

# All summonses together: whatever goes wrong, no telephone rings without end, and no budget is used up.
MOST_CALLS_AN_HOUR = 12
# Whoever did not answer so many times is tried again once an hour.
ROUNDS = 3
_HOUR = timedelta(hours=1)
# So long after what it was about nobody needs to hear of it.
STALE = timedelta(hours=4)
_NEWEST = 200
# Somebody at the console sees it at once: nobody is woken for what a colleague takes up within this.
GRACE = timedelta(minutes=1)
# A text with a word of alarm has a summons of its own.
_NOT_CALLED_FOR = (*QUIET, "ringing")
_ROLES: dict[str, tuple[str, ...]] = {
    "approval": ("officer",),
    "message": ("officer", "admin"),
    "incident": ("technician", "admin"),
}


def causes(now: datetime) -> dict[str, set[str]]:
    """The subjects that last now, by kind (`SummonsCause.subject`)."""
    return {
        "approval": {str(card.broadcast_id) for card in waiting_approvals(now) if card.asked_at <= now - GRACE},
        "message": {str(text.id) for text in ringing(now) if text.received_at <= now - GRACE},
        "incident": {subject_of(card) for card in open_incidents() if card.kind not in _NOT_CALLED_FOR},
    }


def subject_of(card: IncidentCard) -> str:
    """The subject of a summons about this incident."""
    return f"{card.kind}:{card.id}"


def callees(card: summons.Summons, now: datetime) -> list[Contact]:
    """The people to call, in their order: those on duty, else those with the role; for an approval, who can give it."""
    duty, others = on_duty(now), stand_ins(_ROLES[card.kind])
    if card.kind == "approval":
        duty, others = ([person for person in people if _may_approve(person, card, now)] for people in (duty, others))
    # While the clock is behind, the roster is read at a wrong date: the others are called after its people.
    known = {person.account_id for person in duty}
    return duty if duty and behind(now) is None else [*duty, *(o for o in others if o.account_id not in known)]


def _may_approve(person: Contact, card: summons.Summons, now: datetime) -> bool:
    if "officer" not in person.roles:
        return False
    return any(approver_refusal(int(subject), person.name, now) is None for subject in card.subjects)


def wake(settings: Settings, now: datetime) -> bool:
    """Begin, continue and end the calls that are due; True when more may be due at once."""
    lasting = causes(now)
    for kind, subjects in lasting.items():
        summons.apply_causes(kind, subjects, now)
    called = [_go_on(card, lasting[card.kind], settings, now) for card in summons.open_summonses()]
    return any(called)


def _go_on(card: summons.Summons, lasting: set[str], settings: Settings, now: datetime) -> bool:
    people = callees(card, now)
    if _is_over(card, lasting, people, now):
        summons.end_summons(card.id, "over", MACHINE, now)
        return False
    rings = settings.sending.duty_call_rings
    able = readiness(now).can_take_orders
    if not able and card.mailed_at is None:
        _write_to(card, people, settings, now)
    last = card.calls[-1] if card.calls else None
    if last is not None and not last.outcome:
        if last.called_at is None:
            person = next((person for person in people if person.account_id == last.account_id), None)
            return able and _place(card, last.id, last.place, person, rings, now)
        return _is_unanswered(last, settings.sending.duty_call_every, now)
    person = _next(card, people, now)
    if person is None or not able or summons.calls_since(now - _HOUR) >= MOST_CALLS_AN_HOUR:
        return False
    call_id = summons.begin_call(card, person.account_id, person.name, now)
    return call_id is not None and _place(card, call_id, len(card.calls) + 1, person, rings, now)


def _is_over(card: summons.Summons, lasting: set[str], people: list[Contact], now: datetime) -> bool:
    """True once its causes are gone; if nothing could be sent, everybody hears of it once: an alert may be late."""
    if lasting & set(card.subjects):
        return False
    if not any(subject.startswith("no_modem:") for subject in card.subjects) or now - card.opened_at > STALE:
        return True
    called = {call.account_id for call in card.calls if call.outcome == "no_answer"}
    return {person.account_id for person in people} <= called


def _is_unanswered(call: summons.SummonsCall, every: timedelta, now: datetime) -> bool:
    """Record that nobody answered this call, or that its SMS was not sent; False while it is too early."""
    if call.state is None or call.state in summons.NOT_SENT:
        summons.mark_call(call.id, "unsent", now)
        return True
    if call.state in summons.ON_ITS_WAY or (call.sent_at is not None and now - call.sent_at < every):
        return False
    summons.mark_call(call.id, "no_answer", now)
    return True


def _next(card: summons.Summons, people: list[Contact], now: datetime) -> Contact | None:
    """The person who was called least; None for nobody, or if it is too early for another round."""
    had = {person.account_id: [c for c in card.calls if c.account_id == person.account_id] for person in people}
    person = min(people, key=lambda callee: len(had[callee.account_id]), default=None)
    if person is None:
        return None
    tired = len(had[person.account_id]) >= ROUNDS and now - card.calls[-1].begun_at < _HOUR
    return None if tired else person


def _place(card: summons.Summons, call_id: int, place: int, person: Contact | None, rings: bool, now: datetime) -> bool:
    if person is None:  # went off duty, or was closed, between two steps
        summons.mark_call(call_id, "unsent", now)
        return False
    key = f"call:{card.id}:{place}:{card.opened_at.isoformat()}"
    # It names no citizen and shows no text: a telephone may lie open on a table.
    text = one_part(sentence_of(card, person.language, now), DUTY[known(person.language)]["ok"])
    try:
        placed = place_alarm(person.mobile, compose(text), key, now, "call")
    except NotReady:
        return False
    except Refusal as refusal:
        _log.warning("a call of somebody on duty: %s", refusal.template)
        summons.mark_call(call_id, "unsent", now)
        return False
    summons.mark_called(call_id, placed, now, rings)
    return True


def _write_to(card: summons.Summons, people: list[Contact], settings: Settings, now: datetime) -> None:
    """One mail to everybody, since no SMS can leave now."""
    if not mail_configured(settings.mail):
        return
    with writing():
        if not summons.mark_mailed(card.id, now):
            return
        for person in people:
            if person.email:
                words = DUTY[known(person.language)]
                paragraphs = [sentence_of(card, person.language, now), words["no_sms"]]
                key = f"call:{card.id}:{card.opened_at.isoformat()}:{person.account_id}"
                copy = note(key, person.email, person.name, person.language, words["subject"], paragraphs)
                enqueue_letter(Letter("alarm", words["subject"]), [copy], now)


def sentence_of(card: summons.Summons, language: str, now: datetime) -> str:
    """The subject in one sentence; an incident's own sentence is in French."""
    words = DUTY[known(language)]
    if card.kind == "incident":
        about = [incident for incident in incidents(_NEWEST) if subject_of(incident) in card.subjects]
        lasting = [incident for incident in about if incident.ended_at is None]
        # What stops every SMS comes first.
        shown = sorted(lasting or about, key=lambda incident: incident.kind != "no_modem")
        return words["incident" if lasting else "over"].format(what=" ".join(incident.sentence for incident in shown))
    if card.kind == "approval":
        waiting = (approval for approval in waiting_approvals(now) if str(approval.broadcast_id) in card.subjects)
        times = [approval.lapses_at for approval in waiting]
    else:
        times = [text.received_at for text in ringing(now) if str(text.id) in card.subjects]
    at = min(times, default=card.opened_at).astimezone(LOCAL)
    return words[card.kind].format(time=at.strftime(words["time"]))
