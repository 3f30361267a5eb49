"""Choice of the part that a modem takes next. A SIM finishes what it began. While its budget is used up it begins
nothing urgent that another SIM can send; while texts to a range of numbers get no reports, nothing to that range
(docs/adr/0090)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from typing import Any, NamedTuple

from peewee import SQL, fn

from db.alerts.values import Sender
from db.engine.cached_queries import Prepared, given
from db.engine.connection import locked
from db.models.broadcasts import Attempt, Broadcast, BroadcastText, Message, Part
from db.models.modem_records import SimRecipient
from db.modems.budgets import Room, has_met, home_of, keeping_sims, room_of
from db.modems.readiness import filtered_sims, left_to_others, range_to_try, ready_sims
from db.modems.sims import LOST_AFTER, may_take
from rules.calendar import day_of
from rules.numbers import numbers_of, range_of
from rules.states import LANE_DRILL, LANE_NORMAL, LANE_URGENT

# A constant in the SQL text, not a parameter: SQLite uses a partial index only when it can see the value.
QUEUED = SQL("'queued'")

# An urgent part may be taken from so many places further on: so that a member keeps the SIM that they know; and, from
# farther, so that a range whose reports are missing is tried (a few texts).
LOOK_AHEAD, LOOK_FAR = 50, 200
# So many normal parts are looked through for one that this SIM may take; the head of the queue moves on by itself.
WINDOW = 2000

# The places of `sender_values` in a prepared query.
_VALUES = tuple(given(name) for name in ("now", "imsi", "seat", "since", "barred"))
# The open broadcast whose turn it is, then the first of its parts in ring order: queries of their own, so that both
# walk an index and none sorts, however long the queue is.
_OPEN_BROADCAST = Prepared(lambda: open_broadcast())
_WAITING = Broadcast.alias()
_SERVED = (
    Attempt.select(Part.broadcast)
    .join(Part)
    .where(Attempt.modem == given("modem"), Attempt.ended_at <= given("now"), Attempt.host == given("host"))
    .order_by(Attempt.ended_at.desc(), Attempt.id.desc())
    .limit(1)
)
# The first urgent one after the one that this modem served last; none when its turn comes again. While the clock is
# behind, what it ended under the right one would be the last for ever, and the turn would not pass on.
_NEXT_TURN = Prepared(lambda: _first_open(_WAITING, (_WAITING.lane == LANE_URGENT) & (_WAITING.id > _SERVED)))
_NEXT_PART = Prepared(
    lambda: _one(
        _candidates().where(Part.broadcast == given("broadcast"), _claimable(*_VALUES)).order_by(Part.ring, Part.id)
    )
)
_AHEAD = Prepared(lambda: _ahead())


class _Limits(NamedTuple):
    """The budgets of a SIM that decide whether it may begin a message."""

    messages: bool
    recipients: bool


class Candidate(NamedTuple):
    """A part with what a claim needs. `home` is the SIM that its recipient knows; times are as the driver's."""

    id: int
    message_id: int
    seq: int
    retries: int
    reason: str
    simulated: bool
    msisdn: str
    reference: int
    imsi: str | None
    member_id: int | None
    segments: str
    encoding: str
    parts: int
    home: str | None
    broadcast_id: int
    lane: int
    deadline_at: Any
    kind: str


def next_part(sender: Sender, now: datetime, lowest_lane: int) -> Candidate | None:
    """The first part that this SIM may take in the lanes up to `lowest_lane`, or None. Urgent broadcasts take turns, so
    that a small one does not wait for a large one. Urgent work prefers the SIM that a member knows, and uses any other
    before exceeding a budget; normal work waits for that SIM while it can send, within budgets."""
    values = sender_values(sender, now)
    broadcast = _OPEN_BROADCAST.first(lowest_lane=lowest_lane, **values)
    if broadcast is not None and broadcast[1] == LANE_URGENT:
        broadcast = _NEXT_TURN.first(host=sender.host, modem=sender.modem, **values) or broadcast
    row = _NEXT_PART.first(broadcast=broadcast[0], **values) if broadcast is not None else None
    if row is None:
        return None
    first = Candidate(*row)
    is_known = first.imsi is not None or first.home in (None, sender.imsi)
    # What is under way, or what a technician gave to this SIM while it had room, goes out, whatever the budget.
    room, others = (None, []) if first.imsi is not None else _room_beside(sender, now)
    if first.lane == LANE_NORMAL:
        may_begin = is_known and admits(room, sender.imsi, first.msisdn, first.parts, now)
        return first if may_begin else _first_allowed(room, values)
    if others and room is not None and not room.fits_anybody(first.parts):
        return _beyond(room, others, values, (first.broadcast_id, lowest_lane))
    tried = range_to_try(sender.imsi, now) if first.lane == LANE_URGENT and first.imsi is None else ""
    if tried and range_of(first.msisdn) != tried:
        row = _AHEAD.first(broadcast=first.broadcast_id, among=numbers_of(tried), places=LOOK_FAR, **values)
        if row is not None:
            return Candidate(*row)
    if is_known:
        return first
    row = _AHEAD.first(broadcast=first.broadcast_id, among=numbers_of(""), places=LOOK_AHEAD, **values)
    return first if row is None else Candidate(*row)


def something_waits(lowest_lane: int, sender: Sender, now: datetime) -> bool:
    """False when nothing waits for this SIM in the lanes up to `lowest_lane`."""
    return _OPEN_BROADCAST.first(lowest_lane=lowest_lane, **sender_values(sender, now)) is not None


def sender_values(sender: Sender, now: datetime) -> dict[str, Any]:
    """The values of `open_broadcast` except its lane."""
    barred = left_to_others(sender.imsi, now)
    return {"now": now, "imsi": sender.imsi, "seat": sender.seat, "since": now - LOST_AFTER, "barred": barred}


def _room_beside(sender: Sender, now: datetime) -> tuple[Room | None, list[str]]:
    """The room of this SIM, and the others that can send instead: those with reports; none for one without limits."""
    room = room_of(sender.imsi, now)
    if room is None:
        return None, []
    filtered = filtered_sims()
    return room, [imsi for imsi, _seat in ready_sims(now) if imsi != sender.imsi and imsi not in filtered]


def _beyond(
    room: Room | None, others: Sequence[str], values: Mapping[str, Any], among: tuple[int, int]
) -> Candidate | None:
    """The first part that this SIM began, that its room allows, or that no other has room for; `among` first."""
    turn, lowest_lane = among
    now = values["now"]
    rooms = [(values["imsi"], room), *((imsi, room_of(imsi, now)) for imsi in others)]
    limits = tuple(_limits_of(room) for _imsi, room in rooms)
    all_values = {**values, **_rooms(rooms, now)}
    row = _first_beyond(limits, True).first(broadcast=turn, **all_values)
    row = row or _first_beyond(limits, False).first(lowest_lane=min(lowest_lane, LANE_DRILL), **all_values)
    if row is not None or lowest_lane < LANE_NORMAL:
        return Candidate(*row) if row else None
    return _first_allowed(room, values)


def admits(room: Room | None, imsi: str, msisdn: str, parts: int, now: datetime) -> bool:
    """True when a SIM with this much room may begin a message of `parts` to a number."""
    if room is None or room.fits_anybody(parts):
        return True
    return room.has_messages(parts) and has_met(imsi, msisdn, now)


def _first_allowed(room: Room | None, values: Mapping[str, Any]) -> Candidate | None:
    """The first normal part whose person has no other SIM that can send, and which the budget allows."""
    imsi, now = values["imsi"], values["now"]
    others = [other for other in keeping_sims(now) if other != imsi]
    all_values = {**values, **_rooms([(imsi, room)], now)}
    row = _first_normal(_limits_of(room)).first(others=others, **all_values)
    return Candidate(*row) if row else None


@lru_cache(maxsize=64)
def _first_beyond(limits: tuple[_Limits, ...], of_one: bool) -> Prepared:
    own, *others = (_has_room(of_sim, which) for which, of_sim in enumerate(limits))
    allowed = (Message.imsi == given("imsi")) | own
    if others:
        allowed |= ~reduce(or_, others)
    among = Broadcast.id == given("broadcast") if of_one else Broadcast.lane <= given("lowest_lane")
    return Prepared(lambda: _first_of(among, allowed))


@lru_cache(maxsize=64)
def _first_normal(limits: _Limits) -> Prepared:
    home = fn.COALESCE(home_of(Message.msisdn), given("imsi"))

    def query(others: Sequence[Any]) -> Any:
        allowed = home.not_in(others) & _has_room(limits, 0)
        return _first_of(Broadcast.lane == LANE_NORMAL, (Message.imsi == given("imsi")) | allowed)

    return Prepared(query)


def _first_of(lanes: Any, allowed: Any) -> Any:
    head = (
        Part.select(Part.id)
        .join(Message)
        .join(Broadcast, on=(Part.broadcast == Broadcast.id))
        .where(Broadcast.stage == QUEUED, lanes, Broadcast.deadline_at > given("now"))
        .where(_claimable(*_VALUES))
        .order_by(Broadcast.lane, Broadcast.id, Part.ring, Part.id)
        .limit(WINDOW)
    )
    query = _candidates().where(Part.id.in_(head), allowed)
    return _one(query.order_by(Broadcast.lane, Part.broadcast, Part.ring, Part.id))


def _limits_of(room: Room | None) -> _Limits:
    if room is None:
        return _Limits(messages=False, recipients=False)
    return _Limits(room.messages is not None, room.recipients is not None and room.recipients <= 0)


def _rooms(rooms: Sequence[tuple[str, Room | None]], now: datetime) -> dict[str, Any]:
    """The values of `_has_room`."""
    values: dict[str, Any] = {"month": day_of(now)[:7]}
    for which, (imsi, room) in enumerate(rooms):
        values |= {f"sim_{which}": imsi, f"room_{which}": room and room.messages}
    return values


def _has_room(limits: _Limits, which: int) -> Any:
    """Condition that a SIM with these limits may begin the message: `admits`, in SQL."""
    allowed: Any = SQL("1 = 1")
    if limits.messages:
        allowed = _part_count() <= given(f"room_{which}")
    if limits.recipients:
        by_sim = (SimRecipient.imsi == given(f"sim_{which}")) & (SimRecipient.month == given("month"))
        met = SimRecipient.select(SQL("1")).where(SimRecipient.msisdn == Message.msisdn, by_sim)
        allowed &= fn.EXISTS(met)
    return allowed


def _claimable(now: Any, imsi: Any, seat: Any, since: Any, barred: Any) -> Any:
    """A queued part that is due, begun by this SIM in this modem, or by none and not to the `barred` numbers."""
    return (
        (Part.state == QUEUED)
        & (Part.not_before_at.is_null() | (Part.not_before_at <= now))
        & ((Message.imsi.is_null() & ~(Message.msisdn**barred)) | may_take(imsi, seat, since))
    )


def _part_count() -> Any:
    sibling = Part.alias("sibling")
    return sibling.select(fn.COUNT(sibling.id)).where(sibling.message == Message.id)


def _candidates() -> Any:
    part = (Part.id, Part.message, Part.seq, Part.retries, Part.reason, Part.simulated)
    message = (Message.msisdn, Message.reference, Message.imsi, Message.member)
    text = (BroadcastText.segments, BroadcastText.encoding, _part_count(), home_of(Message.msisdn))
    broadcast = (Broadcast.id, Broadcast.lane, Broadcast.deadline_at, Broadcast.kind)
    parts = Part.select(*part, *message, *text, *broadcast).join(Message).join(BroadcastText)
    return parts.join(Broadcast, on=(Part.broadcast == Broadcast.id))


def _one(query: Any) -> Any:
    query = query.limit(1)
    # Another host's claim holds its part until it commits, and the message, whose other parts are for that SIM: take
    # the next one instead of waiting for it.
    return locked(query, of=(Part, Message), skip_locked=True)


def open_broadcast() -> Any:
    """The first broadcast with work for this SIM in the lanes up to `lowest_lane`."""
    waiting = Broadcast.alias()
    return _first_open(waiting, waiting.lane <= given("lowest_lane"))


def _first_open(waiting: Any, among: Any) -> Any:
    # The first one in ring order, from its index: for EXISTS PostgreSQL reads all parts that were sent before it.
    work = Part.select(Part.id).join(Message).where(Part.broadcast == waiting.id, _claimable(*_VALUES))
    first = work.order_by(Part.ring, Part.id).limit(1)
    return (
        waiting.select(waiting.id, waiting.lane)
        .where(waiting.stage == QUEUED, among, waiting.deadline_at > given("now"))
        .where(fn.COALESCE(first, 0) > 0)
        .order_by(waiting.lane, waiting.id)
        .limit(1)
    )


def _ahead() -> Any:
    """Within so many places, the first to these numbers; before them one whose person knows this SIM."""
    head = (
        Part.select(Part.id)
        .join(Message)
        .where(Part.broadcast == given("broadcast"), _claimable(*_VALUES))
        .order_by(Part.ring, Part.id)
        .limit(given("places"))
    )
    mine = fn.COALESCE(Message.imsi, home_of(Message.msisdn), given("imsi")) == given("imsi")
    ahead = _candidates().where(Part.id.in_(head), Message.msisdn ** given("among"))
    return _one(ahead.order_by(mine.desc(), Part.ring, Part.id))
