"""The people of a correction or an end: those who have the alert or may have it; and the stop of unsent messages
(docs/adr/0014)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Case, fn

from db.alerts.orders.control import cancel_mails, cancel_parts
from db.alerts.orders.holding import leave_in_doubt
from db.alerts.progress.counts import is_told, with_corrected
from db.alerts.progress.threads import first_of
from db.engine.base import tuples
from db.engine.connection import lock_by_id, locked, writing
from db.journal import audit
from db.models.accounts import Account
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.people import Consent, Member
from db.people.audience import Recipient
from rules.states import FOLLOW_UPS, OPEN, Cause, PartState, Stage

# What a modem holds at this moment goes out: its person is among them, and the claim looks again.
_REACHED = (PartState.SENT, PartState.DELIVERED, PartState.UNCONFIRMED, PartState.SENDING)
# As for a claim: a consent for this number, or a user's own number that no member has.
_AGREED = Consent.select().join(Member).where(Member.mobile == Message.msisdn, Consent.channel == "sms", Consent.given)
_OWN = Account.select().where(Account.mobile == Message.msisdn, Account.active)
_IS_WANTED = fn.EXISTS(_AGREED) | (Message.member.is_null() & fn.EXISTS(_OWN))


@dataclass(frozen=True, slots=True)
class Original:
    """The broadcast that a text refers to; `kind` and `begun_at` are those of the first of its thread."""

    id: int
    stage: Stage
    kind: str
    begun_at: datetime


def original_of(broadcast_id: int) -> Original | None:
    """The broadcast of this id, as one that is to be followed; None for an unknown one."""
    row: Broadcast | None = Broadcast.get_or_none(Broadcast.id == broadcast_id)
    if row is None:
        return None
    first = first_of(row)
    return Original(row.id, row.stage, first.kind, first.created_at)


def reached(broadcast_id: int) -> list[Recipient]:
    """People with a mobile who have it or may, still want SMS, and their language; those under way are last."""
    under_way = fn.SUM(Case(None, [(Part.state == PartState.SENDING, 1)], 0)) > 0
    return _people(_messages(broadcast_id).having(_has_it(broadcast_id)).order_by(under_way, Message.id))


def has_anybody(broadcast_id: int) -> bool:
    """True if somebody has it or may have it, by any channel."""
    family = with_corrected(broadcast_id)
    parts = Part.select().join(Message).where(Part.broadcast.in_(family), Part.state.in_(_REACHED), _IS_WANTED)
    return bool(parts.exists() or Member.select().where(Member.restricted_at.is_null(), is_told(family)).exists())


def untouched(broadcast_id: int) -> list[Recipient]:
    """People who received nothing and still want SMS, in the original order; none for a correction or an end."""
    if Broadcast.get_by_id(broadcast_id).kind in FOLLOW_UPS:
        return []
    have_it = {person.msisdn for person in reached(broadcast_id)}
    nothing = _people(_messages(broadcast_id).having(~_has_it(broadcast_id)).order_by(Message.id))
    return [person for person in nothing if person.msisdn not in have_it]


def _messages(broadcast_id: int) -> Any:
    return (
        Part.select(Message.msisdn, Message.member, BroadcastText.language)
        .join(Message)
        .join(BroadcastText)
        .where(Part.broadcast.in_(with_corrected(broadcast_id)), Message.msisdn != "", _IS_WANTED)
        .group_by(Message.id, Message.msisdn, Message.member, BroadcastText.language)
    )


def _has_it(broadcast_id: int) -> Any:
    """Condition on messages: a part of it may have arrived, or the person with that telephone was mailed or called."""
    readers = Member.select().where(Member.mobile == Message.msisdn, is_told(with_corrected(broadcast_id)))
    return (fn.SUM(Case(None, [(Part.state.in_(_REACHED), 1)], 0)) > 0) | fn.EXISTS(readers)


def _people(query: Any) -> list[Recipient]:
    """Each number once."""
    people = (Recipient(msisdn, member_id, language) for msisdn, member_id, language in tuples(query))
    return list({person.msisdn: person for person in people}.values())


def stop_the_rest(original_id: int, by: str, now: datetime) -> list[Recipient] | None:
    """Stop the original and its mails, then list its people, so that none is left out; None if nobody has it."""
    family = with_corrected(original_id)
    with writing():
        # Lock the broadcasts first: everybody who stops or releases one does the same.
        lock_by_id(Broadcast, Broadcast.id.in_(family))
        if not has_anybody(original_id):
            return None
        cancel_mails(family, now)
        for broadcast in Broadcast.select().where(Broadcast.id.in_(family), Broadcast.stage.in_(OPEN)):
            parts = Part.select().where(Part.broadcast == broadcast.id)
            # A part that was claimed ahead comes back to a broadcast that is stopped, and is stopped with it.
            if parts.where(Part.state.in_([PartState.QUEUED, PartState.SENDING])).exists():
                leave_in_doubt(broadcast.id, now)
                queued = parts.where(Part.state == PartState.QUEUED).count()
                Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast.id).execute()
                audit.record(now, by, "broadcast_cancelled", str(broadcast.id), parts=queued)
    for broadcast_id in family:
        cancel_parts(broadcast_id, "followed_up", Cause.PERSON, now)
    return reached(original_id)


def is_sent_again(original_id: int) -> bool:
    """True where somebody sent again after the stop, and people would not be corrected. Locks those broadcasts."""
    theirs = Broadcast.select().where(Broadcast.id.in_(with_corrected(original_id))).order_by(Broadcast.id)
    open_ids = [row.id for row in locked(theirs) if row.stage in OPEN]
    return Part.select().where(Part.broadcast.in_(open_ids or [0]), Part.state == PartState.QUEUED).exists()
