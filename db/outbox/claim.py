"""A modem takes the next part: conditionally, with an Attempt and a lease, or gets None."""

import json
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.connection import writing
from db.models import LANE_NORMAL, Account, Attempt, Broadcast, BroadcastText, Consent, Member, Message, Part
from db.outbox.values import Claim, Sender
from db.states import Cause, sources
from db.states import Part as PartState

# Longer than the longest submit (180 s) with its probe: a live worker never loses its claim.
LEASE = timedelta(minutes=10)

# A constant in the SQL text, not a parameter: SQLite uses a partial index only when it can see the value.
_QUEUED = SQL("'queued'")


def claim_part(sender: Sender, now: datetime, lowest_lane: int = LANE_NORMAL) -> Claim | None:
    """The next part for this SIM among lanes 0 to `lowest_lane`, now SENDING; None when there is none.

    Order: lane, then broadcast, then ring. A part whose person left since is cancelled on the way.
    """
    with writing():
        while True:
            part = _next_part(sender, now, lowest_lane)
            if part is None:
                return None
            if _unwanted(part.message):
                Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out").where(
                    Part.message == part.message_id, Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
                ).execute()
                continue
            # Never back to False: what a simulator touched is marked for ever.
            simulated = part.simulated or sender.simulated
            taken = Part.update(state=PartState.SENDING, changed_at=now, simulated=simulated).where(
                Part.id == part.id, Part.state.in_(sources(PartState.SENDING, Cause.CLAIM))
            )
            if taken.execute():
                return _claimed(part, sender, now)


def _next_part(sender: Sender, now: datetime, lowest_lane: int) -> Any:
    """The first open broadcast with work for this SIM, then the first of its parts in ring order.

    Two queries, so that each walks a partial index and neither sorts, however long the queue is.
    """
    claimable = (
        (Part.state == _QUEUED)
        & (Part.not_before_at.is_null() | (Part.not_before_at <= now))
        & (Message.imsi.is_null() | (Message.imsi == sender.imsi))
    )
    work = Part.select(SQL("1")).join(Message).where(Part.broadcast == Broadcast.id, claimable)
    broadcast = (
        Broadcast.select()
        .where(Broadcast.stage == _QUEUED, Broadcast.lane <= lowest_lane, Broadcast.deadline_at > now)
        .where(fn.EXISTS(work))
        .order_by(Broadcast.lane, Broadcast.id)
        .first()
    )
    if broadcast is None:
        return None
    part = (
        Part.select(Part, Message, BroadcastText)
        .join(Message)
        .join(BroadcastText)
        .where(Part.broadcast == broadcast.id, claimable)
        .order_by(Part.ring, Part.id)
        .first()
    )
    part.broadcast = broadcast
    return part


def _unwanted(message: Message) -> bool:
    """True when nobody on this number wants texts any more: they left, were forgotten, or gave the number up.

    Whoever shares a phone still gets what was ordered for both. A user's own number belongs to no member.
    """
    agreed = (
        Consent.select().join(Member).where(Member.mobile == message.msisdn, Consent.channel == "sms", Consent.given)
    )
    if agreed.exists():
        return False
    own = Account.select().where(Account.mobile == message.msisdn, Account.active)
    return message.member_id is not None or not own.exists()


def _claimed(part: Part, sender: Sender, now: datetime) -> Claim:
    message, broadcast = part.message, part.broadcast
    if message.imsi is None:
        Message.update(imsi=sender.imsi).where(Message.id == message.id).execute()
    attempt = Attempt.create(
        part=part.id,
        host=sender.host,
        modem=sender.modem,
        imsi=sender.imsi,
        simulated=sender.simulated,
        claimed_at=now,
        lease_until=now + LEASE,
    )
    segments = json.loads(message.text.segments)
    return Claim(
        attempt_id=attempt.id,
        part_id=part.id,
        message_id=message.id,
        broadcast_id=broadcast.id,
        lane=broadcast.lane,
        msisdn=message.msisdn,
        text=segments[part.seq - 1],
        encoding=message.text.encoding,
        seq=part.seq,
        total=len(segments),
        reference=message.reference,
        retries=part.retries,
        last_reason=part.reason,
        deadline_at=broadcast.deadline_at,
    )
