"""Facts for the report of one alert besides its progress: thread, times, neighbourhoods, and journal entries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, Case, fn

from db.alerts.progress.counts import worst_parts
from db.alerts.progress.threads import follows
from db.engine.cached_queries import Prepared, given, utc_of
from db.journal.audit import Entry, entries_about
from db.models.broadcasts import BroadcastThread, Message, Part
from db.models.people import Member, Neighbourhood
from plp.rules.states import WORST_FIRST, PartState

_ABOUT_BROADCASTS = ("broadcast_", "approval_")


@dataclass(frozen=True, slots=True)
class Times:
    """Times at which the network took the first and the last SMS, and at which the last was reported delivered."""

    first_sent_at: datetime | None
    last_sent_at: datetime | None
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """People of one neighbourhood (empty: in no list any more): delivered, `taken` or perhaps so, and not arrived."""

    name: str
    people: int
    delivered: int
    taken: int
    not_arrived: int


_TAKEN = (PartState.SENT, PartState.UNCONFIRMED, PartState.SENDING, PartState.QUEUED)


def family(broadcast_id: int) -> list[int]:
    """The alert, its corrections and its end, whichever of them is asked about: the oldest first."""
    root = broadcast_id
    while (above := follows(root)) is not None:
        root = above
    found, waiting = [root], [root]
    while waiting:
        waiting = [number for (number,) in _BELOW.rows(ids=waiting)]
        found += waiting
    return sorted(found)


_BELOW = Prepared(
    lambda ids: BroadcastThread.select(BroadcastThread.broadcast).where(BroadcastThread.original.in_(ids))
)


def times(broadcast_id: int) -> Times:
    """The times of a broadcast that the network told."""
    (row,) = _TIMES.rows(broadcast=broadcast_id)
    return Times(*(None if at is None else utc_of(at) for at in row))


_TIMES = Prepared(
    Part.select(
        fn.MIN(Part.sent_at),
        fn.MAX(Part.sent_at),
        fn.MAX(Case(None, [(Part.state == PartState.DELIVERED, Part.changed_at)])),
    ).where(Part.broadcast == given("broadcast"))
)


def by_neighbourhood(broadcast_id: int) -> list[PlaceCount]:
    """Counts by the neighbourhood where the recipients live now, in the order of the neighbourhoods."""
    counts: dict[str, Counter[PartState]] = {}
    for name, rank, number in _PLACES.rows(broadcast=broadcast_id):
        counts.setdefault(name, Counter())[WORST_FIRST[rank]] += number
    return [_place(name, states) for name, states in counts.items()]


def _by_place() -> Any:
    worst = worst_parts([given("broadcast")])
    return (
        Message.select(fn.COALESCE(Neighbourhood.name, ""), worst.c.rank, fn.COUNT(Message.id))
        .join(worst, on=(worst.c.message_id == Message.id))
        .switch(Message)
        .join(Member, JOIN.LEFT_OUTER)
        .join(Neighbourhood, JOIN.LEFT_OUTER)
        .where(Message.broadcast == given("broadcast"))
        .group_by(Neighbourhood.name, Neighbourhood.position, worst.c.rank)
        .order_by(Neighbourhood.position, Neighbourhood.name)
    )


_PLACES = Prepared(_by_place)


def deeds_about(broadcast_id: int) -> list[Entry]:
    """Journal entries about this broadcast, oldest first."""
    return [entry for entry in entries_about(str(broadcast_id)) if entry.action.startswith(_ABOUT_BROADCASTS)]


def left_out(broadcast_id: int) -> int:
    """Number of people who had no mobile when it was ordered; 0 for a correction or an end."""
    ordered = (entry for entry in entries_about(str(broadcast_id)) if entry.action == "broadcast_ordered")
    found = next((entry.detail.get("without_mobile") for entry in ordered), None)
    return found if isinstance(found, int) else 0


def _place(name: str, states: Counter[PartState]) -> PlaceCount:
    people, delivered = states.total(), states[PartState.DELIVERED]
    taken = sum(states[state] for state in _TAKEN)
    return PlaceCount(name, people, delivered, taken, people - delivered - taken)
