"""An alarm to the duty phone: one message that nobody ordered, to the one number that config.ini names."""

from datetime import datetime, timedelta

from peewee import IntegrityError

from db.alerts.orders.earlier import visible_order
from db.alerts.orders.enqueue import enqueue_broadcast
from db.alerts.orders.orders import require_possible
from db.alerts.values import Composed, Order
from db.models.broadcasts import Broadcast
from db.people.audience import Audience, Recipient
from plp.rules.numbers import parse_mobile
from plp.rules.refusals import Refusal

# Whoever is on duty reads it now or not at all.
VALIDITY = timedelta(hours=4)


def place_alarm(number: str, composed: Composed, key: str, now: datetime) -> int:
    """Order one message to the duty phone; the broadcast's id, the same for the same key. Raises NotReady, Refusal.

    `number` may belong to no member and no user: the caller takes it from `[sending] duty_phone`, never from elsewhere.
    """
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Une alarme est un seul SMS vers un gsm belge.")
    earlier = visible_order(key, now)
    if earlier is not None:
        return int(earlier.id)
    require_possible(composed, now)
    order = Order(Audience(numbers=(number,)), "alarm", "normal", "plp", idempotency_key=key)
    person = Recipient(number, None)
    try:
        return int(enqueue_broadcast(order, composed, [person], now, VALIDITY, timedelta(0), lambda: None).id)
    except IntegrityError:
        # Another host was first with this key.
        found = visible_order(key, now)
        if found is None:
            raise
        return int(found.id)


def alarms_since(when: datetime) -> int:
    """Number of alarms sent to the duty phone since `when`."""
    return int(Broadcast.select().where(Broadcast.kind == "alarm", Broadcast.created_at > when).count())
