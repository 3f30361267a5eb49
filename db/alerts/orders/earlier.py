"""Earlier orders: under a key, with the same text to the same people, within the hour, and automatic ones."""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

from peewee import fn

from db.alerts.progress.progress import progress
from db.engine.base import tuples
from db.engine.connection import writing
from db.models.accounts import Account
from db.models.broadcasts import Broadcast as Broadcast  # the services name the rows that they get
from db.models.broadcasts import Message, Part
from db.models.modem_records import InboundMessage
from db.models.people import Member
from db.models.policy import Approval
from db.people.accounts.accounts import has_role
from db.people.audience import Recipient
from rules.states import AUTOMATIC, ENQUEUE_AT_MOST, FOLLOW_UPS, MAY_BE_THERE, PartState, Stage

HOUR = timedelta(hours=1)
REPEAT_WINDOW = timedelta(minutes=10)
DAY = timedelta(days=1)
_THERE = Part.select().where(Part.state.in_(MAY_BE_THERE))


def earlier_order(key: str | None, now: datetime) -> Broadcast | None:
    """The broadcast that was ordered with this idempotency key; None for none, or for one that a crash cut short."""
    row: Broadcast | None = None if key is None else Broadcast.get_or_none(Broadcast.idempotency_key == key)
    if row is not None and row.stage is Stage.PREPARING and row.created_at < now - ENQUEUE_AT_MOST:
        with writing():
            Broadcast.delete().where(Broadcast.id == row.id, Broadcast.stage == Stage.PREPARING).execute()
        return None
    return row


def newest_order() -> int:
    """The number of the newest broadcast; 0 before the first."""
    return int(Broadcast.select(fn.MAX(Broadcast.id)).scalar() or 0)


def ordered_since(seen: int, kinds: Collection[str], numbers: Collection[str], now: datetime) -> Broadcast | None:
    """The newest order after the number `seen` to any of these people; one still being written may be."""
    for row in _orders(now).where(Broadcast.id > seen, Broadcast.kind.in_(kinds)):
        people = tuples(Message.select(Message.msisdn).where(Message.broadcast == row.id))
        if row.stage is Stage.PREPARING or any(number in numbers for (number,) in people):
            return cast(Broadcast, row)
    return None


def followed_since(seen: int, original_id: int, now: datetime) -> Broadcast | None:
    """The newest correction or end of this broadcast after the number `seen`."""
    follow_ups = (Broadcast.original == original_id) & Broadcast.kind.in_(FOLLOW_UPS)
    return _orders(now).where(Broadcast.id > seen, follow_ups).first() or None


def same_order(mark: str, now: datetime) -> Broadcast | None:
    """The newest order of the last ten minutes with this fingerprint that counts as one."""
    lately = Broadcast.created_at.between(now - REPEAT_WINDOW, now + REPEAT_WINDOW)
    return _orders(now).where(Broadcast.fingerprint == mark, lately).first() or None


def reached_alone(kind: str, now: datetime) -> set[str]:
    """The numbers to which orders of this kind went in the last day, or wait, that no second person was asked about;
    for somebody who was forgotten since, or whose message is still to be written, whatever stands for them alone.
    """
    lately = Broadcast.created_at.between(now - DAY, now + DAY)
    asked = fn.EXISTS(Approval.select().where(Approval.broadcast == Broadcast.id))
    orders = list(_orders(now).where(Broadcast.kind == kind, lately, ~asked))
    ids = [row.id for row in orders if row.stage is not Stage.PREPARING]
    reached = Message.select(Message.msisdn, Message.id).where(Message.broadcast.in_([*ids, 0]))
    numbers = {number or f"forgotten {message}" for number, message in tuples(reached)}
    preparing = (row for row in orders if row.stage is Stage.PREPARING)
    return numbers | {f"of {row.id} {number}" for row in preparing for number in range(row.recipients)}


def words_alone(now: datetime) -> set[str]:
    """The numbers to which somebody's own words went in the last day, or wait, that nobody else was asked about: of
    drills, and of tests but those on a telephone that an officer has at present.
    """
    officers = Account.select(Account.mobile).where(Account.mobile.is_null(False), Account.active, has_role("officer"))
    return reached_alone("drill", now) | (reached_alone("test", now) - {number for (number,) in tuples(officers)})


def went_out(broadcast_id: int) -> bool:
    """True when a phone may have a part of it."""
    return bool(_THERE.where(Part.broadcast == broadcast_id).exists())


def _orders(now: datetime) -> Any:
    """The newest first, but for those that a crash cut short, or that were stopped before any phone could have them."""
    cut_short = (Broadcast.stage == Stage.PREPARING) & (Broadcast.created_at < now - ENQUEUE_AT_MOST)
    stands = (Broadcast.stage != Stage.CANCELLED) | fn.EXISTS(_THERE.where(Part.broadcast == Broadcast.id))
    return Broadcast.select().where(stands, ~cut_short).order_by(Broadcast.id.desc())


def fresh_key(key: str, now: datetime) -> str:
    """`key`, or `key/2`, `key/3`, … once what was ordered with it is over: two presses order one thing."""
    candidate = key
    for number in count(2):
        row = Broadcast.get_or_none(Broadcast.idempotency_key == candidate)
        shown = progress(row.id, now) if row is not None else None
        if shown is None or shown.state not in ("finished", "cancelled"):
            break
        candidate = f"{key}/{number}"
    return candidate


def ordered_within_hour(now: datetime, *, automatic: bool = False) -> int:
    """An upper bound of the messages, from the broadcasts alone, as their parts may be a hundred thousand; `automatic`:
    with those that nobody ordered, but for alarms.
    """
    return int(_of_the_hour(now, (fn.COALESCE(fn.SUM(Broadcast.recipients), 0),), automatic).scalar())


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


def _of_the_hour(now: datetime, columns: tuple[Any, ...], automatic: bool = False) -> Any:
    # What a clock that is behind finds in its future is no order of this hour.
    hour = Broadcast.created_at.between(now - HOUR, now + HOUR)
    left_out = ("alarm",) if automatic else AUTOMATIC
    return Broadcast.select(*columns).where(hour, Broadcast.kind.not_in(left_out))


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
