"""A person's say on one message of the queue: it does not go out, or another modem is to take it.

What a modem has at this moment can be neither stopped nor moved: it may be on its way to the network.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from db.alerts.queue.choosing import QUEUED, admits
from db.engine.base import tuples
from db.engine.connection import locked, writing
from db.journal import audit
from db.models.broadcasts import Broadcast, Message, Part
from db.models.zone import Modem
from db.modems.budgets.limits import room_of
from db.modems.readiness import live_hosts
from rules.refusals import Missing, OverBudget, WrongState
from rules.states import LANE_NORMAL, OF_ONE_SIM, Cause, PartState, Stage, sources


def cancel_message(message_id: int, by: str, now: datetime) -> int:
    """Cancel what waits of it; returns how many parts. Raises Missing or WrongState."""
    with writing():
        message, parts = _waiting(message_id)
        ids = [part.id for part in parts if part.state in sources(PartState.CANCELLED, Cause.PERSON)]
        Part.update(state=PartState.CANCELLED, changed_at=now, reason="stopped").where(Part.id.in_(ids)).execute()
        audit.record(now, by, "message_cancelled", str(message.broadcast_id), message=message_id, parts=len(ids))
        return len(ids)


def hand_over(message_id: int, imsi: str | None, seat: str | None, by: str, now: datetime) -> None:
    """Bind it to this SIM in this modem (host/name), to None for whichever is free first. Raises Refusal.

    Only while nothing of it went anywhere: a phone joins the parts of one sender. Normal work keeps to the budget.
    """
    with writing():
        message, parts = _waiting(message_id)
        if any(part.state is not PartState.QUEUED for part in parts):
            raise WrongState(
                "Une partie de ce message est déjà envoyée : la suite exige la même carte SIM. Si la carte "
                "est absente, renvoyez tout le message."
            )
        if message.broadcast.kind in OF_ONE_SIM:
            raise WrongState("Ce SMS teste un modem précis : aucun autre ne peut l'envoyer.")
        if imsi is not None and message.broadcast.lane == LANE_NORMAL:
            _require_room(imsi, message.msisdn, len(parts), now)
        Message.update(imsi=imsi, modem=seat).where(Message.id == message_id).execute()
        audit.record(now, by, "message_handed_over", str(message.broadcast_id), message=message_id, modem=seat or "any")


def free_stranded(now: datetime) -> int:
    """Let any modem take what a person handed to one that cannot send now. Returns how many messages."""
    ready = Modem.select(Modem.host.concat("/").concat(Modem.name)).where(
        Modem.host.in_(live_hosts(now) or [""]), Modem.state == "ready"
    )
    moved = Part.alias("moved")
    handed = (
        Part.select(Part.message)
        .join(Message)
        .join(Broadcast)
        .where(Part.state == QUEUED, Message.imsi.is_null(False), Message.modem.not_in(ready))
        .where(Broadcast.kind.not_in(OF_ONE_SIM))
        .where(~fn.EXISTS(moved.select(SQL("1")).where(moved.message == Message.id, moved.state != PartState.QUEUED)))
        .distinct()
    )
    return sum(_free(row[0]) for row in tuples(handed))


def _free(message_id: int) -> bool:
    with writing():
        parts = locked(Part.select().where(Part.message == message_id).order_by(Part.id))
        if any(part.state is not PartState.QUEUED for part in parts):
            return False
        return bool(Message.update(imsi=None, modem=None).where(Message.id == message_id).execute())


def _waiting(message_id: int) -> tuple[Any, Sequence[Part]]:
    """The message with its broadcast, and its parts, locked; something of it waits and nothing of it is in a modem."""
    # The parts first: a modem that is about to take one has it locked, and is seen to have it.
    parts = list(locked(Part.select().where(Part.message == message_id).order_by(Part.id)))
    if not parts:
        raise Missing("Ce message n'existe plus.")
    message = Message.get_by_id(message_id)
    if any(part.state is PartState.SENDING for part in parts):
        raise WrongState("Ce message est en cours d'envoi : aucune modification. Réessayez dans une minute.")
    if not any(part.state is PartState.QUEUED for part in parts):
        raise WrongState("Ce message n'est plus en attente : aucune modification.")
    stage = locked(Broadcast.select().where(Broadcast.id == message.broadcast_id), "FOR SHARE").get().stage
    if stage not in (Stage.QUEUED, Stage.PAUSED):
        raise WrongState(
            "L'envoi {id} est bloqué ou arrêté : décidez pour tout l'envoi, sur sa page.",
            id=message.broadcast_id,
        )
    return message, parts


def _require_room(imsi: str, msisdn: str, parts: int, now: datetime) -> None:
    if not admits(room_of(imsi, now), imsi, msisdn, parts, now):
        raise OverBudget("Le plafond de cette carte SIM est atteint : choisissez un autre modem, ou attendez demain.")
