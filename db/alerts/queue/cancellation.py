"""Parts that a modem gives back to a broadcast that was stopped end at once."""

from datetime import datetime

from db.engine.connection import locked
from db.models.broadcasts import Broadcast, Part
from plp.rules.states import Cause, PartState, Stage, sources


def cancel_when_stopped(part_id: int, now: datetime) -> None:
    """Cancel a part that a modem gave back to a cancelled broadcast, where it would wait for ever. In a transaction."""
    # A cancel that is not committed yet holds the row: wait for it, and see it.
    own = Part.select(Part.broadcast).where(Part.id == part_id)
    list(locked(Broadcast.select(Broadcast.id).where(Broadcast.id.in_(own)), "FOR SHARE"))
    stopped = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.CANCELLED)
    Part.update(state=PartState.CANCELLED, changed_at=now, reason="stopped").where(
        Part.id == part_id,
        Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY)),
        Part.broadcast.in_(stopped),
    ).execute()
