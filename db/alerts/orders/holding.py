"""Broadcasts held because phones may have more of them than the database knows: `hold_reason` is `restored` (it is
older than what this machine has sent), `unknown` (the note of that is missing) or `damaged` (its end is lost).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from db.alerts.queue.recovery import move_parts
from db.journal import audit
from db.models.broadcasts import Broadcast, Part
from rules.orders.agreement import WITHOUT_AGREEMENT
from rules.states import AUTOMATIC, MAY_BE_THERE, Cause, PartState, Stage

_WAITING = (Stage.QUEUED, Stage.SCHEDULED, Stage.PAUSED, Stage.HELD)
# What would go out by itself.
HOLDABLE = (Stage.QUEUED, Stage.SCHEDULED)


@dataclass(frozen=True, slots=True)
class HoldCard:
    """Reason of a hold, and numbers of waiting messages that a phone may have, and that it certainly has not."""

    reason: str
    may_have: int
    nothing: int
    reach: int | None

    def covers(self, message_id: int) -> bool:
        """True when a phone may have this message, if it waits."""
        return self.reach is None or message_id <= self.reach


def hold_waiting(
    reason: str, reach_of: Callable[[int], int | None], now: datetime, stages: Collection[Stage] = _WAITING
) -> int:
    """Hold what waits, in the caller's transaction; returns how many. `reach_of` gives the last message perhaps sent,
    None for unknown; without a `reason` nobody has what waits."""
    queued = Part.select(SQL("1")).where(Part.broadcast == Broadcast.id, Part.state == PartState.QUEUED)
    waiting = list(Broadcast.select().where(Broadcast.stage.in_(stages), fn.EXISTS(queued)))
    for broadcast in waiting:
        held_as = {"stage": Stage.HELD, "hold_reason": reason, "hold_reach": reach_of(broadcast.id)}
        Broadcast.update(held_as).where(Broadcast.id == broadcast.id).execute()
        audit.record(now, "plp", "broadcast_held", str(broadcast.id), cause=reason)
    return len(waiting)


def hold_of(broadcast_id: int) -> HoldCard | None:
    """The hold of a broadcast; None when it is not held, or for its age alone: then nobody has what waits."""
    hold = _hold(broadcast_id)
    if hold is None:
        return None
    waiting = _waiting_messages(broadcast_id)
    may_have = waiting.where(_up_to(hold.hold_reach)).count()
    return HoldCard(hold.hold_reason, may_have, waiting.count() - may_have, hold.hold_reach)


def doubtful_messages(broadcast_id: int) -> list[int]:
    """Ids of waiting messages that a phone may have already, in the order of sending."""
    hold = _hold(broadcast_id)
    if hold is None:
        return []
    doubtful = _waiting_messages(broadcast_id).where(_up_to(hold.hold_reach))
    return [part.message_id for part in doubtful.order_by(Part.message)]


def leave_in_doubt(broadcast_id: int, now: datetime) -> int:
    """Make what a phone may have unconfirmed, in the transaction that ends the hold; returns how many parts."""
    hold = _hold(broadcast_id)
    return 0 if hold is None else _doubt(broadcast_id, _up_to(hold.hold_reach), Cause.PERSON, now)


def doubt_unapproved(reach_of: Callable[[int], int | None], now: datetime) -> None:
    """Make what may have been sent of a broadcast that waits for a second person unconfirmed, in the caller's
    transaction: it may have been approved after the copy was made."""
    for broadcast in Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.AWAITING_APPROVAL):
        _doubt(broadcast.id, _up_to(reach_of(broadcast.id)), Cause.PERSON, now)


def doubt_stopped(reach_of: Callable[[int], int | None], now: datetime) -> None:
    """Make what was stopped unconfirmed, in the caller's transaction: after the copy was made somebody may have sent it
    again, which is possible for a day (`WITHOUT_AGREEMENT`) and, like the offer (`called_off_messages`), where somebody
    has the broadcast. What a correction stopped cannot be; what failed stays, as its people are to be called.
    """
    recent = (Broadcast.created_at > now - WITHOUT_AGREEMENT) & Broadcast.kind.not_in(AUTOMATIC)
    for broadcast in Broadcast.select(Broadcast.id).where(recent).order_by(Broadcast.id):
        reach = reach_of(broadcast.id)
        went_out = (Part.broadcast == broadcast.id) & Part.state.in_(MAY_BE_THERE)
        if reach is not None or Part.select().where(went_out).exists():
            _doubt(broadcast.id, _up_to(reach) & (Part.reason == "stopped"), Cause.RESTORE, now)


def _doubt(broadcast_id: int, which: Any, cause: Cause, now: datetime) -> int:
    doubted = (Part.broadcast == broadcast_id) & which
    return move_parts(doubted, PartState.UNCONFIRMED, cause, now, reason="perhaps_sent")


def _hold(broadcast_id: int) -> Broadcast | None:
    held = (Broadcast.id == broadcast_id) & (Broadcast.stage == Stage.HELD) & (Broadcast.hold_reason != "")
    return Broadcast.get_or_none(held)


def _waiting_messages(broadcast_id: int) -> Any:
    return Part.select(Part.message).where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED).distinct()


def _up_to(reach: int | None) -> Any:
    """A broadcast's messages are written in the order of sending, so an id shows how far it went; None: unknown."""
    return SQL("1 = 1") if reach is None else Part.message <= reach
