"""Messages whose SIM went away after some parts; a person decides (docs/reference/modem-facts.md, "One message, one
SIM").
"""

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from peewee import Case, fn

from db.engine.base import tuples
from db.models.broadcasts import Broadcast, Message, Part
from db.models.zone import Modem
from db.modems.readiness import live_hosts
from db.modems.sims import LOST_AFTER, may_take
from plp.rules.states import PartState, Stage

_WENT_OUT = (PartState.SENT, PartState.DELIVERED, PartState.UNDELIVERED, PartState.UNCONFIRMED)


def _can_go_on(now: datetime) -> Any:
    """Condition that a modem of any host, ready now, may send the rest of the message."""
    ready = Modem.select(Modem.imsi, Modem.host, Modem.name).where(
        Modem.host.in_(live_hosts(now)), Modem.state == "ready", Modem.imsi.is_null(False)
    )
    ways = [may_take(imsi, f"{host}/{name}", now - LOST_AFTER) for imsi, host, name in tuples(ready)]
    return reduce(or_, ways, Message.imsi.is_null())


def incomplete_messages(broadcast_id: int, now: datetime, among: Collection[int] | None = None) -> list[int]:
    """Ids of messages, of `among` if given, partly out, partly waiting, and whose SIM has been away for a while."""
    if not Broadcast.select().where(Broadcast.id == broadcast_id, Broadcast.stage == Stage.QUEUED).exists():
        return []
    query = (
        Part.select(Part.message)
        .join(Message)
        .where(Part.broadcast == broadcast_id, ~_can_go_on(now))
        .group_by(Part.message)
        .having(
            _some(PartState.QUEUED)
            & _some(*_WENT_OUT)
            & ~_some(PartState.SENDING)
            & (fn.MAX(Part.changed_at) <= Part.changed_at.db_value(now - LOST_AFTER))
        )
        .order_by(Part.message)
    )
    if among is not None:
        query = query.where(Part.message.in_(among))
    return [row[0] for row in tuples(query)]


def _some(*states: PartState) -> Any:
    """True of a group with at least one part in these states."""
    return fn.SUM(Case(None, [(Part.state.in_(states), 1)], 0)) > 0
