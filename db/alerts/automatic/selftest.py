"""A modem's self-test or proof of life: one message that only its own SIM may send, and its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.alerts.orders.earlier import visible_order
from db.alerts.orders.enqueue import enqueue_broadcast
from db.alerts.values import Composed, Order
from db.models.broadcasts import Broadcast, Part
from db.people.audience import Audience, Recipient
from plp.rules.numbers import parse_mobile
from plp.rules.refusals import Refusal
from plp.rules.states import PartState

VALIDITY = timedelta(hours=1)  # of a test: docs/reference/modem-facts.md, "Validity, references, class"


@dataclass(frozen=True, slots=True)
class SelfTest:
    """`state` is the part's; `changed_at` is since when. `reason` is the network's code, as it is stored."""

    state: str
    reason: str
    sent_at: datetime | None
    changed_at: datetime
    simulated: bool


def place_selftest(
    number: str,
    imsi: str,
    composed: Composed,
    by: str,
    now: datetime,
    seat: str | None = None,
    kind: Literal["selftest", "proof"] = "selftest",
    key: str | None = None,
) -> int:
    """Order one message from the SIM `imsi` in the modem `seat` to `number`; returns the broadcast's id, the same for
    the same key.

    `number` is one of our SIMs' or the duty phone's. It is the one number that may belong to no member and no user, so
    nothing but these can be ordered here: the caller takes it from config.ini, never from what somebody typed.
    """
    if parse_mobile(number) != number or len(composed.segments) != 1:
        raise Refusal("Un essai est un seul SMS vers un gsm belge.")
    earlier = visible_order(key, now)
    if earlier is not None:
        return int(earlier.id)
    order = Order(Audience(numbers=(number,)), kind, "normal", by, idempotency_key=key, imsi=imsi, seat=seat)
    person = Recipient(number, None)
    return int(enqueue_broadcast(order, composed, [person], now, VALIDITY, timedelta(0), lambda: None).id)


def selftest_outcome(broadcast_id: int) -> SelfTest | None:
    """The self-test with this id; None when there is none."""
    part = Part.select().join(Broadcast).where(Part.broadcast == broadcast_id, Broadcast.kind == "selftest").first()
    if part is None:
        return None
    reason = part.reason if part.state is not PartState.SENT else ""
    return SelfTest(part.state.value, reason, part.sent_at, part.changed_at, part.simulated)
