"""Voice calls that a modem is to make: taken by one, once, whatever ends its process."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.engine.base import tuples
from db.engine.connection import writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Message, Part
from db.models.incidents import Summons, SummonsCall
from db.operations.waking.values import ON_ITS_WAY
from plp.rules.people import MACHINE

# Later the next person is called.
WANTED_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RingOrder:
    """The telephone `msisdn` of `name` is to ring, for this call."""

    id: int
    name: str
    msisdn: str


def take_ring(now: datetime) -> RingOrder | None:
    """A call whose SMS is out and whose telephone did not ring yet, now this modem's; None for none."""
    waiting = (
        SummonsCall.select(SummonsCall.id, SummonsCall.name, Account.mobile)
        .join(Summons)
        .join_from(SummonsCall, Account)
        .join_from(SummonsCall, Message, on=(Message.broadcast == SummonsCall.broadcast))
        .join(Part, on=(Part.message == Message.id))
        .where(SummonsCall.ring == "wanted", SummonsCall.outcome == "", SummonsCall.called_at > now - WANTED_FOR)
        .where(Summons.ended_at.is_null(), Account.active, Account.mobile.is_null(False))
        .where(Part.state.not_in(ON_ITS_WAY))
        .order_by(SummonsCall.id)
        .limit(1)
    )
    found = tuples(waiting)
    if not found:
        return None
    order = RingOrder(*found[0])
    with writing():
        mine = SummonsCall.update(ring="ringing").where(SummonsCall.id == order.id, SummonsCall.ring == "wanted")
        return order if mine.execute() else None


def is_awaited(order: RingOrder) -> bool:
    """True while nobody answered, and the next person was not called yet."""
    lasting = SummonsCall.select().join(Summons).where(SummonsCall.id == order.id, SummonsCall.outcome == "")
    return bool(lasting.where(Summons.ended_at.is_null()).exists())


def return_ring(order: RingOrder) -> None:
    """This modem cannot call: another one may."""
    with writing():
        SummonsCall.update(ring="wanted").where(SummonsCall.id == order.id).execute()


def keep_ring(order: RingOrder, told: str, now: datetime) -> None:
    """Keep how the voice call ended, for the pages and the journal."""
    with writing():
        SummonsCall.update(ring=told).where(SummonsCall.id == order.id).execute()
        audit.record(now, MACHINE, "summons_rung", order.name, ring=told)
