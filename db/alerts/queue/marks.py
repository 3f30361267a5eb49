"""Marks of an attempt's outcome. Each is one transaction, and moves a part only as the table of states allows."""

from collections.abc import Sequence
from datetime import datetime

from db.alerts.queue.claim import claim_within
from db.alerts.queue.recovery import apply_return, move_parts, moving
from db.alerts.queue.reports import NetworkReport, apply_orphans, apply_report_within, has_orphans
from db.alerts.values import Claim, Sender
from db.engine.base import tuples
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.models.broadcasts import Attempt, Message, Part
from db.modems.budgets import count_sent
from rules.states import LANE_NORMAL, Cause, PartState

# A retry goes behind every part of the laps before it; more than any broadcast has recipients.
RETRY_LAP = 10_000_000
# Of this part, too: a restored copy uses the number of a lost attempt again.
_OPEN = (Attempt.id == given("attempt")) & (Attempt.part == given("part")) & (Attempt.outcome == "open")
_START = Prepared(Attempt.update(pdu_started_at=given("now")).where(_OPEN, Attempt.pdu_started_at.is_null()))
_RESULT = {name: given(name) for name in ("outcome", "reason", "reference")}
_END = Prepared(Attempt.update(ended_at=given("now"), **_RESULT).where(_OPEN))
_HAND_ON = Prepared(
    Message.update(imsi=given("imsi"), modem=given("seat")).where(
        Message.id == given("message"), Message.imsi.is_null()
    )
)
_SENT = moving(Part.id == given("part"), PartState.SENT, Cause.MODEM, reason="", sent_at=given("now"))


class ClaimLost(Exception):
    """The part is no longer this attempt's: it was recovered meanwhile."""


def mark_pdu_started(claim: Claim, now: datetime) -> None:
    """Mark, durably, that the PDU is about to be written. Raises ClaimLost: then nothing may go to the modem."""
    with writing(wakes=False):
        for part in claim.parts:
            if not _START.change(attempt=part.attempt_id, part=part.part_id, now=now):
                raise ClaimLost


def mark_sent(claim: Claim, reference: int | None, sender: Sender, now: datetime) -> None:
    """The network accepted it; `reference` is TP-MR. A report that overtook this receipt is applied now."""
    with writing(wakes=False):
        _all_sent(claim, reference, sender, now)


def mark_sent_and_claim(
    claim: Claim,
    reference: int,
    sender: Sender,
    now: datetime,
    lowest_lane: int = LANE_NORMAL,
    reports: Sequence[NetworkReport] = (),
    claimed_at: datetime | None = None,
) -> Claim | None:
    """`mark_sent`, the `reports` that came meanwhile and the next `claim_part` in one transaction. `claimed_at` is the
    present, where the receipt of `now` had to wait for the database.
    """
    with writing(wakes=False):
        # The receipt first: one of them may be of this very part.
        _all_sent(claim, reference, sender, now)
        for report in reports:
            apply_report_within(report, now)
        return claim_within(sender, claimed_at or now, lowest_lane)


def mark_retry(
    claim: Claim,
    reason: str,
    not_before: datetime,
    now: datetime,
    counts: bool = True,
    through: tuple[str, str] | None = None,
) -> None:
    """A temporary refusal: back behind everybody's first turn. `counts` is False while the modem may be to blame.
    `through`: the SIM and its modem (host/name) that try next, if any other may.
    """
    later = {"retries": Part.retries + (1 if counts else 0), "ring": Part.ring + RETRY_LAP, "not_before_at": not_before}
    with writing():
        _settle(claim, "retry", reason, PartState.QUEUED, now, reason=reason, **later)
        if through is not None:
            imsi, seat = through
            _HAND_ON.change(message=claim.message_id, imsi=imsi, seat=seat)


def mark_blamed(parts: Sequence[int]) -> None:
    """The SIM that refused them sent another recipient's right afterwards, so the refusal was their own first try."""
    waiting = Part.state.in_([PartState.QUEUED, PartState.SENDING])
    with writing():
        Part.update(retries=1).where(Part.id.in_(parts), waiting, Part.retries == 0).execute()


def mark_released(claim: Claim, reason: str, now: datetime) -> None:
    """Nothing was sent, for a reason other than the part: it returns to its place, and no try is counted."""
    with writing():
        _settle(claim, "released", reason, PartState.QUEUED, now)


def mark_failed(claim: Claim, reason: str, now: datetime) -> None:
    """The part failed for good; the queued parts of the same message are cancelled, being useless without it."""
    with writing():
        _settle(claim, "failed", reason, PartState.FAILED, now, reason=reason)
        siblings = Part.message == claim.message_id
        move_parts(siblings, PartState.CANCELLED, Cause.POLICY, now, reason="sibling_failed")


def mark_unconfirmed(claim: Claim, reason: str, sender: Sender, now: datetime) -> None:
    """The PDU was sent and no answer came: unconfirmed, and never resent automatically."""
    with writing():
        _settle(claim, "unconfirmed", reason, PartState.UNCONFIRMED, now, reason=reason)
        for part in claim.parts:
            count_sent(sender.imsi, part.msisdn, now)


def mark_doubted(sender: Sender, receipts: int, now: datetime) -> int:
    """The last so many receipts of this modem prove nothing: they came when it may have been in text mode. Returns how
    many parts are unconfirmed now. Their attempts stay as the modem told, so that a report finds them.
    """
    of_modem = (Attempt.imsi == sender.imsi) & (Attempt.host == sender.host) & (Attempt.modem == sender.modem)
    told = Attempt.select(Attempt.part).where(of_modem, Attempt.outcome == "sent")
    with writing():
        parts = [part for (part,) in tuples(told.order_by(Attempt.id.desc()).limit(receipts))]
        sent = Part.id.in_(parts) & (Part.state == PartState.SENT)
        return move_parts(sent, PartState.UNCONFIRMED, Cause.MODEM, now, reason="mode_lost")


def mark_late(claim: Claim, reference: int, sender: Sender, now: datetime) -> bool:
    """The `+CMGS:` of an unconfirmed attempt arrived late: it was sent. False when a report had already shown that."""
    with writing():
        *earlier, last = claim.parts
        for part in earlier:
            if _end_late(part.attempt_id, None, now):
                _move_late(part.attempt_id, part.part_id, now)
        return _end_late(last.attempt_id, reference, now) and _move_late(last.attempt_id, last.part_id, now)


def mark_heard(attempt_id: int, reference: int, now: datetime) -> bool:
    """The same for one from before the port was opened: nobody knows whether it came late, or was not listened to."""
    with writing():
        part_id = Attempt.select(Attempt.part).where(Attempt.id == attempt_id).scalar()
        return _end_late(attempt_id, reference, now, "restart") and _move_late(attempt_id, part_id, now)


def _end_late(attempt_id: int, reference: int | None, now: datetime, why: str = "late") -> bool:
    unclear = (Attempt.id == attempt_id) & (Attempt.outcome == "unconfirmed")
    late = Attempt.update(outcome="sent", reference=reference, ended_at=now, reason=why)
    return bool(late.where(unclear).execute())


def _move_late(attempt_id: int, part_id: int, now: datetime) -> bool:
    unclear = (Part.id == part_id) & (Part.state == PartState.UNCONFIRMED)
    if not move_parts(unclear, PartState.SENT, Cause.MODEM, now, reason="", sent_at=now):
        return False
    apply_orphans(attempt_id, now)
    return True


def _all_sent(claim: Claim, reference: int | None, sender: Sender, now: datetime) -> None:
    """For a message handed over whole, the modem reports the last part's reference."""
    *earlier, last = claim.parts
    for part in earlier:
        _sent(part, None, sender, now)
    _sent(last, reference, sender, now)


def _sent(claim: Claim, reference: int | None, sender: Sender, now: datetime) -> None:
    ended = _END.change(
        attempt=claim.attempt_id, part=claim.part_id, outcome="sent", now=now, reason="", reference=reference
    )
    if not ended:
        # The database was away, or the clock jumped, for longer than a lease: what is known now still counts.
        if not _end_late(claim.attempt_id, reference, now, "restart"):
            raise ClaimLost
        _move_late(claim.attempt_id, claim.part_id, now)
        return
    if not _SENT.change(part=claim.part_id, now=now):
        raise ClaimLost
    count_sent(sender.imsi, claim.msisdn, now)
    if reference is not None and has_orphans(sender.imsi, reference):
        apply_orphans(claim.attempt_id, now)


def _settle(claim: Claim, outcome: str, why: str, target: PartState, now: datetime, **values: object) -> None:
    """End its attempts, and bring its parts to `target` with these values. Raises ClaimLost."""
    for part in claim.parts:
        about = {"attempt": part.attempt_id, "part": part.part_id, "reference": None}
        ended = _END.change(outcome=outcome, reason=why, now=now, **about)
        if not ended or not move_parts(Part.id == part.part_id, target, Cause.MODEM, now, **values):
            raise ClaimLost
        if target is PartState.QUEUED:
            apply_return(part.message_id, part.part_id, now)
