"""Cancelling of what is queued to somebody who wants no SMS any more."""

from datetime import datetime

from db.models.broadcasts import Message, Part
from plp.rules.states import Cause, PartState, sources


def cancel_queued_to(msisdn: str, now: datetime) -> int:
    """Cancel every queued part to this number, inside the caller's transaction; returns how many."""
    messages = Message.select(Message.id).where(Message.msisdn == msisdn)
    return int(
        Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out")
        .where(Part.message.in_(messages), Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY)))
        .execute()
    )
