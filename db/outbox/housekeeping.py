"""What time does to broadcasts: undo seconds end, deadlines pass, the last part leaves the queue."""

from datetime import datetime, timedelta

from peewee import fn

from db.connection import writing
from db.models import Broadcast, Part
from db.states import Cause, Stage, sources
from db.states import Part as PartState

# Longer than any enqueue takes.
PREPARING_AT_MOST = timedelta(minutes=5)


def release_due(now: datetime) -> int:
    """The undo seconds of scheduled broadcasts are over: they join the queue. Returns how many did."""
    due = (Broadcast.stage == Stage.SCHEDULED) & (Broadcast.release_at <= now)
    if not Broadcast.select().where(due).exists():
        return 0
    with writing():
        return int(Broadcast.update(stage=Stage.QUEUED).where(due).execute())


def expire_due(now: datetime) -> int:
    """What is past its deadline and still queued no longer goes out. Returns how many parts."""
    late = Broadcast.select(Broadcast.id).where(
        Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.HELD]), Broadcast.deadline_at <= now
    )
    waiting = Part.broadcast.in_(late) & Part.state.in_(sources(PartState.EXPIRED, Cause.POLICY))
    if not Part.select().where(waiting).exists():
        return 0
    with writing():
        return int(Part.update(state=PartState.EXPIRED, changed_at=now, reason="deadline").where(waiting).execute())


def delete_cut_short(now: datetime) -> int:
    """What a crash left preparing was never visible and goes without a trace. Returns how many broadcasts."""
    cut_short = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < now - PREPARING_AT_MOST)
    if not Broadcast.select().where(cut_short).exists():
        return 0
    with writing():
        return int(Broadcast.delete().where(cut_short).execute())


def close_done() -> int:
    """Out of the open ones, so that claims need not look at them; the state people see is derived from the parts."""
    left = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    done = (Broadcast.stage.in_([Stage.QUEUED, Stage.PAUSED, Stage.HELD])) & ~fn.EXISTS(left)
    if not Broadcast.select().where(done).exists():
        return 0
    with writing():
        return int(Broadcast.update(stage=Stage.FINISHED).where(done).execute())
