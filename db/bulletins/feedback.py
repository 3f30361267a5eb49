"""Bulletins about an alert: its feedback, which is due; and its longer version by mail, if the zone enables it, once
per alert, to its people.
"""

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.alerts.incidents.left_out import members_for
from db.alerts.progress.threads import somebody_has_it
from db.alerts.progress.told import has_told
from db.bulletins.values import Correspondent, OwedFeedback
from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Broadcast, BroadcastText, Part
from db.models.bulletins import Bulletin
from db.models.people import Member
from db.models.policy import ZonePolicy
from db.people.members.listing import agrees_to
from rules.states import PartState, Stage

# Older alerts are history: nobody is reminded of what happened last winter.
OWED_FOR = timedelta(days=30)
_OVER = (Stage.FINISHED, Stage.CANCELLED)
_ARRIVED = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.UNDELIVERED)
_OWED = Prepared(
    lambda: (
        Broadcast.select(Broadcast.id, BroadcastText.body, Broadcast.created_at)
        .join(BroadcastText)
        .where(Broadcast.kind == "alert", Broadcast.created_at > given("since"), Broadcast.stage.in_(_OVER))
        .where(
            fn.EXISTS(Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(_ARRIVED)))
            | has_told(Broadcast.id)
        )
        .where(Broadcast.id.not_in(_given("feedback").select(Bulletin.alert)))
        .order_by(Broadcast.created_at, Broadcast.id, BroadcastText.id)
        .tuples()
    )
)


def feedback_given(broadcast_id: int, category: str = "feedback") -> tuple[int, datetime] | None:
    """The first feedback on this alert (or longer version of it): the bulletin's id, and when it was sent; None where
    none was sent yet.
    """
    row = _given(category).where(Bulletin.alert == broadcast_id).order_by(Bulletin.sent_at).first()
    return None if row is None else (int(row.id), row.sent_at)


def feedback_owed(now: datetime) -> list[OwedFeedback]:
    """Alerts of the last 30 days that are over, reached somebody, and have no feedback yet; the oldest first."""
    # Of an alert in several languages the first text stands for all.
    owed: dict[int, OwedFeedback] = {}
    for broadcast_id, text, created_at in _OWED.results(since=now - OWED_FOR):
        owed.setdefault(broadcast_id, OwedFeedback(broadcast_id, text, created_at))
    return list(owed.values())


def _given(category: str) -> Any:
    return Bulletin.select().where(
        Bulletin.category == category, Bulletin.sent_at.is_null(False), Bulletin.alert.is_null(False)
    )


def longer_wanted() -> bool:
    """True where the zone sends longer versions of its alerts."""
    return bool(ZonePolicy.select().where(ZonePolicy.longer_alerts).exists())


def kind_of(broadcast_id: int) -> str:
    """The kind of a broadcast; empty for an unknown id."""
    row = Broadcast.select(Broadcast.kind).where(Broadcast.id == broadcast_id).first()
    return "" if row is None else str(row.kind)


def has_reached(broadcast_id: int) -> bool:
    """True when somebody may have it, by any road."""
    return bool(Broadcast.select().where(Broadcast.id == broadcast_id, somebody_has_it()).exists())


def people_of(alert_id: int) -> tuple[Correspondent, ...]:
    """The people of the alert who gave an address and did not refuse alerts, every address once, by language."""
    rows = members_for(alert_id)
    if rows is None:
        return ()
    willing = Member.mobile.is_null() | agrees_to("sms") | agrees_to("mail_group")
    first_of_address: dict[str, Member] = {}
    for row in rows.where(Member.email != "", willing).order_by(Member.language, Member.id):
        first_of_address.setdefault(str(row.email).casefold(), row)
    return tuple(
        Correspondent(None, row.neighbourhood.name, row.id, row.full_name, str(row.email), row.language)
        for row in first_of_address.values()
    )
