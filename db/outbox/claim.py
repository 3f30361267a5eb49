"""A modem takes the next part: conditionally, with an Attempt and a lease, or gets None."""

import json
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL

from db.connection import writing
from db.models import LANE_NORMAL, Attempt, Broadcast, BroadcastText, Consent, Message, Part
from db.outbox.values import Claim, Sender
from db.states import Cause, Stage, sources
from db.states import Part as PartState

# Longer than the longest submit (180 s) with its probe: a live worker never loses its claim.
LEASE = timedelta(minutes=10)

# A constant in the SQL text, not a parameter: SQLite uses a partial index only when it can see the value.
_QUEUED = SQL("'queued'")


def claim_part(sender: Sender, now: datetime, lowest_lane: int = LANE_NORMAL) -> Claim | None:
    """The next part for this SIM among lanes 0 to `lowest_lane`, now SENDING; None when there is none.

    Order: lane, then broadcast, then ring. Expires and cancels on the way what may no longer go out. Work of a
    simulated broadcast and of a real one are not told apart: what a modem is, is the sender's word.
    """
    with writing():
        for broadcast in _open_broadcasts(lowest_lane):
            if broadcast.deadline_at <= now:
                _expire(broadcast, now)
                continue
            claim = _claim_in(broadcast, sender, now)
            if claim is not None:
                return claim
            _close_when_done(broadcast)
    return None


def _open_broadcasts(lowest_lane: int) -> list[Broadcast]:
    return list(
        Broadcast.select()
        .where(Broadcast.stage == _QUEUED)
        .where(Broadcast.lane <= lowest_lane)
        .order_by(Broadcast.lane, Broadcast.id)
    )


def _claim_in(broadcast: Broadcast, sender: Sender, now: datetime) -> Claim | None:
    while True:
        part = _next_part(broadcast, sender, now)
        if part is None:
            return None
        if _left(part.message):
            Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out").where(
                Part.message == part.message_id, Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
            ).execute()
            continue
        taken = Part.update(state=PartState.SENDING, changed_at=now).where(
            Part.id == part.id, Part.state.in_(sources(PartState.SENDING, Cause.CLAIM))
        )
        if taken.execute():
            return _claimed(broadcast, part, sender, now)


def _next_part(broadcast: Broadcast, sender: Sender, now: datetime) -> Any:
    return (
        Part.select(Part, Message, BroadcastText)
        .join(Message)
        .join(BroadcastText)
        .where(Part.state == _QUEUED, Part.broadcast == broadcast.id)
        .where(Part.not_before_at.is_null() | (Part.not_before_at <= now))
        .where(Message.imsi.is_null() | (Message.imsi == sender.imsi))
        .order_by(Part.ring, Part.id)
        .first()
    )


def _left(message: Message) -> bool:
    """True when the member said no to SMS since the broadcast was ordered, and nobody else shares the message."""
    if message.member_id is None:
        return False
    agreed = Consent.select().where(Consent.member == message.member_id, Consent.channel == "sms", Consent.given)
    return not agreed.exists()


def _claimed(broadcast: Broadcast, part: Part, sender: Sender, now: datetime) -> Claim:
    message = part.message
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
        deadline_at=broadcast.deadline_at,
    )


def _expire(broadcast: Broadcast, now: datetime) -> None:
    Part.update(state=PartState.EXPIRED, changed_at=now, reason="deadline").where(
        Part.broadcast == broadcast.id, Part.state.in_(sources(PartState.EXPIRED, Cause.POLICY))
    ).execute()
    _close_when_done(broadcast)


def _close_when_done(broadcast: Broadcast) -> None:
    """Out of the open ones, so that claims do not look at it again; its state is derived from its parts anyway."""
    waiting = Part.select().where(Part.broadcast == broadcast.id, Part.state.in_([PartState.QUEUED, PartState.SENDING]))
    if not waiting.exists():
        Broadcast.update(stage=Stage.FINISHED).where(
            Broadcast.id == broadcast.id, Broadcast.stage == Stage.QUEUED
        ).execute()
