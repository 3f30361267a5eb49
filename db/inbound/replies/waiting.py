"""Texts that wait for a person: those with a word of alarm, which ring on every officer's page until somebody takes
them; and STOPs that came in a burst: senders can be forged, and until a person decides nobody leaves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.inbound.replies.senders import names_of
from db.journal import audit
from db.models.modem_records import InboundMessage, InboundVerdict
from db.models.people import Consent, Member
from rules.replies.loop_guard import most_stops, most_stops_of_day
from rules.replies.values import Meaning, Silence

# What nobody took in a week is no emergency any more; it still waits in the inbox.
RINGS_FOR = timedelta(days=7)
_COLUMNS = tuple(
    getattr(InboundMessage, name) for name in ("id", "sender", "text", "sent_at", "received_at", "simulated")
)
# Every page asks, and an open one again every few seconds.
_RINGING = Prepared(
    InboundVerdict.select(*_COLUMNS)
    .join(InboundMessage)
    .where(
        InboundVerdict.meaning == str(Meaning.ALARM),
        InboundMessage.received_at > given("since"),
        InboundMessage.handled_at.is_null(),
        InboundMessage.taken_at.is_null(),
    )
    .order_by(InboundMessage.received_at, InboundMessage.id)
    .tuples()
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# So long after the last one that waits for a person, a STOP is no part of the same burst.
ASKED_FOR = timedelta(days=1)
APPLIED = "stops_applied"


@dataclass(frozen=True, slots=True)
class WaitingText:
    """A text that waits for a person, with its times as InboundMessage has them. `name` is that of the member with the
    number, empty for a stranger.
    """

    inbound_id: int
    sender: str
    text: str
    sent_at: datetime
    received_at: datetime
    simulated: bool
    name: str


def _named(rows: list[tuple[Any, ...]]) -> list[WaitingText]:
    """The texts of these rows of _COLUMNS."""
    names = names_of({row[1] for row in rows}) if rows else {}
    return [WaitingText(*(*row, names.get(row[1], ""))) for row in rows]


def ringing(now: datetime) -> list[WaitingText]:
    """The texts that raise an alarm now, oldest first: nobody took them (« Traiter ce message ») or handled them."""
    return _named(_RINGING.results(since=now - RINGS_FOR))


def is_burst(sender: str, configured: int, now: datetime) -> bool:
    """True when a STOP of this number is to be held; inside the transaction that interprets it. It would remove
    somebody from the list, and others wait, or more than `configured` (`[sending] stops_per_hour`) arrived in an hour,
    or too many in a day.
    """
    agreed = Consent.select().join(Member).where(Consent.channel == "sms", Consent.given)
    if not agreed.where(Member.mobile == sender).exists():
        return False
    if _held().where(InboundVerdict.judged_at > now - ASKED_FOR).exists():
        return True
    stopped = _stopped_since(now - HOUR, sender)
    if stopped >= most_stops(agreed.count() + stopped, configured):
        return True
    stopped = _stopped_since(now - DAY, sender)
    return stopped >= most_stops_of_day(agreed.count() + stopped, configured)


def _stopped_since(when: datetime, apart_from: str) -> int:
    """The number of members who wrote STOP since `when`, and since a person last decided."""
    applied = audit.newest(APPLIED)
    since = max(when, applied.at) if applied else when
    stopped = (
        InboundVerdict.select(fn.COUNT(InboundMessage.sender.distinct()))
        .join(InboundMessage)
        .join(Member, on=(Member.mobile == InboundMessage.sender))
        .where(InboundVerdict.meaning == str(Meaning.STOP), InboundVerdict.judged_at > since)
        .where(InboundMessage.sender != apart_from)
    )
    return int(stopped.scalar())


def held_stops() -> list[WaitingText]:
    """The STOPs that wait for a person, in the order in which they came."""
    return _named(tuples(_held().select(*_COLUMNS).order_by(InboundMessage.received_at, InboundMessage.id)))


def mark_decided(inbound_id: int, silence: Silence, now: datetime) -> None:
    """It no longer waits; `silence` is the outcome of its answer."""
    changed = {InboundVerdict.silence: str(silence), InboundVerdict.judged_at: now}
    InboundVerdict.update(changed).where(InboundVerdict.inbound == inbound_id).execute()


def yield_to_start(sender: str, sent_at: datetime, now: datetime) -> None:
    """This number wrote START: its waiting STOPs that were written earlier no longer count."""
    for stop in held_stops():
        if stop.sender == sender and stop.sent_at <= sent_at:
            mark_decided(stop.inbound_id, Silence.REJECTED, now)


def _held() -> Any:
    return (
        InboundVerdict.select(InboundVerdict.id).join(InboundMessage).where(InboundVerdict.silence == str(Silence.HELD))
    )
