"""What a person may do with a broadcast that is under way or behind them."""

from datetime import datetime
from typing import Literal

from db import audit
from db.called_off import called_off_messages
from db.connection import locked, writing
from db.incomplete import incomplete_messages
from db.models import Broadcast, Message, Part
from db.outbox.holding import hold_of, leave_in_doubt
from db.outbox.stopped import cancel_parts, is_being_stopped
from db.progress import messages_in
from db.refusals import Refusal
from db.settings import SendingSettings
from db.states import Cause, Stage, sources
from db.states import Part as PartState
from db.threads import standing_follow_up

# `incomplete`: parts of it went out, and the SIM that they went through is gone (db.incomplete). `cancelled`: a person
# stopped it on its way (db.called_off).
Only = Literal["failed", "unconfirmed", "incomplete", "cancelled"]

_RESENDABLE = (Stage.QUEUED, Stage.FINISHED, Stage.CANCELLED)
OPEN = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED, Stage.HELD)


def cancel_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Nothing more goes out; returns how many messages will not. What a modem holds at this moment still goes."""
    queued = Part.select(Part.message).where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)
    waiting = int(queued.distinct().count())  # before the transaction: it looks at every part
    with writing():
        broadcast = _existing(broadcast_id)
        if broadcast.stage not in OPEN or not queued.exists():
            raise Refusal("L'envoi {id} n'a plus rien en attente : il n'y a rien à arrêter.", id=broadcast_id)
        leave_in_doubt(broadcast_id, now)
        Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_cancelled", str(broadcast_id), messages=waiting)
    # What was stopped is what this changes: a modem may have taken a part since they were counted.
    return cancel_parts(broadcast_id, "stopped", Cause.PERSON, now)


def pause_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """No new submit until somebody resumes it; returns how many messages wait. Its deadline runs on."""
    with writing():
        broadcast = _existing(broadcast_id)
        left = Part.broadcast == broadcast_id, Part.state.in_([PartState.QUEUED, PartState.SENDING])
        waiting = Part.select(Part.message).where(*left).distinct().count()
        if broadcast.stage is not Stage.QUEUED or not waiting:
            raise Refusal("L'envoi {id} n'est pas en cours : il n'y a rien à mettre en pause.", id=broadcast_id)
        Broadcast.update(stage=Stage.PAUSED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_paused", str(broadcast_id), messages=waiting)
    return int(waiting)


def resume_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Go on after a pause, with the deadline that it had; returns how many messages wait.

    Its age counts from now: an urgent one that a person has just resumed is not stale after a restart.
    """
    with writing():
        broadcast = _existing(broadcast_id)
        if broadcast.stage is not Stage.PAUSED:
            raise Refusal("L'envoi {id} n'est pas en pause.", id=broadcast_id)
        Broadcast.update(stage=Stage.QUEUED, release_at=now).where(Broadcast.id == broadcast_id).execute()
        queued = Part.broadcast == broadcast_id, Part.state == PartState.QUEUED
        waiting = Part.select(Part.message).where(*queued).distinct().count()
        audit.record(now, by, "broadcast_resumed", str(broadcast_id), messages=waiting)
    return int(waiting)


def resend_broadcast(broadcast_id: int, only: Only, by: str, sending: SendingSettings, now: datetime) -> int:
    """Queue the messages of one state again, each whole and with a new reference; returns how many."""
    with writing():
        broadcast = _existing(broadcast_id)
        if broadcast.stage not in _RESENDABLE:
            raise Refusal("L'envoi {id} attend encore une décision : prenez-la d'abord.", id=broadcast_id)
        _refuse_followed_up(broadcast_id)
        if is_being_stopped(broadcast):
            # What waits of it would go out too.
            raise Refusal("L'envoi {id} est en train d'être arrêté : recommencez dans un instant.", id=broadcast_id)
        messages = _messages(broadcast_id, only, now)
        # What still waits keeps its deadline; only a broadcast that had come to its end gets a new one.
        waiting = (
            broadcast.stage is Stage.QUEUED
            and Part.select().where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED).exists()
        )
        if not messages:
            raise Refusal("Aucun message de l'envoi {id} n'est dans cet état.", id=broadcast_id)
        going = Part.select().where(Part.message.in_(messages), Part.state == PartState.SENDING)
        if going.exists():
            # Its parts would go out under two references, and no phone could join them.
            raise Refusal("Une partie de ces messages est en train de partir : recommencez dans un instant.")
        Part.update(
            state=PartState.QUEUED, changed_at=now, reason="", retries=0, not_before_at=None, sent_at=None
        ).where(Part.message.in_(messages), Part.state.in_(sources(PartState.QUEUED, Cause.RESEND))).execute()
        Message.update(imsi=None, modem=None, reference=(Message.reference + 1).bin_and(255)).where(
            Message.id.in_(messages)
        ).execute()
        if not waiting:
            _reopen(broadcast, sending, now)
        audit.record(now, by, "broadcast_resent", str(broadcast_id), only=only, messages=len(messages))
    return len(messages)


def release_broadcast(
    broadcast_id: int, by: str, sending: SendingSettings, now: datetime, *, rest: bool = False
) -> int:
    """Send held work after all, with a new deadline; returns how many messages wait.

    `rest`: only to those who certainly have nothing of it (db.outbox.holding).
    """
    with writing():
        broadcast = _held(broadcast_id)
        if rest:
            _require_rest(broadcast_id)
            leave_in_doubt(broadcast_id, now)
        _reopen(broadcast, sending, now)
        audit.record(now, by, "broadcast_released", str(broadcast_id), only="nothing" if rest else None)
        waiting = Part.select().where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)
        return int(waiting.count())


def expire_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Let held work lapse; returns how many parts did. Whom it may have reached is left unconfirmed."""
    with writing():
        _held(broadcast_id)
        leave_in_doubt(broadcast_id, now)
        lapsed = Part.update(state=PartState.EXPIRED, changed_at=now, reason="lapsed").where(
            Part.broadcast == broadcast_id, Part.state.in_(sources(PartState.EXPIRED, Cause.PERSON))
        )
        count = int(lapsed.execute())
        Broadcast.update(stage=Stage.FINISHED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_expired", str(broadcast_id), parts=count)
    return count


def _existing(broadcast_id: int) -> Broadcast:
    # Held to the end: parts that modems give back, and housekeeping, wait for what becomes of it.
    broadcast: Broadcast | None = locked(Broadcast.select().where(Broadcast.id == broadcast_id)).first()
    if broadcast is None:
        raise Refusal("Il n'y a pas d'envoi {id}.", id=broadcast_id)
    return broadcast


def _messages(broadcast_id: int, only: Only, now: datetime) -> list[int]:
    if only == "incomplete":
        return incomplete_messages(broadcast_id, now)
    return called_off_messages(broadcast_id) if only == "cancelled" else messages_in(broadcast_id, only)


def _refuse_followed_up(broadcast_id: int) -> None:
    """Whoever got it now would never get what corrected or ended it."""
    later = standing_follow_up(broadcast_id)
    if later is not None:
        raise Refusal(
            "L'envoi {id} a été suivi d'une correction ou d'une fin d'alerte, l'envoi {later} : il n'est plus renvoyé, "
            "car qui le recevrait maintenant n'aurait pas la suite. S'il le faut, écrivez une nouvelle alerte.",
            id=broadcast_id,
            later=later.id,
        )


def _held(broadcast_id: int) -> Broadcast:
    broadcast = _existing(broadcast_id)
    if broadcast.stage is not Stage.HELD:
        raise Refusal("L'envoi {id} n'est pas retenu.", id=broadcast_id)
    return broadcast


def _require_rest(broadcast_id: int) -> None:
    hold = hold_of(broadcast_id)
    if hold is not None and not hold.nothing:
        raise Refusal("Tous les destinataires en attente ont peut-être déjà reçu l'envoi {id}.", id=broadcast_id)


def _reopen(broadcast: Broadcast, sending: SendingSettings, now: datetime) -> None:
    """Into the queue with a deadline and an age that count from now."""
    validity = sending.validity_urgent if broadcast.lane == 0 else sending.validity_normal
    Broadcast.update(stage=Stage.QUEUED, release_at=now, deadline_at=now + validity).where(
        Broadcast.id == broadcast.id
    ).execute()
