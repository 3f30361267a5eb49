"""Facts about one alert besides its progress: thread, times, neighbourhoods, journal entries, curve."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from peewee import SQL, Case, fn

from db.alerts.progress.counts import is_taken, worst_parts
from db.alerts.progress.threads import first_of
from db.engine.cached_queries import Prepared, given, utc_of
from db.journal.audit import Entry, entries_about
from db.models.broadcasts import Broadcast, Message, Part
from db.people.members.listing import neighbourhood_names
from rules.states import WORST_FIRST, PartState

_ABOUT_BROADCASTS = ("broadcast_", "approval_")
_UNCERTAIN = (PartState.SENT, PartState.UNCONFIRMED, PartState.SENDING)
_WAITING = (PartState.QUEUED, PartState.SENDING)
_BELOW = Prepared(lambda ids: Broadcast.select(Broadcast.id).where(Broadcast.original.in_(ids)))
_DELIVERED = Case(None, [(Part.state == PartState.DELIVERED, Part.changed_at)])
_TIMES = Prepared(
    Part.select(fn.MIN(Part.sent_at), fn.MAX(Part.sent_at), fn.MAX(_DELIVERED)).where(
        Part.broadcast == given("broadcast")
    )
)
# 1 where the network took every part once.
_ALL_TAKEN = Case(None, [(fn.COUNT(Part.sent_at) == fn.COUNT(Part.id), 1)], 0)
_WORST = worst_parts([given("broadcast")]).select_extend(_ALL_TAKEN.alias("all_taken"))
_STATE = (_WORST.c.rank, _WORST.c.all_taken)
# From the parts alone: with the broadcast's messages too, SQLite reads both lists and joins them.
_PLACES = Prepared(
    Message.select(Message.neighbourhood, *_STATE, fn.COUNT(Message.id))
    .join(_WORST, on=(_WORST.c.message_id == Message.id))
    .group_by(Message.neighbourhood, *_STATE)
)
# So many points are enough for any screen.
POINTS = 60
_TAKEN_AT = Prepared(lambda: _seconds(Part.sent_at, Part.sent_at))
_DELIVERED_AT = Prepared(lambda: _seconds(Part.changed_at, Case(None, [(Part.state == PartState.DELIVERED, 1)])))


@dataclass(frozen=True, slots=True)
class Times:
    """Times when the network accepted the first and the last SMS, and when the last was reported delivered."""

    first_sent_at: datetime | None
    last_sent_at: datetime | None
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """People of one neighbourhood (None and empty: of none), counted as db.alerts.progress.counts does; `uncertain`
    have no report of any kind, and `not_arrived` do not have it, or not yet."""

    id: int | None
    name: str
    people: int
    taken: int
    delivered: int
    waiting: int
    uncertain: int

    @property
    def not_arrived(self) -> int:
        return self.people - self.delivered - self.uncertain


def family(broadcast_id: int) -> list[int]:
    """The alert, its corrections and its end, whichever of them is given: the oldest first."""
    known = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    waiting = [first_of(known).id if known else broadcast_id]
    numbers = waiting.copy()
    while waiting:
        waiting = [number for (number,) in _BELOW.rows(ids=waiting)]
        numbers += waiting
    return sorted(numbers)


def times(broadcast_id: int) -> Times:
    """The times of a broadcast, as the network gave them."""
    (row,) = _TIMES.rows(broadcast=broadcast_id)
    return Times(*(None if at is None else utc_of(at) for at in row))


def by_neighbourhood(broadcast_id: int) -> list[PlaceCount]:
    """Counts by the neighbourhood where the recipients lived when it was ordered, in the neighbourhoods' order."""
    by_place, taken = _states(broadcast_id)
    return [
        PlaceCount(
            place_id,
            name,
            states.total(),
            taken[place_id],
            states[PartState.DELIVERED],
            waiting=sum(states[state] for state in _WAITING),
            uncertain=sum(states[state] for state in _UNCERTAIN),
        )
        for place_id, name in [(None, ""), *neighbourhood_names().items()]
        if (states := by_place.get(place_id))
    ]


def states_by_place(broadcast_id: int) -> dict[int | None, Counter[PartState]]:
    """The messages by their state, by the neighbourhood where the recipients lived when it was ordered."""
    return _states(broadcast_id)[0]


def _states(broadcast_id: int) -> tuple[dict[int | None, Counter[PartState]], Counter[int | None]]:
    """By neighbourhood, the messages by state, and those that are with the network whole."""
    by_place: dict[int | None, Counter[PartState]] = defaultdict(Counter)
    taken: Counter[int | None] = Counter()
    for place_id, rank, all_taken, number in _PLACES.rows(broadcast=broadcast_id):
        state = WORST_FIRST[rank]
        by_place[place_id][state] += number
        taken[place_id] += number if is_taken(state, bool(all_taken)) else 0
    return by_place, taken


def deeds_about(broadcast_id: int, *, only: str = "") -> list[Entry]:
    """Journal entries about this broadcast, oldest first; `only` of this kind, where given."""
    about = (only,) if only else _ABOUT_BROADCASTS
    return [entry for entry in entries_about(str(broadcast_id)) if entry.action.startswith(about)]


def left_out(broadcast_id: int) -> int:
    """Number of people who had no mobile when it was ordered; 0 for a correction or an end."""
    ordered = deeds_about(broadcast_id, only="broadcast_ordered")
    people = ordered[0].detail.get("without_mobile") if ordered else None
    return people if isinstance(people, int) else 0


@dataclass(frozen=True, slots=True)
class Curve:
    """Running totals of whole messages after equal steps of `step_s`; they end in what progress.counts counts."""

    begun_at: datetime
    step_s: int
    total: int
    taken: tuple[int, ...]
    delivered: tuple[int, ...]

    @property
    def length_s(self) -> int:
        return self.step_s * len(self.taken)


def curve(broadcast_id: int) -> Curve | None:
    """The curve of a broadcast; None before the first SMS was taken."""
    row = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    taken = _by_second(_TAKEN_AT, broadcast_id) if row is not None else {}
    if row is None or not taken:
        return None
    delivered = _by_second(_DELIVERED_AT, broadcast_id)
    begun_at = min(row.release_at or row.created_at, min(taken))
    last_s = max(0, int((max([*taken, *delivered]) - begun_at).total_seconds()))
    step_s = max(1, -(-(last_s + 1) // POINTS))
    taken_up, delivered_up = (_counted_up(counts, begun_at, last_s, step_s) for counts in (taken, delivered))
    return Curve(begun_at, step_s, row.recipients, taken_up, delivered_up)


def _by_second(parts: Prepared, broadcast_id: int) -> dict[datetime, int]:
    rows = parts.rows(broadcast=broadcast_id)
    return {datetime.fromisoformat(at).replace(tzinfo=UTC): number for at, number in rows}


def _seconds(column: Any, which: Any) -> Any:
    """Whole messages by the second of their last part. `which` is null for a part that does not count."""
    # As text: SQLite has no time, and asks Python for every part of one.
    second = fn.SUBSTR(fn.MAX(column).cast("TEXT"), 1, len("2026-11-26 08:00:00")).coerce(False).alias("at_second")
    whole = Part.select(second).where(Part.broadcast == given("broadcast")).group_by(Part.message)
    whole = whole.having(fn.COUNT(which) == fn.COUNT(Part.id)).alias("whole")
    return Part.select(whole.c.at_second, fn.COUNT(SQL("1"))).from_(whole).group_by(whole.c.at_second)


def _counted_up(counts: dict[datetime, int], begun_at: datetime, last_s: int, step_s: int) -> tuple[int, ...]:
    steps: Counter[int] = Counter()
    for at, number in counts.items():
        steps[max(0, int((at - begun_at).total_seconds())) // step_s] += number
    return tuple(accumulate(steps[step] for step in range(last_s // step_s + 1)))
