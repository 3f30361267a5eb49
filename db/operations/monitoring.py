"""Queries for the alarms and the daily mail: silent processes, a stalled queue, undecided work, mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given, utc_of
from db.models.broadcasts import Attempt, Broadcast, Part
from db.models.mail import Mail
from db.models.zone import Heartbeat
from rules.mail import MailState
from rules.states import AUTOMATIC, OF_ONE_SIM, PartState, Stage

# A host that was silent for so long was taken away, or has another name.
FORGOTTEN = timedelta(days=7)
# Unconfirmed messages older than this: everybody has decided by doing nothing.
STILL_ASKED = timedelta(hours=24)
# Which refusals of a modem are still shown, with their time.
REFUSALS_TOLD = timedelta(days=1)
_LAST_BEAT = Prepared(
    Heartbeat.select(fn.MAX(Heartbeat.seen_at)).where(
        Heartbeat.process == given("process"), Heartbeat.seen_at > given("since"), Heartbeat.ended_at.is_null()
    )
)
_TAKEN = Prepared(
    Attempt.select(Attempt.ended_at)
    .where(Attempt.host == given("host"), Attempt.modem == given("modem"), Attempt.outcome == "sent")
    .order_by(Attempt.ended_at.desc())
    .limit(1)
)
_MESSAGES = Part.select(Part.broadcast, fn.COUNT(fn.DISTINCT(Part.message))).group_by(Part.broadcast)
_BY_BROADCAST = _MESSAGES.join(Broadcast, on=(Part.broadcast == Broadcast.id)).order_by(Part.broadcast)
_HELD = Prepared(_BY_BROADCAST.where(Broadcast.stage == Stage.HELD, Part.state == PartState.QUEUED))
_ORDERED = (Broadcast.created_at > given("since")) & Broadcast.kind.not_in(AUTOMATIC)
_UNCONFIRMED = Prepared(_BY_BROADCAST.where(_ORDERED, Part.state == PartState.UNCONFIRMED))


def is_anybody_alive(now: datetime, within: timedelta) -> bool:
    """True when any process of any host gave a sign of life, and did not end in order."""
    return Heartbeat.select().where(Heartbeat.seen_at > now - within, Heartbeat.ended_at.is_null()).exists()


def nobody_beats(process: str, now: datetime, within: timedelta) -> bool:
    """True when the process fell silent and runs on no other host either; one that was stopped as it should is not."""
    last = _LAST_BEAT.first(process=process, since=now - FORGOTTEN)
    return last is not None and last[0] is not None and utc_of(last[0]) < now - within


def standstill(now: datetime, within: timedelta) -> tuple[int, datetime] | None:
    """Number of parts due for longer than `within`, and since when no modem took any; None while something moves."""
    due = (
        (Part.state == PartState.QUEUED)
        & (Part.not_before_at.is_null() | (Part.not_before_at <= now))
        & (Part.changed_at < now - within)
    )
    waiting = (
        Part.select(fn.COUNT(Part.id), fn.MIN(Part.changed_at))
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage == Stage.QUEUED, Broadcast.deadline_at > now, due, Broadcast.kind.not_in(OF_ONE_SIM))
    )
    ((parts, since),) = tuples(waiting)
    last = Attempt.select(Attempt.claimed_at).order_by(Attempt.id.desc()).first()
    if not parts or (last is not None and last.claimed_at > now - within):
        return None
    return parts, max(since, last.claimed_at) if last is not None else since


def held() -> list[tuple[int, int]]:
    """Held broadcasts, with the number of their messages that wait until a person decides to send or drop them."""
    return [(broadcast_id, messages) for broadcast_id, messages in _HELD.rows()]


def unconfirmed(now: datetime) -> list[tuple[int, int]]:
    """Broadcasts that people ordered in the last day, with the number of their unconfirmed messages."""
    return [(broadcast_id, messages) for broadcast_id, messages in _UNCONFIRMED.rows(since=now - STILL_ASKED)]


def last_taken(host: str, modem: str) -> datetime | None:
    """The time of the last SMS of this modem that was accepted, the only proof that it can send; None for never."""
    row = _TAKEN.first(host=host, modem=modem)
    return utc_of(row[0]) if row else None


@dataclass(frozen=True, slots=True)
class LastRefusal:
    """The newest code with which a message was refused (`CMS 38`, `CME 30`, `ERROR`). `over`: one was taken since."""

    code: str
    at: datetime
    over: bool


def last_refusal(host: str, modem: str, now: datetime) -> LastRefusal | None:
    """The newest refusal of this modem in the last day; None for none."""
    recent = (Attempt.modem == modem) & (Attempt.host == host) & (Attempt.ended_at > now - REFUSALS_TOLD)
    refused = Attempt.outcome.in_(("retry", "failed")) & fn.SUBSTR(Attempt.reason, 1, 3).in_(("CMS", "CME", "ERR"))
    rows = Attempt.select(Attempt.reason, Attempt.ended_at).where(recent, refused)
    row = rows.order_by(Attempt.ended_at.desc()).first()
    if row is None:
        return None
    taken = last_taken(host, modem)
    return LastRefusal(row.reason, row.ended_at, taken is not None and taken > row.ended_at)


@dataclass(frozen=True, slots=True)
class StandingRefusal:
    """A CMS code with which messages were refused since one was taken: how often, and when for the last time."""

    code: int
    times: int
    at: datetime


def standing_refusals(host: str, modem: str, now: datetime) -> list[StandingRefusal]:
    """Those of this modem in the last day, by code."""
    since = max(filter(None, (now - REFUSALS_TOLD, last_taken(host, modem))))
    rows = (
        Attempt.select(Attempt.reason, fn.COUNT(Attempt.id), fn.MAX(Attempt.ended_at))
        .where(Attempt.modem == modem, Attempt.host == host, Attempt.ended_at > since)
        .where(Attempt.outcome.in_(("retry", "failed")), Attempt.reason.startswith("CMS "))
        .group_by(Attempt.reason)
    )
    parsed = [(reason.removeprefix("CMS "), times, utc_of(at)) for reason, times, at in tuples(rows)]
    refusals = [StandingRefusal(int(code), times, at) for code, times, at in parsed if code.isdecimal()]
    return sorted(refusals, key=lambda refusal: refusal.code)


def ordered_since(when: datetime) -> int:
    """Number of broadcasts that people ordered since `when`."""
    people = Broadcast.kind.not_in(AUTOMATIC) & (Broadcast.stage != Stage.CANCELLED)
    return int(Broadcast.select().where(Broadcast.created_at > when, people).count())


def mail_overdue_since(now: datetime, within: timedelta) -> datetime | None:
    """Since when a mail is due that nobody sends, where that is longer than `within`; None for none."""
    due = Mail.select(fn.MIN(Mail.next_at)).where(Mail.state == MailState.QUEUED, Mail.next_at < now - within)
    return due.scalar() or None


def mail_day(when: datetime) -> tuple[int, int, int]:
    """Numbers of mails accepted since `when`, refused or not delivered since, and waiting now."""
    rows = Mail.select(Mail.state, fn.COUNT(Mail.id)).where(Mail.changed_at > when).group_by(Mail.state)
    counts: dict[Any, int] = dict(tuples(rows))
    waiting = Mail.select().where(Mail.state.in_([MailState.QUEUED, MailState.SENDING])).count()
    troubled = sum(counts.get(state, 0) for state in (MailState.REFUSED, MailState.EXPIRED, MailState.BOUNCED))
    return counts.get(MailState.ACCEPTED, 0), troubled, int(waiting)
