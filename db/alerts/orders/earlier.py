"""Earlier orders: under a key, with the same text to the same people, within the hour, and automatic ones."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from peewee import fn

from db.alerts.progress.progress import progress
from db.engine.base import tuples
from db.engine.connection import writing
from db.models.broadcasts import Broadcast, Message, Part
from db.models.modem_records import InboundMessage
from db.models.people import Member
from db.people.audience import Recipient
from rules.states import AUTOMATIC, FOLLOW_UPS, MAY_BE_THERE, PartState, Stage

HOUR = timedelta(hours=1)
REPEAT_WINDOW = timedelta(minutes=10)
# 100,000 messages take about half a minute on a slow card; what prepares for longer was cut short.
ENQUEUE_AT_MOST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class EarlierOrder:
    """`digest` is of the whole order, empty where none was kept; `went_out`: a phone may have a part of it."""

    id: int
    stage: Stage
    ordered_by: str
    created_at: datetime
    digest: str
    went_out: bool


def earlier_order(key: str | None, now: datetime) -> EarlierOrder | None:
    """The broadcast that was ordered with this idempotency key; None for none, or for one that a crash cut short."""
    row: Broadcast | None = None if key is None else Broadcast.get_or_none(Broadcast.idempotency_key == key)
    if row is None:
        return None
    if row.stage is Stage.PREPARING and row.created_at < now - ENQUEUE_AT_MOST:
        with writing():
            Broadcast.delete().where(Broadcast.id == row.id, Broadcast.stage == Stage.PREPARING).execute()
        return None
    return _earlier(row)


def newest_order() -> int:
    """The number of the newest order; 0 before the first."""
    return int(Broadcast.select(fn.MAX(Broadcast.id)).scalar() or 0)


def ordered_since(seen: int, kinds: Collection[str], numbers: Collection[str], now: datetime) -> EarlierOrder | None:
    """The newest order after the number `seen` to any of these people; one still being written may be."""
    later = Broadcast.select().where(Broadcast.id > seen, Broadcast.kind.in_(kinds), _counts_as_ordered(now))
    for row in later.order_by(Broadcast.id.desc()):
        people = tuples(Message.select(Message.msisdn).where(Message.broadcast == row.id))
        if row.stage is Stage.PREPARING or any(number in numbers for (number,) in people):
            return _earlier(row)
    return None


def followed_since(seen: int, original_id: int, now: datetime) -> EarlierOrder | None:
    """The newest correction or end of this broadcast after the number `seen`."""
    later = Broadcast.select().where(Broadcast.id > seen, Broadcast.original == original_id, _counts_as_ordered(now))
    return _newest(later.where(Broadcast.kind.in_(FOLLOW_UPS)))


def same_order(mark: str, now: datetime) -> EarlierOrder | None:
    """The newest order of the last ten minutes with this fingerprint that counts as one."""
    lately = (Broadcast.fingerprint == mark) & Broadcast.created_at.between(now - REPEAT_WINDOW, now + REPEAT_WINDOW)
    return _newest(Broadcast.select().where(lately, _counts_as_ordered(now)))


def _newest(orders: Any) -> EarlierOrder | None:
    row = orders.order_by(Broadcast.id.desc()).first()
    return None if row is None else _earlier(row)


def _earlier(row: Broadcast) -> EarlierOrder:
    went_out = Part.select().where(Part.broadcast == row.id, Part.state.in_(MAY_BE_THERE))
    return EarlierOrder(row.id, row.stage, row.ordered_by, row.created_at, row.digest, went_out.exists())


def _counts_as_ordered(now: datetime) -> Any:
    """Condition: neither cut short by a crash nor stopped before any phone could have it. Limit `created_at`, too."""
    cut_short = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < now - ENQUEUE_AT_MOST)
    went_out = Part.select().where(Part.broadcast == Broadcast.id, Part.state.in_(MAY_BE_THERE))
    return ((Broadcast.stage != Stage.CANCELLED) | fn.EXISTS(went_out)) & ~cut_short


def fresh_key(key: str, now: datetime) -> str:
    """`key`, or `key/2`, `key/3`, … once what was ordered with it is over: two presses order one thing."""
    keys = (key if number == 1 else f"{key}/{number}" for number in count(1))
    return next(candidate for candidate in keys if not _is_over(candidate, now))


def _is_over(key: str, now: datetime) -> bool:
    row = Broadcast.get_or_none(Broadcast.idempotency_key == key)
    shown = progress(row.id, now) if row is not None else None
    return shown is not None and shown.state in ("finished", "cancelled")


def ordered_within_hour(now: datetime) -> int:
    """An upper bound of the messages, from the broadcasts alone: their parts may be a hundred thousand."""
    return int(_of_the_hour(now, (fn.COALESCE(fn.SUM(Broadcast.recipients), 0),)).scalar())


def counting_within_hour(now: datetime) -> int:
    """Messages of which a part left, may have, or waits; of an order that is still being written, all."""
    preparing = Broadcast.stage == Stage.PREPARING
    # Read first and left out below: one that is finished between the two queries would else be counted in neither.
    fresh = preparing & (Broadcast.created_at > now - ENQUEUE_AT_MOST)
    being_written = dict(tuples(_of_the_hour(now, (Broadcast.id, Broadcast.recipients)).where(fresh)))
    written = _of_the_hour(now, (Broadcast.id,)).where(~preparing, Broadcast.id.not_in([*being_written, 0]))
    waits = (Part.state == PartState.QUEUED) & (Broadcast.stage != Stage.CANCELLED)
    messages = Part.select(fn.COUNT(fn.DISTINCT(Part.message))).join(Broadcast)
    counted = messages.where(Part.broadcast.in_(written), Part.state.in_(MAY_BE_THERE) | waits).scalar()
    return int(counted) + sum(being_written.values())


def _of_the_hour(now: datetime, columns: tuple[Any, ...]) -> Any:
    # What a clock that is behind finds in its future is no order of this hour.
    hour = Broadcast.created_at.between(now - HOUR, now + HOUR)
    return Broadcast.select(*columns).where(hour, Broadcast.kind.not_in(AUTOMATIC))


def alarms_since(when: datetime) -> int:
    """Number of alarms sent to the duty phone since `when`; calls of people on duty have other keys."""
    of_duty = Broadcast.idempotency_key.startswith("alarm:")
    return int(Broadcast.select().where(Broadcast.kind == "alarm", of_duty, Broadcast.created_at > when).count())


def keys_since(start: str, when: datetime) -> list[tuple[str, datetime]]:
    """The keys with this beginning that were ordered since `when`, and their moments."""
    lately = Broadcast.idempotency_key.startswith(start) & (Broadcast.created_at > when)
    return list(tuples(Broadcast.select(Broadcast.idempotency_key, Broadcast.created_at).where(lately)))


def writer_of(inbound_id: int) -> Recipient | None:
    """The writer of this text, a member or not; None if the text was deleted."""
    text = InboundMessage.get_or_none(InboundMessage.id == inbound_id)
    if text is None:
        return None
    query = Member.select(Member.id, Member.language).where(Member.mobile == text.sender).order_by(Member.id).limit(1)
    member = next(iter(tuples(query)), (None,))
    return Recipient(text.sender, *member)
