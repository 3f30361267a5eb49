"""Replies to an alert; texts with a word of alarm, which ring on every officer's page until somebody takes them; and
STOPs that came in a burst: senders can be forged, and until a person decides nobody leaves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import JOIN, fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.inbound.replies.judging import names_of
from db.journal import audit
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.modem_records import AlertReply, InboundVerdict
from db.models.modem_records import InboundMessage as InboundMessage  # pages and jobs name the rows that they get
from db.models.people import Consent, Member
from rules.replies.meaning import most_stops, most_stops_of_day
from rules.replies.poll import chosen, offered
from rules.replies.values import Meaning, Silence
from rules.states import AUTOMATIC, MAY_BE_THERE, PartState

# An answer is to the last alert of a day; later ones are about something else.
ANSWERED_WITHIN = timedelta(hours=24)
# The service centre's clock and ours may differ, and a fast thumb answers before the receipt is written down.
CLOCKS_APART = timedelta(minutes=5)
# An answer shows that it came, whatever the network said of it, or did not say yet: a receipt may take minutes.
_MAY_HAVE_IT = (*MAY_BE_THERE, PartState.EXPIRED)
_TEXTS = Prepared(
    BroadcastText.select(BroadcastText.body)
    .where(BroadcastText.broadcast == given("broadcast"))
    .order_by(BroadcastText.id)
)
_TOTALS = Prepared(
    AlertReply.select(AlertReply.choice, fn.COUNT(AlertReply.id))
    .where(AlertReply.broadcast == given("broadcast"))
    .group_by(AlertReply.choice)
)
# What nobody took in a week is no emergency any more; it still waits in the inbox.
RINGS_FOR = timedelta(days=7)
_READ = ("id", "sender", "text", "sent_at", "received_at", "simulated")
_COLUMNS = tuple(getattr(InboundMessage, name) for name in _READ)
# Every page asks, and an open one again every few seconds.
_RINGING = Prepared(
    InboundMessage.select(*_COLUMNS)
    .join(InboundVerdict)
    .where(InboundVerdict.meaning == str(Meaning.ALARM), InboundMessage.received_at > given("since"))
    .where(InboundMessage.handled_at.is_null(), InboundMessage.taken_at.is_null())
    .order_by(InboundMessage.received_at, InboundMessage.id)
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# So long after the last one that waits for a person, a STOP is no part of the same burst.
ASKED_FOR = timedelta(days=1)
APPLIED = "stops_applied"
_IS_HELD = InboundVerdict.silence == str(Silence.HELD)
_HELD = InboundMessage.select(*_COLUMNS).join(InboundVerdict).where(_IS_HELD)
# Other replies: neither STOP, START nor OK, and written by a person or ringing.
_BY_MACHINES = InboundVerdict.silence.in_([str(Silence.ECHO), str(Silence.AUTOMATIC), str(Silence.OWN)])
_IS_OTHER = (InboundVerdict.broadcast == given("broadcast")) & (
    ((InboundVerdict.meaning == str(Meaning.OTHER)) & ~_BY_MACHINES) | (InboundVerdict.meaning == str(Meaning.ALARM))
)
_OTHERS = Prepared(InboundVerdict.select(fn.COUNT(InboundVerdict.id)).where(_IS_OTHER))
_SAID = Prepared(
    AlertReply.select(Message.msisdn, Member.first_name, Member.last_name, AlertReply.at)
    .join(Message)
    .join(Member, JOIN.LEFT_OUTER, on=(Message.member == Member.id))
    .where(AlertReply.broadcast == given("broadcast"), AlertReply.choice == given("choice"))
    .order_by(AlertReply.at.desc(), AlertReply.id.desc())
    .limit(given("limit"))
    .tuples()
)
_WROTE = Prepared(
    InboundVerdict.select(InboundMessage.id, InboundMessage.sender, InboundMessage.received_at, InboundMessage.text)
    .join(InboundMessage)
    .where(_IS_OTHER)
    .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
    .limit(given("limit"))
    .tuples()
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Somebody's answer to an alert. `name` is empty for somebody who left the list; `text` for an OK or a number."""

    name: str
    msisdn: str
    at: datetime
    text: str
    inbound_id: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One numbered answer that an alert offers, in the words of its text, and the people who gave it, newest first."""

    number: int
    words: str
    total: int
    people: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Replies:
    """The OKs, the numbered answers and the other replies, newest first, perhaps not all of them; totals count all."""

    ok_total: int
    ok: tuple[Reply, ...]
    others_total: int
    others: tuple[Reply, ...]
    choices: tuple[Tally, ...] = ()


def answered_message(sender: str, sent_at: datetime) -> tuple[int, int] | None:
    """The message that a text written at `sent_at` answers, and its broadcast: the last alert within 24 hours."""
    after, before = sent_at - ANSWERED_WITHIN, sent_at + CLOCKS_APART
    # What has no receipt was handed over when it changed last.
    went = Part.sent_at.between(after, before) | (Part.sent_at.is_null() & Part.changed_at.between(after, before))
    messages = Message.select(Message.id, Message.broadcast).join(Broadcast)
    parts = messages.join_from(Message, Part, on=(Part.message == Message.id))
    to_sender = (Message.msisdn == sender) & Broadcast.kind.not_in(AUTOMATIC)
    newest = parts.where(to_sender, Part.state.in_(_MAY_HAVE_IT), went).order_by(Message.id.desc()).limit(1)
    return next(iter(tuples(newest)), None)


def apply_ok(message_id: int, broadcast_id: int, at: datetime) -> None:
    """Count the OK of whoever got this message, once; a numbered answer is kept. In the caller's transaction."""
    AlertReply.insert(message=message_id, broadcast=broadcast_id, at=at).on_conflict_ignore().execute()


def apply_choice(message_id: int, broadcast_id: int, at: datetime, choice: int) -> None:
    """Count the numbered answer of the person who got this message, replacing an OK or an earlier choice."""
    given = AlertReply.insert(message=message_id, broadcast=broadcast_id, at=at, choice=choice)
    newer = (AlertReply.at <= at) | (AlertReply.choice == 0)
    update: dict[Any, object] = {AlertReply.at: at, AlertReply.choice: choice}
    given.on_conflict(conflict_target=[AlertReply.message], update=update, where=newer).execute()


def choice_in(words: str, broadcast_id: int) -> int:
    """The number that plain `words` give of those that this broadcast's texts offer; 0 for none."""
    return next(filter(None, (chosen(words, answers) for answers in _offers(broadcast_id))), 0)


def _offers(broadcast_id: int) -> list[dict[int, str]]:
    """The numbered answers of its texts that offer some, the first language's first."""
    return [answers for (body,) in _TEXTS.rows(broadcast=broadcast_id) if (answers := offered(body))]


def replies(broadcast_id: int, limit: int = 50) -> Replies:
    """The replies to this alert; at most `limit` per kind are listed."""
    totals = dict(_TOTALS.rows(broadcast=broadcast_id))
    ((others_total,),) = _OTHERS.rows(broadcast=broadcast_id)
    words = next(iter(_offers(broadcast_id)), {})
    rows = _WROTE.results(broadcast=broadcast_id, limit=limit)
    names = names_of([sender for _id, sender, _at, _text in rows]) if rows else {}
    others = [Reply(names.get(sender, ""), sender, at, text, number) for number, sender, at, text in rows]
    choices = tuple(
        Tally(number, words.get(number, ""), totals.get(number, 0), tuple(_said(broadcast_id, number, limit)))
        for number in sorted(words.keys() | totals.keys() - {0})
    )
    return Replies(totals.get(0, 0), tuple(_said(broadcast_id, 0, limit)), others_total, tuple(others), choices)


def _said(broadcast_id: int, choice: int, limit: int) -> list[Reply]:
    rows = _SAID.results(broadcast=broadcast_id, choice=choice, limit=limit)
    return [Reply(f"{first or ''} {last or ''}".strip(), msisdn, at, "", None) for msisdn, first, last, at in rows]


def _named(rows: list[InboundMessage]) -> list[InboundMessage]:
    names = names_of({row.sender for row in rows}) if rows else {}
    for row in rows:
        row.name = names.get(row.sender, "")
    return rows


def ringing(now: datetime) -> list[InboundMessage]:
    """The texts that raise an alarm now, oldest first: nobody took them (« Traiter ce message ») or handled them."""
    return _named(_RINGING.results(since=now - RINGS_FOR))


def is_burst(sender: str, configured: int, now: datetime) -> bool:
    """True when a STOP of this number is to be held, in the transaction that interprets it: it would remove somebody,
    and others wait, or more than `configured` (`[sending] stops_per_hour`) came in an hour, or too many in a day."""
    agreed = Consent.select().join(Member).where(Consent.channel == "sms", Consent.given)
    if not agreed.where(Member.mobile == sender).exists():
        return False
    if _HELD.where(InboundVerdict.judged_at > now - ASKED_FOR).exists():
        return True
    members, limits = agreed.count(), ((HOUR, most_stops), (DAY, most_stops_of_day))
    stops = ((_stopped_since(now - within, sender), most) for within, most in limits)
    return any(stopped >= most(members + stopped, configured) for stopped, most in stops)


def _stopped_since(when: datetime, apart_from: str) -> int:
    """The number of members who wrote STOP since `when`, and since a person last decided."""
    applied = audit.newest(APPLIED)
    since = max(when, applied.at) if applied else when
    stops = InboundVerdict.select(fn.COUNT(InboundMessage.sender.distinct())).join(InboundMessage)
    of_members = stops.join(Member, on=(Member.mobile == InboundMessage.sender))
    recent = (InboundVerdict.meaning == str(Meaning.STOP)) & (InboundVerdict.judged_at > since)
    return int(of_members.where(recent, InboundMessage.sender != apart_from).scalar())


def held_stops() -> list[InboundMessage]:
    """The STOPs that wait for a person, in the order in which they came."""
    return _named(list(_HELD.order_by(InboundMessage.received_at, InboundMessage.id)))


def mark_decided(inbound_id: int, silence: Silence, now: datetime) -> None:
    """It no longer waits; `silence` is the outcome of its answer."""
    changed = {InboundVerdict.silence: str(silence), InboundVerdict.judged_at: now}
    InboundVerdict.update(changed).where(InboundVerdict.inbound == inbound_id).execute()


def yield_to_start(sender: str, sent_at: datetime, now: datetime) -> None:
    """This number wrote START: its waiting STOPs that were written earlier no longer count."""
    for stop in held_stops():
        if stop.sender == sender and stop.sent_at <= sent_at:
            mark_decided(stop.id, Silence.REJECTED, now)
