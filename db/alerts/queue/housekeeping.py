"""Changes of broadcasts with time: undo seconds end, deadlines pass, the last part leaves the queue."""

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.engine.cached_queries import Prepared, given
from db.engine.connection import change_in_chunks, delete_in_chunks, locked, take_turn, writing
from db.models.broadcasts import Broadcast, Message, Part
from rules.states import Cause, PartState, Stage, sources

# Longer than any enqueue takes.
PREPARING_AT_MOST = timedelta(minutes=5)
# Asked twice a second for ever, nearly always in vain: their making was half of what an idle daemon cost.
_ANY_DUE = Prepared(lambda: Broadcast.select(SQL("1")).where(_due(given("now"))).limit(1))
_ANY_LATE = Prepared(lambda: Part.select(SQL("1")).where(_late(given("now"))).limit(1))
_ANY_CUT_SHORT = Prepared(lambda: Broadcast.select(SQL("1")).where(_cut_short(given("since"))).limit(1))
_ANY_DONE = Prepared(lambda: Broadcast.select(SQL("1")).where(_done()).limit(1))


def release_due(now: datetime) -> int:
    """Queue scheduled broadcasts whose undo seconds are over. Returns how many."""
    if not _ANY_DUE.first(now=now):
        return 0
    with writing():
        take_turn("housekeeping")
        return int(Broadcast.update(stage=Stage.QUEUED).where(_due(now)).execute())


def expire_due(now: datetime) -> int:
    """Expire queued parts whose deadline has passed. Returns how many."""
    if not _ANY_LATE.first(now=now):
        return 0

    def expire(ids: list[int]) -> int:
        take_turn("housekeeping")
        late = Part.update(state=PartState.EXPIRED, changed_at=now, reason="deadline")
        return int(late.where(Part.id.in_(ids), _late(now)).execute())

    return change_in_chunks(Part.select(Part.id).where(_late(now)), expire)


def delete_cut_short(now: datetime) -> int:
    """Delete broadcasts that a crash left preparing; they were never visible. Returns how many."""
    since = now - PREPARING_AT_MOST
    if not _ANY_CUT_SHORT.first(since=since):
        return 0
    return delete_preparing(_cut_short(since))


def delete_preparing(condition: Any) -> int:
    """Delete broadcasts that are not visible yet, with up to 100,000 messages. Call it outside transactions."""
    preparing = condition & (Broadcast.stage == Stage.PREPARING)
    with writing():
        take_turn("housekeeping")
        # Whoever still writes one finds at the end that its mark is gone, and does not show it without these people.
        Broadcast.update(fingerprint="", idempotency_key=None).where(preparing).execute()
    going = Broadcast.select(Broadcast.id).where(preparing, Broadcast.fingerprint == "")
    delete_in_chunks(Message, Message.broadcast.in_(going))
    with writing():
        return int(Broadcast.delete().where(preparing, Broadcast.fingerprint == "").execute())


def close_done() -> int:
    """Finish broadcasts without open parts, so that claims skip them; their state is derived from the parts."""
    if not _ANY_DONE.first():
        return 0
    with writing():
        take_turn("housekeeping")
        # Looked at once more when nobody can change them: a resend that was not committed may have put parts back.
        held = [row.id for row in locked(Broadcast.select(Broadcast.id).where(_done()).order_by(Broadcast.id))]
        return int(Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id.in_(held or [0]), _done()).execute())


def _due(now: Any) -> Any:
    return (Broadcast.stage == Stage.SCHEDULED) & (Broadcast.release_at <= now)


def _late(now: Any) -> Any:
    late = Broadcast.select(Broadcast.id).where(
        Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.HELD]), Broadcast.deadline_at <= now
    )
    return Part.broadcast.in_(late) & Part.state.in_(sources(PartState.EXPIRED, Cause.POLICY))


def _cut_short(since: Any) -> Any:
    return (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < since)


def _done() -> Any:
    left = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    return Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.HELD]) & ~fn.EXISTS(left)
