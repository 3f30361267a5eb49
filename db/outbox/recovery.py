"""After a crash or a restart: what is certain goes on, what is not is said, what is stale waits for a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db import audit
from db.connection import writing
from db.models import LANE_URGENT, Attempt, Broadcast, Part
from db.outbox.binding import unbind
from db.states import Cause, Stage, sources
from db.states import Part as PartState
from db.withdrawal import cancel_when_stopped


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a start found: parts back in the queue, parts now unconfirmed, broadcasts held."""

    requeued: int
    unconfirmed: int
    held: int


def recover(now: datetime, stale_after: timedelta) -> Recovered:
    """Take over what the daemon before left behind: the lock beside the database means that every attempt is dead.

    Not by host name: a box that was renamed would leave its parts SENDING for ever.
    """
    with writing():
        requeued, unconfirmed = _take_back(_open_attempts(), now)
        held = _hold_stale(now, stale_after)
    return Recovered(requeued, unconfirmed, held)


def take_back_expired(now: datetime) -> int:
    """A claim that outlived its lease fell out of its worker's hands: the same two rules. Returns how many."""
    expired = _open_attempts().where(Attempt.lease_until <= now)
    if not expired.exists():
        return 0
    with writing():
        return sum(_take_back(expired, now))


def _open_attempts() -> Any:
    return Attempt.select().where(Attempt.outcome == "open")


def _take_back(attempts: Any, now: datetime) -> tuple[int, int]:
    """What never reached the prompt goes back to the queue; what may have gone out is unconfirmed."""
    requeued = unconfirmed = 0
    for attempt in list(attempts):
        if attempt.pdu_started_at is None:
            requeued += _back_to_queue(attempt, now)
        else:
            unconfirmed += _to_unconfirmed(attempt, now)
    return requeued, unconfirmed


def _back_to_queue(attempt: Attempt, now: datetime) -> int:
    Attempt.update(outcome="released", ended_at=now, reason="restart").where(Attempt.id == attempt.id).execute()
    moved = Part.update(state=PartState.QUEUED, changed_at=now, reason="").where(
        Part.id == attempt.part_id, Part.state.in_(sources(PartState.QUEUED, Cause.RECOVERY))
    )
    count = int(moved.execute())
    message_id = Part.get_by_id(attempt.part_id).message_id
    others = Part.select().where(Part.message == message_id, Part.state != PartState.QUEUED)
    if not others.exists():
        unbind(message_id)
    cancel_when_stopped(attempt.part_id, now)
    return count


def _to_unconfirmed(attempt: Attempt, now: datetime) -> int:
    Attempt.update(outcome="unconfirmed", ended_at=now, reason="restart").where(Attempt.id == attempt.id).execute()
    moved = Part.update(state=PartState.UNCONFIRMED, changed_at=now, reason="restart").where(
        Part.id == attempt.part_id, Part.state.in_(sources(PartState.UNCONFIRMED, Cause.RECOVERY))
    )
    return int(moved.execute())


def _hold_stale(now: datetime, stale_after: timedelta) -> int:
    """Urgent work that an outage made old: 100 alerts about last night's burglary help nobody. A person decides."""
    stale = Broadcast.select().where(
        Broadcast.stage.in_([Stage.QUEUED, Stage.SCHEDULED]),
        Broadcast.lane == LANE_URGENT,
        fn.COALESCE(Broadcast.release_at, Broadcast.created_at) < Broadcast.created_at.db_value(now - stale_after),
    )
    held = 0
    for broadcast in stale:
        waiting = Part.select().where(Part.broadcast == broadcast.id, Part.state == PartState.QUEUED)
        if waiting.exists():
            Broadcast.update(stage=Stage.HELD).where(Broadcast.id == broadcast.id).execute()
            audit.record(now, "plp", "broadcast_held", str(broadcast.id))
            held += 1
    return held
