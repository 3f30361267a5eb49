"""What ends at once: parts to a number whose owner leaves, parts that come back to a broadcast that was stopped."""

from datetime import datetime

from db.connection import locked
from db.models import Broadcast, Message, Part
from db.states import Cause, Stage, sources
from db.states import Part as PartState


def cancel_queued_to(msisdn: str, now: datetime) -> int:
    """Cancel every queued part to this number, inside the caller's transaction; returns how many."""
    messages = Message.select(Message.id).where(Message.msisdn == msisdn)
    return int(
        Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out")
        .where(Part.message.in_(messages), Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY)))
        .execute()
    )


def cancel_when_stopped(part_id: int, now: datetime) -> None:
    """A part that a modem gives back to a cancelled broadcast would wait there for ever; inside a transaction."""
    # A cancel that is not committed yet holds the row: wait for it, and see it.
    own = Part.select(Part.broadcast).where(Part.id == part_id)
    list(locked(Broadcast.select(Broadcast.id).where(Broadcast.id.in_(own)), "FOR SHARE"))
    stopped = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.CANCELLED)
    Part.update(state=PartState.CANCELLED, changed_at=now, reason="stopped").where(
        Part.id == part_id,
        Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY)),
        Part.broadcast.in_(stopped),
    ).execute()
