"""Claiming of the next part for a modem, by a conditional UPDATE, with an Attempt and a lease."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from peewee import SQL, fn

from db.alerts.progress.counts import is_told, with_corrected
from db.alerts.queue.choosing import QUEUED, Candidate, next_part, open_broadcast, sender_values, something_waits
from db.alerts.queue.recovery import moving
from db.alerts.values import Claim, Sender
from db.engine.base import card_of, tuples
from db.engine.cached_queries import Prepared, given, inserting, utc_of
from db.engine.connection import locked, writing
from db.models.accounts import Account
from db.models.broadcasts import Attempt, Broadcast, BroadcastText, Message, Part
from db.models.people import Consent, Member
from rules.states import CORRECTED, FOLLOW_UPS, LANE_NORMAL, OF_ONE_SIM, Cause, PartState

# Longer than the longest submit (180 s) with its probe: a live worker never loses its claim.
LEASE = timedelta(minutes=10)
# Kinds that go to numbers which agreed to nothing: the box's own SIMs, the duty phone, whoever wrote to us.
_TO_OTHERS = (*OF_ONE_SIM, "alarm", "answer")
_BY_SMS = Consent.select(SQL("1")).join(Member).where(Consent.channel == "sms", Consent.given)
_WITH_CONSENT = _BY_SMS.where(Member.mobile == given("msisdn")).limit(1)
_AGREED = Prepared(_WITH_CONSENT)
_STILL_DUE = Prepared(
    lambda: Broadcast.select(SQL("1")).where(
        Broadcast.id == given("broadcast"),
        Broadcast.stage == QUEUED,
        Broadcast.deadline_at > given("now"),
        Broadcast.kind.in_(_TO_OTHERS) | fn.EXISTS(_WITH_CONSENT),
        ~fn.EXISTS(open_broadcast()),
    )
)
_OWN_NUMBER = Prepared(Account.select(SQL("1")).where(Account.mobile == given("msisdn"), Account.active).limit(1))
_CORRECTION, _OTHER = Broadcast.alias(), Broadcast.alias()
_ORIGINAL = _CORRECTION.select(_CORRECTION.original).where(_CORRECTION.id == given("broadcast"))
# The broadcast that brought the corrected text to the people whom the alert did not reach.
_CORRECTED = _OTHER.select(_OTHER.id).where(_OTHER.original == _ORIGINAL, _OTHER.kind == CORRECTED)
_OF_MESSAGE = Part.message == given("message")
_CANCEL_MESSAGE = moving(_OF_MESSAGE, PartState.CANCELLED, Cause.POLICY, reason=given("reason"))
_TAKE = moving(Part.id == given("part"), PartState.SENDING, Cause.CLAIM, simulated=given("simulated"))
_WENT_OUT = Prepared(
    Part.select(SQL("1"))
    .join(Message)
    .where(Message.msisdn == given("msisdn"))
    .where((Part.broadcast == _ORIGINAL) | Part.broadcast.in_(_CORRECTED))
    .where(Part.broadcast < given("broadcast"))  # the corrected alert beside this correction may be first
    .where(Part.state.not_in([PartState.QUEUED, PartState.CANCELLED, PartState.FAILED]))
    .limit(1)
)
_TO_NUMBER = Message.select().where(Message.msisdn == given("msisdn"))
# The right text goes to those whom the alert did not reach, and this number is not among them.
_LEFT_OUT = Prepared(
    Broadcast.select(SQL("1"))
    .where(Broadcast.id.in_(_CORRECTED), Broadcast.id > given("broadcast"))
    .where(~fn.EXISTS(_TO_NUMBER.where(Message.broadcast.in_(_CORRECTED))))
    .limit(1)
)
_BIND = Prepared(Message.update(imsi=given("imsi"), modem=given("seat")).where(Message.id == given("message")))
_ATTEMPT = inserting(Attempt, "part", "host", "modem", "imsi", "simulated", "claimed_at", "lease_until")


def claim_part(sender: Sender, now: datetime, lowest_lane: int = LANE_NORMAL) -> Claim | None:
    """The next part for this SIM, now SENDING, or None; a part whose person left is cancelled."""
    if not something_waits(lowest_lane, sender, now):  # no turn among the writers for an idle modem
        return None
    with writing(wakes=False):
        return claim_within(sender, now, lowest_lane)


def is_still_due(claim: Claim, sender: Sender, now: datetime) -> bool:
    """True when a part claimed ahead may go out: not paused, stopped, expired or unwanted, and nothing more urgent."""
    values = sender_values(sender, now) | {"msisdn": claim.msisdn, "lowest_lane": claim.lane - 1}
    return _STILL_DUE.first(broadcast=claim.broadcast_id, **values) is not None


def claim_rest(claim: Claim, sender: Sender, now: datetime) -> Claim | None:
    """`claim` with the other parts of its message, for a modem that takes messages whole; None unless all wait."""
    with writing(wakes=False):
        waiting = (Part.message == claim.message_id) & (Part.id != claim.part_id) & (Part.state == QUEUED)
        columns = Part.select(Part.id, Part.seq, Part.simulated, BroadcastText.segments)
        parts = columns.join(Message).join(BroadcastText).where(waiting).order_by(Part.id)
        rest = tuples(locked(parts, of=(Part,)))
        if len(rest) != claim.total - 1:
            return None
        others = []
        for part_id, seq, simulated, segments in rest:
            _TAKE.change(part=part_id, now=now, simulated=bool(simulated or sender.simulated))
            attempt_id = _attempt(part_id, sender, now)
            text = _segments(segments)[seq - 1]
            others.append(replace(claim, attempt_id=attempt_id, part_id=part_id, seq=seq, text=text))
        return replace(claim, rest=tuple(others))


def claim_within(sender: Sender, now: datetime, lowest_lane: int) -> Claim | None:
    """`claim_part` inside the caller's transaction."""
    while True:
        part = next_part(sender, now, lowest_lane)
        if part is None:
            return None
        # No number: its person was forgotten while it was on its way, and it came back.
        if not part.msisdn or (part.kind not in _TO_OTHERS and _unwanted(part)):
            _CANCEL_MESSAGE.change(now=now, message=part.message_id, reason="opted_out")
            continue
        if part.kind in FOLLOW_UPS and _was_not_reached(part):
            _CANCEL_MESSAGE.change(now=now, message=part.message_id, reason="not_reached")
            continue
        # Never back to False: what a simulator touched is marked for ever.
        simulated = bool(part.simulated or sender.simulated)
        if _TAKE.change(part=part.id, now=now, simulated=simulated):
            return _claimed(part, sender, now)


def _unwanted(part: Candidate) -> bool:
    """True when nobody on this number wants texts any more: they left, were erased, or gave up the number. A person who
    shares a phone still gets what was ordered for both. A user's own number belongs to no member."""
    if _AGREED.first(msisdn=part.msisdn):
        return False
    return part.member_id is not None or not _OWN_NUMBER.first(msisdn=part.msisdn)


def _was_not_reached(part: Candidate) -> bool:
    """True when this person did not have the alert that this corrects or ends, and is to get the corrected alert."""
    values = {"broadcast": part.broadcast_id, "msisdn": part.msisdn}
    if _WENT_OUT.first(**values) or _LEFT_OUT.first(**values):
        return False
    original = Broadcast.get_by_id(part.broadcast_id).original_id or 0
    told = is_told(with_corrected(original, before=part.broadcast_id))
    return not Member.select().where(Member.mobile == part.msisdn, told).exists()


def _claimed(part: Candidate, sender: Sender, now: datetime) -> Claim:
    if part.imsi is None:
        _BIND.change(imsi=sender.imsi, seat=sender.seat, message=part.message_id)
    segments = _segments(part.segments)
    return card_of(
        Claim,
        part,
        attempt_id=_attempt(part.id, sender, now),
        part_id=part.id,
        text=segments[part.seq - 1],
        total=len(segments),
        last_reason=part.reason,
        deadline_at=utc_of(part.deadline_at),
        rest=(),
    )


def _attempt(part_id: int, sender: Sender, now: datetime) -> int:
    by = {"host": sender.host, "modem": sender.modem, "imsi": sender.imsi, "simulated": sender.simulated}
    return _ATTEMPT.inserted(part=part_id, **by, claimed_at=now, lease_until=now + LEASE)


@lru_cache(maxsize=8)
def _segments(stored: str) -> list[str]:
    """A broadcast's text is the same for everybody."""
    segments: list[str] = json.loads(stored)
    return segments
