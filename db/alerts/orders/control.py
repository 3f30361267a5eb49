"""Actions of a person on a broadcast: cancel, pause, resume, release or expire held messages, and send again those in
one state: a hundred thousand are put back in slices, while the first go out.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal

from peewee import fn

from db.alerts.orders.holding import hold_of, leave_in_doubt
from db.alerts.orders.stopping import cancel_parts, is_being_stopped
from db.alerts.progress.counts import RANK, called_off_messages, incomplete_messages
from db.alerts.progress.threads import standing_follow_up
from db.engine.base import tuples
from db.engine.connection import change_in_chunks, in_chunks, locked, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, Message, Part
from db.settings.values import SendingSettings
from rules.refusals import KeyTaken, Missing, WrongState
from rules.states import WORST_FIRST, Cause, PartState, Stage, sources

OPEN = (Stage.AWAITING_APPROVAL, Stage.SCHEDULED, Stage.QUEUED, Stage.PAUSED, Stage.HELD)
# `incomplete`: parts of it went out, and the SIM that they went through is gone (db.alerts.progress.counts).
# `cancelled`: a person stopped it on its way (db.alerts.progress.counts).
Only = Literal["failed", "unconfirmed", "incomplete", "cancelled"]

_RESENDABLE = (Stage.QUEUED, Stage.FINISHED, Stage.CANCELLED)
# What is put back already may have gone out (finished), or wait for a person who paused it.
_UNDER_WAY = (Stage.QUEUED, Stage.PAUSED, Stage.FINISHED)


def resend_broadcast(
    broadcast_id: int,
    only: Only,
    by: str,
    sending: SendingSettings,
    now: datetime,
    idempotency_key: str | None = None,
    among: Collection[int] | None = None,
) -> int:
    """Queue the messages of one state again, each whole and with a new reference; returns how many. Raises Refusal.

    With `among` only of these.

    Inside no transaction. Cut short, the rest stays in its state and can be sent again. The same key returns the same
    number and queues nothing: what failed once more since would go out a third time.
    """
    request = None if idempotency_key is None else hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
    before = _resent_before(broadcast_id, only, request)
    if before is not None:
        return before
    work = _Resend(broadcast_id, only, by, sending, now, request, among)
    in_chunks(work.messages or [0], work.put_back)  # of none it says why, too
    if not work.count:
        raise WrongState("Aucun message de l'envoi {id} n'est dans cet état.", id=broadcast_id)
    return work.count


class _Resend:
    """One person's order to send again: `messages` are those in the state, `count` those put back already."""

    def __init__(
        self,
        broadcast_id: int,
        only: Only,
        by: str,
        sending: SendingSettings,
        now: datetime,
        request: str | None,
        among: Collection[int] | None,
    ) -> None:
        self.request = request
        self.broadcast_id, self.only, self.by, self.sending, self.now = broadcast_id, only, by, sending, now
        self.messages = self._in_state(among)
        self.count = 0

    def put_back(self, some: Sequence[int]) -> None:
        """Put back those of these messages that are in the state still; inside the caller's transaction."""
        broadcast = existing(self.broadcast_id)
        if not self.count:
            _check(broadcast)
        elif broadcast.stage not in _UNDER_WAY or standing_follow_up(broadcast.id):
            return
        leaving = self._leaving()
        if not self.count and leaving & set(self.messages):
            # Its parts would go out under two references, and no phone could join them.
            raise WrongState("Une partie de ces messages est en cours d'envoi : recommencez dans un instant.")
        again = [message for message in self._in_state(some) if message not in leaving]
        if not again:
            return
        self._open(broadcast)
        Part.update(
            state=PartState.QUEUED, changed_at=self.now, reason="", retries=0, not_before_at=None, sent_at=None
        ).where(Part.message.in_(again), Part.state.in_(sources(PartState.QUEUED, Cause.RESEND))).execute()
        anew = Message.update(imsi=None, modem=None, reference=(Message.reference + 1).bin_and(255))
        anew.where(Message.id.in_(again)).execute()
        self.count += len(again)

    def _open(self, broadcast: Broadcast) -> None:
        """Open the broadcast: waiting messages keep its deadline; one that had ended gets a new deadline, once."""
        if not self.count:
            queued = Part.select().where(Part.broadcast == broadcast.id, Part.state == PartState.QUEUED)
            if broadcast.stage is not Stage.QUEUED or not queued.exists():
                reopen(broadcast, self.sending, self.now)
            detail = {"only": self.only, "messages": len(self.messages), "request": self.request}
            audit.record(self.now, self.by, "broadcast_resent", str(broadcast.id), **detail)
        elif broadcast.stage is Stage.FINISHED:
            Broadcast.update(stage=Stage.QUEUED).where(Broadcast.id == broadcast.id).execute()

    def _leaving(self) -> set[int]:
        sent = Part.select(Part.message).where(Part.broadcast == self.broadcast_id, Part.state == PartState.SENDING)
        return {row[0] for row in tuples(sent)}

    def _in_state(self, among: Collection[int] | None) -> list[int]:
        if self.only == "incomplete":
            return incomplete_messages(self.broadcast_id, self.now, among)
        if self.only == "cancelled":
            return called_off_messages(self.broadcast_id, among)
        parts = Part.select(Part.message).where(Part.broadcast == self.broadcast_id)
        if among is not None:
            parts = parts.where(Part.message.in_(among))
        worst = fn.MIN(RANK) == WORST_FIRST.index(PartState(self.only))
        return [row[0] for row in tuples(parts.group_by(Part.message).having(worst).order_by(Part.message))]


def _resent_before(broadcast_id: int, only: Only, request: str | None) -> int | None:
    """Number of messages queued again by this request, found by its digest in the journal; None for a new request."""
    if request is None:
        return None
    for entry in audit.entries_about(str(broadcast_id)):
        if entry.action == "broadcast_resent" and entry.detail.get("request") == request:
            if entry.detail["only"] != only:
                raise KeyTaken(
                    "Aucun SMS n'a été envoyé : cette clé a servi à un autre envoi ({id}). Utilisez une nouvelle clé.",
                    id=broadcast_id,
                )
            return int(str(entry.detail["messages"]))
    return None


def reopen(broadcast: Broadcast, sending: SendingSettings, now: datetime) -> None:
    """Put the broadcast into the queue, with a deadline and an age that count from now."""
    validity = sending.validity_urgent if broadcast.lane == 0 else sending.validity_normal
    Broadcast.update(stage=Stage.QUEUED, release_at=now, deadline_at=now + validity).where(
        Broadcast.id == broadcast.id
    ).execute()


def existing(broadcast_id: int) -> Broadcast:
    """The broadcast, locked until the caller's transaction ends. Raises Refusal."""
    broadcast: Broadcast | None = locked(Broadcast.select().where(Broadcast.id == broadcast_id)).first()
    if broadcast is None:
        raise Missing("L'envoi {id} n'existe pas.", id=broadcast_id)
    return broadcast


def _check(broadcast: Broadcast) -> None:
    if broadcast.stage not in _RESENDABLE:
        raise WrongState("L'envoi {id} exige d'abord une décision.", id=broadcast.id)
    later = standing_follow_up(broadcast.id)
    if later is not None:  # whoever got it now would never get that
        raise WrongState(
            "L'envoi {id} a été suivi d'une correction ou d'une fin d'alerte (envoi {later}) : il ne "
            "peut plus être renvoyé. Au besoin, rédigez une nouvelle alerte.",
            id=broadcast.id,
            later=later.id,
        )
    if is_being_stopped(broadcast):
        # What waits of it would go out too.
        raise WrongState("L'envoi {id} est en train d'être arrêté : recommencez dans un instant.", id=broadcast.id)


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
            hold = hold_of(broadcast_id)
            if hold is not None and not hold.nothing:
                raise WrongState(
                    "Tous les destinataires en attente ont peut-être déjà reçu l'envoi {id}.", id=broadcast_id
                )
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
