"""The hourly ceiling: messages that left in the last hour, may have left, or still wait."""

from datetime import datetime, timedelta
from typing import Any

from peewee import fn

from db.alerts.orders.earlier import ENQUEUE_AT_MOST
from db.alerts.values import Order
from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Part
from db.settings.values import SendingSettings
from plp.rules.broadcasts import AUTOMATIC
from plp.rules.refusals import OverLimit
from plp.rules.states import MAY_BE_THERE, PartState, Stage

HOUR = timedelta(hours=1)


def refuse_over_ceiling(order: Order, people: int, sending: SendingSettings, now: datetime) -> None:
    """Raise OverLimit when so many more would pass it and no reason is given."""
    if order.override_reason or _ordered(now) + people <= sending.hourly_ceiling:
        return
    total = _counting(now) + people
    if total > sending.hourly_ceiling:
        raise OverLimit(
            "Avec cet envoi : {total} messages en une heure ; plafond : {ceiling}. Indiquez un motif pour le dépasser.",
            total=total,
            ceiling=sending.hourly_ceiling,
        )


def _ordered(now: datetime) -> int:
    """An upper bound of the messages, from the broadcasts alone: their parts may be a hundred thousand."""
    return int(_of_the_hour(now, (fn.COALESCE(fn.SUM(Broadcast.recipients), 0),)).scalar())


def _counting(now: datetime) -> int:
    """Messages of which a part left, may have, or waits; of an order that is still being written, all."""
    preparing = Broadcast.stage == Stage.PREPARING
    # Read first and left out below: one that is finished between the two queries would else be counted in neither.
    fresh = _of_the_hour(now, (Broadcast.id, Broadcast.recipients)).where(
        preparing, Broadcast.created_at > now - ENQUEUE_AT_MOST
    )
    being_written = dict(tuples(fresh))
    written = _of_the_hour(now, (Broadcast.id,)).where(~preparing, Broadcast.id.not_in([*being_written, 0]))
    waits = (Part.state == PartState.QUEUED) & (Broadcast.stage != Stage.CANCELLED)
    there = Part.select(fn.COUNT(fn.DISTINCT(Part.message))).join(Broadcast)
    counted = there.where(Part.broadcast.in_(written), Part.state.in_(MAY_BE_THERE) | waits).scalar()
    return int(counted) + sum(being_written.values())


def _of_the_hour(now: datetime, what: tuple[Any, ...]) -> Any:
    # What a clock that is behind finds in its future is no order of this hour.
    hour = Broadcast.created_at.between(now - HOUR, now + HOUR)
    return Broadcast.select(*what).where(hour, Broadcast.kind.not_in(AUTOMATIC))
