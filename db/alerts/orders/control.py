"""Actions of a person on a broadcast: cancel, pause, resume, release or expire held messages."""

from datetime import datetime

from db.alerts.orders.holding import hold_of, leave_in_doubt
from db.alerts.orders.resending import existing, reopen
from db.alerts.orders.stopping import cancel_parts
from db.engine.batches import change_in_chunks
from db.engine.connection import writing
from db.journal import audit
from db.models.broadcasts import Broadcast, Part
from db.settings.values import SendingSettings
from plp.rules.refusals import WrongState
from plp.rules.states import Cause, PartState, Stage, sources

OPEN = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED, Stage.HELD)


def cancel_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Cancel it; returns the number of messages that will not go out. A part that a modem has taken still goes."""
    queued = Part.select(Part.message).where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)
    waiting = int(queued.distinct().count())  # before the transaction: it looks at every part
    with writing():
        broadcast = existing(broadcast_id)
        if broadcast.stage not in OPEN or not queued.exists():
            raise WrongState("Envoi {id} : aucun SMS en attente, arrêt inutile.", id=broadcast_id)
        leave_in_doubt(broadcast_id, now)
        Broadcast.update(stage=Stage.CANCELLED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_cancelled", str(broadcast_id), messages=waiting)
    # What was stopped is what this changes: a modem may have taken a part since they were counted.
    return cancel_parts(broadcast_id, "stopped", Cause.PERSON, now)


def pause_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Pause it: no new submit until it is resumed; returns the number of waiting messages. Its deadline runs on."""
    with writing():
        broadcast = existing(broadcast_id)
        left = Part.broadcast == broadcast_id, Part.state.in_([PartState.QUEUED, PartState.SENDING])
        waiting = Part.select(Part.message).where(*left).distinct().count()
        if broadcast.stage is not Stage.QUEUED or not waiting:
            raise WrongState("L'envoi {id} n'est pas en cours : pause inutile.", id=broadcast_id)
        Broadcast.update(stage=Stage.PAUSED).where(Broadcast.id == broadcast_id).execute()
        audit.record(now, by, "broadcast_paused", str(broadcast_id), messages=waiting)
    return int(waiting)


def resume_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Go on after a pause, or at once in place of the undo seconds, with the same deadline; its age counts anew.

    Returns the number of waiting messages.
    """
    with writing():
        broadcast = existing(broadcast_id)
        if broadcast.stage not in (Stage.PAUSED, Stage.SCHEDULED):
            raise WrongState("L'envoi {id} n'est pas en pause.", id=broadcast_id)
        Broadcast.update(stage=Stage.QUEUED, release_at=now).where(Broadcast.id == broadcast_id).execute()
        queued = Part.broadcast == broadcast_id, Part.state == PartState.QUEUED
        waiting = Part.select(Part.message).where(*queued).distinct().count()
        audit.record(now, by, "broadcast_resumed", str(broadcast_id), messages=waiting)
    return int(waiting)


def release_broadcast(
    broadcast_id: int, by: str, sending: SendingSettings, now: datetime, *, rest: bool = False
) -> int:
    """Send held messages with a new deadline, with `rest` only those that nobody can have; returns their number."""
    with writing():
        broadcast = _held(broadcast_id)
        if rest:
            _require_rest(broadcast_id)
            leave_in_doubt(broadcast_id, now)
        reopen(broadcast, sending, now)
        audit.record(now, by, "broadcast_released", str(broadcast_id), only="nothing" if rest else None)
        waiting = Part.select().where(Part.broadcast == broadcast_id, Part.state == PartState.QUEUED)
        return int(waiting.count())


def expire_broadcast(broadcast_id: int, by: str, now: datetime) -> int:
    """Expire held parts, or leave them unconfirmed where a phone may have them; returns their number."""
    with writing():
        _held(broadcast_id)
        leave_in_doubt(broadcast_id, now)
    parts = Part.broadcast == broadcast_id, Part.state.in_(sources(PartState.EXPIRED, Cause.PERSON))

    def lapse(ids: list[int]) -> int:
        _held(broadcast_id)  # another person may have decided meanwhile
        lapsed = Part.update(state=PartState.EXPIRED, changed_at=now, reason="lapsed")
        return int(lapsed.where(*parts, Part.id.in_(ids)).execute())

    count = change_in_chunks(Part.select(Part.id).where(*parts), lapse)
    with writing():
        over = Broadcast.update(stage=Stage.FINISHED)
        over.where(Broadcast.id == broadcast_id, Broadcast.stage == Stage.HELD).execute()
        audit.record(now, by, "broadcast_expired", str(broadcast_id), parts=count)
    return count


def _held(broadcast_id: int) -> Broadcast:
    broadcast = existing(broadcast_id)
    if broadcast.stage is not Stage.HELD:
        raise WrongState("L'envoi {id} n'est pas bloqué.", id=broadcast_id)
    return broadcast


def _require_rest(broadcast_id: int) -> None:
    hold = hold_of(broadcast_id)
    if hold is not None and not hold.nothing:
        raise WrongState("Tous les destinataires en attente ont peut-être déjà reçu l'envoi {id}.", id=broadcast_id)
