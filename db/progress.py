"""What became of a broadcast: exact counts of messages by state, and who."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN, Case, fn

from db.forecast import forecast
from db.incomplete import incomplete_messages
from db.models import (
    AUTOMATIC,
    LANE_DRILL,
    Broadcast,
    BroadcastText,
    BroadcastThread,
    Member,
    Message,
    Neighbourhood,
    Part,
    tuples,
)
from db.readiness import all_simulated
from db.states import WORST_FIRST, Stage, broadcast_state
from db.states import Part as PartState

COUNT_ORDER = ("queued", "sending", "sent", "delivered", "undelivered", "failed", "unconfirmed", "expired", "cancelled")
_RANK = Case(Part.state, [(state.value, rank) for rank, state in enumerate(WORST_FIRST)], 0)
_REMAINING = (PartState.QUEUED, PartState.SENDING)


@dataclass(frozen=True, slots=True)
class BroadcastCard:
    """A broadcast in a list. `counts` are of messages, by state, and add up to `recipients`."""

    id: int
    kind: str
    state: str
    text: str
    recipients: int
    counts: dict[str, int]
    simulated: bool
    ordered_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FollowUpCard:
    """A correction or an end of alert that speaks of a broadcast."""

    id: int
    kind: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """One broadcast in full. `taken` messages are with the network whole; delivered is a part of them.

    `incomplete` are those whose SIM went away after their first part (see db.incomplete). `follows` is the broadcast
    that this one corrects or ends, `follow_ups` are those that do so of this one. `drill` is also said of theirs.
    """

    id: int
    kind: str
    state: str
    text: str
    encoding: str
    segments: int
    audience: str
    recipients: int
    counts: dict[str, int]
    taken: int
    incomplete: int
    simulated: bool
    ordered_by: str
    created_at: datetime
    release_at: datetime | None
    deadline_at: datetime
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    last_phone_at: datetime | None
    drill: bool
    follows: int | None
    follow_ups: tuple[FollowUpCard, ...]


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One person of a broadcast. `reason` is the code that the daemon stored with the worst part."""

    message_id: int
    name: str
    msisdn: str
    neighbourhood: str
    state: str
    reason: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """One page of people; `page` counts from 1."""

    rows: list[RecipientRow]
    total: int
    page: int
    pages: int


def progress(broadcast_id: int, now: datetime) -> Progress | None:
    """The broadcast with its counts; None when there is no such id."""
    row = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    if row is None:
        return None
    text = BroadcastText.get(BroadcastText.broadcast == row.id)
    segments = len(json.loads(text.segments))
    counts = _counts(row)
    state = _state(row)
    times = tuples(Part.select(fn.MIN(Part.sent_at), fn.MAX(Part.sent_at)).where(Part.broadcast == row.id))[0]
    return Progress(
        id=row.id,
        kind=row.kind,
        state=state,
        text=text.body,
        encoding=text.encoding,
        segments=segments,
        audience=row.audience,
        recipients=row.recipients,
        counts=_named(counts),
        taken=_taken(row),
        incomplete=len(incomplete_messages(row.id, now)) if segments > 1 else 0,
        simulated=_simulated(row, counts, now),
        ordered_by=row.ordered_by,
        created_at=row.created_at,
        release_at=row.release_at,
        deadline_at=row.deadline_at,
        first_sent_at=Part.sent_at.python_value(times[0]),
        last_sent_at=Part.sent_at.python_value(times[1]),
        last_phone_at=_last_phone_at(row, state, now),
        drill=row.lane == LANE_DRILL,
        follows=_follows(row),
        follow_ups=_follow_ups(row),
    )


def _follows(row: Broadcast) -> int | None:
    found = BroadcastThread.get_or_none(BroadcastThread.broadcast == row.id)
    return found.original_id if found is not None else None


def _follow_ups(row: Broadcast) -> tuple[FollowUpCard, ...]:
    later = Broadcast.select().join(BroadcastThread, on=(BroadcastThread.broadcast == Broadcast.id))
    found = later.where(BroadcastThread.original == row.id, Broadcast.stage != Stage.PREPARING).order_by(Broadcast.id)
    return tuple(FollowUpCard(each.id, each.kind, each.created_at) for each in found)


def broadcasts(now: datetime, limit: int = 50) -> list[BroadcastCard]:
    """The newest broadcasts that people ordered, newest first."""
    rows = Broadcast.select().where(Broadcast.kind.not_in(AUTOMATIC)).order_by(Broadcast.id.desc()).limit(limit)
    return [_card(row, now) for row in rows]


def running(now: datetime) -> BroadcastCard | None:
    """What people ordered and is not at its end, among the last few: an alert before a drill, then the newest."""
    live = ("preparing", "awaiting_approval", "scheduled", "queued", "paused", "held", "sending")
    open_ones = [card for card in broadcasts(now, limit=10) if card.state in live]
    return min(open_ones, key=lambda card: card.kind == "drill", default=None)


def recipients(broadcast_id: int, state: str | None = None, page: int = 1, per_page: int = 100) -> RecipientPage:
    """The people of a broadcast, worst first; `state` filters by the message's state."""
    worst = (
        Part.select(Part.message.alias("message_id"), fn.MIN(_RANK).alias("rank"))
        .where(Part.broadcast == broadcast_id)
        .group_by(Part.message)
    )
    query = (
        Message.select(Message.id)
        .join(worst, on=(worst.c.message_id == Message.id))
        .where(Message.broadcast == broadcast_id)
    )
    if state is not None:
        wanted = [rank for rank, known in enumerate(WORST_FIRST) if known.value == state]
        query = query.where(worst.c.rank.in_(wanted or [-1]))
    total = query.count()
    pages = max(1, -(-total // per_page))
    page = min(max(1, page), pages)
    ids = [row[0] for row in tuples(query.order_by(worst.c.rank, Message.id).paginate(page, per_page))]
    return RecipientPage(recipient_rows(ids), total, page, pages)


def messages_in(broadcast_id: int, state: str) -> list[int]:
    """The ids of the broadcast's messages in this state."""
    rank = WORST_FIRST.index(PartState(state))
    found = Part.select(Part.message).where(Part.broadcast == broadcast_id).group_by(Part.message)
    return [row[0] for row in tuples(found.having(fn.MIN(_RANK) == rank))]


def incomplete_people(broadcast_id: int, now: datetime, per_page: int = 100) -> RecipientPage:
    """Those whose message stopped in the middle because its SIM went away; the first of them."""
    ids = incomplete_messages(broadcast_id, now)
    return RecipientPage(recipient_rows(ids[:per_page]), len(ids), 1, 1)


def recipient_rows(ids: Sequence[int]) -> list[RecipientRow]:
    """These messages with their people, in this order."""
    names = {
        message.id: message
        for message in Message.select(Message, Member, Neighbourhood)
        .join(Member, JOIN.LEFT_OUTER)
        .join(Neighbourhood, JOIN.LEFT_OUTER)
        .where(Message.id.in_(ids))
    }
    parts: dict[int, list[Part]] = {message_id: [] for message_id in ids}
    for part in Part.select().where(Part.message.in_(ids)):
        parts[part.message_id].append(part)
    shown = []
    for message_id in ids:
        worst = min(parts[message_id], key=lambda part: WORST_FIRST.index(part.state))
        person = names[message_id].member
        shown.append(
            RecipientRow(
                message_id=message_id,
                name=f"{person.first_name} {person.last_name}".strip() if person else "",
                msisdn=names[message_id].msisdn,
                neighbourhood=person.neighbourhood.name if person else "",
                state=worst.state.value,
                reason=worst.reason,
                changed_at=max(part.changed_at for part in parts[message_id]),
            )
        )
    return shown


def _card(row: Broadcast, now: datetime) -> BroadcastCard:
    counts = _counts(row)
    return BroadcastCard(
        id=row.id,
        kind=row.kind,
        state=_state(row),
        text=BroadcastText.get(BroadcastText.broadcast == row.id).body,
        recipients=row.recipients,
        counts=_named(counts),
        simulated=_simulated(row, counts, now),
        ordered_by=row.ordered_by,
        created_at=row.created_at,
    )


def _counts(row: Broadcast) -> dict[PartState, int]:
    """Messages by state, the worst part naming the message; what is not written yet counts as queued."""
    worst = Part.select(fn.MIN(_RANK).alias("rank")).where(Part.broadcast == row.id).group_by(Part.message)
    found = worst.select_from(worst.c.rank, fn.COUNT(1)).group_by(worst.c.rank)
    counts = {WORST_FIRST[rank]: count for rank, count in tuples(found)}
    missing = row.recipients - sum(counts.values())
    if missing > 0:
        counts[PartState.QUEUED] = counts.get(PartState.QUEUED, 0) + missing
    return counts


def _state(row: Broadcast) -> str:
    by_state = Part.select(Part.state, fn.COUNT(Part.id)).where(Part.broadcast == row.id).group_by(Part.state)
    return broadcast_state(row.stage, dict(tuples(by_state)))


def _named(counts: dict[PartState, int]) -> dict[str, int]:
    return {name: counts.get(PartState(name), 0) for name in COUNT_ORDER}


def _taken(row: Broadcast) -> int:
    whole = (
        Part.select(Part.message)
        .where(Part.broadcast == row.id)
        .group_by(Part.message)
        .having(fn.COUNT(Part.sent_at) == fn.COUNT(Part.id))
    )
    return int(whole.count())


def _simulated(row: Broadcast, counts: dict[PartState, int], now: datetime) -> bool:
    """For ever true of what went through a simulator; before the first attempt, what would happen now."""
    if Part.select().where(Part.broadcast == row.id, Part.simulated).exists():
        return True
    untouched = counts.get(PartState.QUEUED, 0) == row.recipients
    return untouched and all_simulated(now)


def _last_phone_at(row: Broadcast, state: str, now: datetime) -> datetime | None:
    if state not in ("scheduled", "queued", "sending"):
        return None
    remaining = Part.select().where(Part.broadcast == row.id, Part.state.in_(_REMAINING)).count()
    # The forecast adds what waits in the queue itself, and these parts are among it.
    expected = forecast(
        0, now, starts_at=row.release_at if row.stage is Stage.SCHEDULED else None, urgent=row.lane == 0
    )
    return expected.last_phone_at if remaining else None
