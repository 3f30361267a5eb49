"""A message and the SIM, in its modem, that the first claim bound it to; and what a modem gives back of it."""

from datetime import datetime

from db.engine.connection import locked
from db.models.broadcasts import Broadcast, Message, Part
from plp.rules.states import OF_ONE_SIM, Cause, PartState, Stage, sources


def apply_return(message_id: int, part_id: int, now: datetime) -> None:
    """A part came back (caller's transaction): free its message for another SIM, or cancel it with its broadcast."""
    others = Part.select().where(Part.message == message_id, Part.state != PartState.QUEUED)
    if not others.exists():
        _unbind(message_id)
    cancel_when_stopped(part_id, now)


def _unbind(message_id: int) -> None:
    """Any SIM may take it. A self-test or a proof stays with the SIM that it tests."""
    tests = Broadcast.select(Broadcast.id).where(Broadcast.kind.in_(OF_ONE_SIM))
    Message.update(imsi=None, modem=None).where(Message.id == message_id, Message.broadcast.not_in(tests)).execute()


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
