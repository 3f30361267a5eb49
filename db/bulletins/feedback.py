"""Bulletins about an alert: its feedback, which is owed, and its longer version."""

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.bulletins.values import OwedFeedback
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, BroadcastText, Part
from db.models.bulletins import Bulletin
from plp.rules.states import PartState, Stage

# Older alerts are history: nobody is reminded of what happened last winter.
OWED_FOR = timedelta(days=30)
_OVER = (Stage.FINISHED, Stage.CANCELLED)
_ARRIVED = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.UNDELIVERED)


def feedback_given(broadcast_id: int, category: str = "feedback") -> tuple[int, datetime] | None:
    """The first feedback on this alert (or longer version of it): the bulletin's id, and when it was sent; None where
    there is none yet.
    """
    row = _given(category).where(Bulletin.alert == broadcast_id).order_by(Bulletin.sent_at).first()
    return None if row is None else (int(row.id), row.sent_at)


def feedback_owed(now: datetime) -> list[OwedFeedback]:
    """Alerts of the last 30 days that are over, reached somebody, and have no feedback yet; the oldest first."""
    # An alert in several languages has a text for each: the first stands for all.
    found: dict[int, OwedFeedback] = {}
    for broadcast_id, text, created_at in _OWED.found(since=now - OWED_FOR):
        found.setdefault(broadcast_id, OwedFeedback(broadcast_id, text, created_at))
    return list(found.values())


_OWED = Prepared(
    lambda: (
        Broadcast.select(Broadcast.id, BroadcastText.body, Broadcast.created_at)
        .join(BroadcastText)
        .where(Broadcast.kind == "alert", Broadcast.created_at > given("since"), Broadcast.stage.in_(_OVER))
        .where(fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(_ARRIVED))))
        .where(Broadcast.id.not_in(_given("feedback").select(Bulletin.alert)))
        .order_by(Broadcast.created_at, Broadcast.id, BroadcastText.id)
        .tuples()
    )
)


def _given(category: str) -> Any:
    return Bulletin.select().where(
        Bulletin.category == category, Bulletin.sent_at.is_null(False), Bulletin.alert.is_null(False)
    )
