"""The queue as a technician sees it: parts that wait, that a modem has now, or that nobody answered for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from peewee import SQL, fn

from db.engine.base import Page, card_of, grouped, page_of, tuples
from db.models.broadcasts import Attempt as Attempt  # the page names it
from db.models.broadcasts import Broadcast, Message, Part
from rules.numbers import masked
from rules.states import PartState, Stage

PER_PAGE = 50
_OF_BROADCAST = Part.broadcast == Broadcast.id
_FULL = Part.select(Part, Message, Broadcast).join(Message).join_from(Part, Broadcast, on=_OF_BROADCAST)

# queued  it waits · sending  a modem has it · unconfirmed  its PDU went out and no answer came
View = Literal["queued", "sending", "unconfirmed"]
VIEWS: tuple[View, ...] = get_args(View)


@dataclass(frozen=True, slots=True)
class PartCard:
    """`recipient` is masked; `seat` and `imsi` are None while any modem may take it. `since` is when it came to its
    state, `not_before_at` when it is tried again, None for at once."""

    id: int
    message_id: int
    broadcast_id: int
    kind: str
    stage: Stage
    seq: int
    state: PartState
    reason: str
    recipient: str
    seat: str | None
    imsi: str | None
    since: datetime
    not_before_at: datetime | None
    deadline_at: datetime
    simulated: bool
    tries: tuple[Attempt, ...]


def queue_counts(seat: str = "", broadcast: int | None = None) -> dict[View, int]:
    """Numbers of parts by view, of this broadcast and bound to this modem (host/name), where they are given."""
    return {view: int(_parts(view, seat, broadcast).count()) for view in VIEWS}


def queue_page(view: View, seat: str, broadcast: int | None, page: int, counts: dict[View, int]) -> Page[PartCard]:
    """A page of one view, in the order of lanes, broadcasts and sending; `counts` are those of the same choice."""
    # Found in an index alone, then read by number: the page asks again and again, and a queue may be long.
    parts = _parts(view, seat, broadcast).join_from(Part, Broadcast, on=(Part.broadcast == Broadcast.id))
    ordered = parts.order_by(Broadcast.lane, Broadcast.id, Part.ring, Part.id)
    return page_of(ordered, counts[view], page, PER_PAGE, _cards)


def message_parts(message_id: int) -> list[PartCard]:
    """All parts of one message, whatever their state, with every attempt; empty for an unknown number."""
    return sorted(_with_tries(_FULL.where(Part.message == message_id)), key=lambda card: card.seq)


def message_of(broadcast_id: int) -> int:
    """The first message of a broadcast."""
    return int(Message.select(fn.MIN(Message.id)).where(Message.broadcast == broadcast_id).scalar())


def open_broadcasts() -> list[tuple[int, str]]:
    """The broadcasts with parts in any view, newest first, with their kinds."""
    queued, sending, unconfirmed = (Part.select(Part.broadcast).where(_is(view)).distinct() for view in VIEWS)
    in_views = Broadcast.id.in_(queued | sending | unconfirmed)
    rows = Broadcast.select(Broadcast.id, Broadcast.kind).where(Broadcast.stage != Stage.PREPARING, in_views)
    return [(row.id, row.kind) for row in rows.order_by(Broadcast.id.desc()).limit(100)]


def _is(view: View) -> Any:
    """Written out, not a parameter: SQLite uses a partial index only when it can see the value."""
    return Part.state == SQL(f"'{view}'")


def _parts(view: View, seat: str, broadcast: int | None) -> Any:
    preparing = Broadcast.select(Broadcast.id).where(Broadcast.stage == Stage.PREPARING)
    query = Part.select(Part.id).where(_is(view), Part.broadcast.not_in(preparing))
    if broadcast is not None:
        query = query.where(Part.broadcast == broadcast)
    if seat:
        query = query.join(Message).where(Message.modem == seat)
    return query


def _cards(chosen: Any) -> list[PartCard]:
    ids = [row[0] for row in tuples(chosen)]
    cards = {card.id: card for card in _with_tries(_FULL.where(Part.id.in_(ids or [0])))}
    return [cards[part_id] for part_id in ids if part_id in cards]


def _with_tries(query: Any) -> list[PartCard]:
    rows = list(query)
    tries = Attempt.select().where(Attempt.part.in_([row.id for row in rows] or [0])).order_by(Attempt.id)
    of_part = grouped((attempt.part_id, attempt) for attempt in tries)
    return [_card(row, of_part.get(row.id, [])) for row in rows]


def _card(row: Part, tries: list[Attempt]) -> PartCard:
    message, broadcast = row.message, row.broadcast
    waits = row.state is PartState.QUEUED and not tries
    return card_of(
        PartCard,
        row,
        kind=broadcast.kind,
        stage=broadcast.stage,
        recipient=masked(message.msisdn),
        seat=message.modem,
        imsi=message.imsi,
        since=(broadcast.release_at or broadcast.created_at) if waits else row.changed_at,
        deadline_at=broadcast.deadline_at,
        tries=tuple(tries),
    )
