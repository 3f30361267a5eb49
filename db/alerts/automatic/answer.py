"""An answer to a text that came in: one message, to the number that wrote it and to no other."""

from datetime import datetime, timedelta

from peewee import IntegrityError

from db.alerts.orders.earlier import visible_order
from db.alerts.orders.enqueue import enqueue_broadcast
from db.alerts.orders.orders import require_possible
from db.alerts.values import Composed, Order
from db.engine.base import tuples
from db.models.broadcasts import Broadcast
from db.models.modem_records import InboundMessage
from db.models.people import Member
from db.people.audience import Audience, Recipient
from plp.rules.numbers import parse_mobile
from plp.rules.sentences import CodedRefusal

# Who answers automatically.
MACHINE = "plp"


def place_answer(
    inbound_id: int, composed: Composed, key: str, validity: timedelta, now: datetime, by: str = MACHINE
) -> int:
    """Queue the answer in the normal lane; the broadcast's id, the same for the same key. Raises NotReady, Refusal.

    The number may belong to no member, or to one who wants no alerts any more: they wrote to us, and are told once.
    """
    earlier = visible_order(key, now)
    if earlier is not None:
        return int(earlier.id)
    person = _writer(inbound_id)
    require_possible(composed, now)
    order = Order(Audience(numbers=(person.msisdn,)), "answer", "normal", by, idempotency_key=key)
    try:
        return int(enqueue_broadcast(order, composed, [person], now, validity, timedelta(0), lambda: None).id)
    except IntegrityError:
        # Another host was first with this key.
        found: Broadcast | None = visible_order(key, now)
        if found is None:
            raise
        return int(found.id)


def _writer(inbound_id: int) -> Recipient:
    text = InboundMessage.get_or_none(InboundMessage.id == inbound_id)
    if text is None:
        raise CodedRefusal("reply_gone")
    if parse_mobile(text.sender) != text.sender:
        raise CodedRefusal("reply_not_mobile")
    query = Member.select(Member.id, Member.language).where(Member.mobile == text.sender).order_by(Member.id).limit(1)
    found = tuples(query)
    return Recipient(text.sender, *found[0]) if found else Recipient(text.sender, None)
