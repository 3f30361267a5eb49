"""Cancelling of a stopped broadcast's mails, and of its parts in short transactions. Its stage is changed first, so
that no modem claims any more of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.alerts.progress.told import are_about
from db.engine.cached_queries import Prepared, given
from db.engine.connection import Pace
from db.mail.readers import move_mails
from db.models.broadcasts import Broadcast, Part
from rules.mail import MailCause, MailState
from rules.states import Cause, PartState, Stage, sources

# Whoever stopped it is at it still while parts change; after a minute in which none did, it was cut short.
CUT_SHORT_AFTER = timedelta(minutes=1)
# Asked every two seconds for ever; the stage is written out, so that SQLite sees that the partial index serves.
_LEFT_BEHIND = Prepared(
    Broadcast.select(Broadcast.id).where(
        Broadcast.stage == SQL("'cancelled'"),
        fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)),
        ~fn.EXISTS(
            Part.select().where(
                Part.broadcast == Broadcast.id,
                Part.state == PartState.CANCELLED,
                Part.changed_at > given("since"),
            )
        ),
    )
)


def cancel_parts(broadcast_id: int, reason: str, cause: Cause, now: datetime) -> int:
    """Cancel what waits of a cancelled broadcast; returns how many messages. `finish_stops` mends a crash."""
    messages: set[int] = set()
    stopped = Broadcast.select().where(Broadcast.id == broadcast_id, Broadcast.stage == Stage.CANCELLED)
    waiting = _waiting(broadcast_id).where(fn.EXISTS(stopped))
    cancelling = Part.update(state=PartState.CANCELLED, changed_at=now, reason=reason).returning(Part.message)
    pace = Pace()
    while True:
        with pace.transaction():
            some = Part.id.in_(waiting.limit(pace.size)), Part.state.in_(sources(PartState.CANCELLED, cause))
            cancelled = [row.message_id for row in cancelling.where(*some).execute()]
        if not cancelled:
            return len(messages)
        messages.update(cancelled)


def cancel_mails(broadcast_ids: Collection[int], now: datetime) -> None:
    """Cancel the mails about these that no server has, inside the caller's transaction."""
    move_mails(are_about(broadcast_ids), MailState.CANCELLED, MailCause.PERSON, "stopped", now)


def is_being_stopped(broadcast: Broadcast) -> bool:
    """True while parts of a cancelled broadcast are still to be cancelled."""
    return broadcast.stage is Stage.CANCELLED and _waiting(broadcast.id).exists()


def finish_stops(now: datetime) -> int:
    """Cancel what was left behind by a crash between a stop and its parts. Returns how many broadcasts had some."""
    left = [int(row[0]) for row in _LEFT_BEHIND.rows(since=now - CUT_SHORT_AFTER)]
    for broadcast_id in left:
        cancel_parts(broadcast_id, "stopped", Cause.POLICY, now)
    return len(left)


def _waiting(broadcast_id: int) -> Any:
    return Part.select(Part.id).where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)
