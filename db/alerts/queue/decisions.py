"""A person's decision on one message of the queue, as stored: it is not sent, or another modem is to send it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import SQL, fn

from db.alerts.queue.choosing import QUEUED
from db.engine.base import tuples
from db.engine.connection import locked, writing
from db.models.broadcasts import Broadcast, Message, Part
from db.models.zone import Modem
from db.modems.readiness import live_hosts
from rules.states import OF_ONE_SIM, Cause, PartState, Stage, sources


@dataclass(frozen=True, slots=True)
class LockedMessage:
    """A message with the states of its parts, which nobody else changes until the transaction ends."""

    id: int
    broadcast_id: int
    msisdn: str
    kind: str
    lane: int
    stage: Stage
    parts: dict[int, PartState]


def locked_message(message_id: int) -> LockedMessage | None:
    """The message, locked until the caller's transaction ends; None for an unknown number."""
    # The parts first: a modem that is about to take one has it locked, and is seen to have it.
    parts = {part.id: part.state for part in locked(Part.select().where(Part.message == message_id).order_by(Part.id))}
    if not parts:
        return None
    row = Message.get_by_id(message_id)
    broadcast = locked(Broadcast.select().where(Broadcast.id == row.broadcast_id), "FOR SHARE").get()
    return LockedMessage(row.id, broadcast.id, row.msisdn, broadcast.kind, broadcast.lane, broadcast.stage, parts)


def mark_stopped(part_ids: Iterable[int], now: datetime) -> int:
    """Cancel those of these parts that wait, inside the caller's transaction; returns how many."""
    stopped = Part.update(state=PartState.CANCELLED, changed_at=now, reason="stopped")
    waiting = Part.state.in_(sources(PartState.CANCELLED, Cause.PERSON))
    return int(stopped.where(Part.id.in_(list(part_ids)), waiting).execute())


def bind_message(message_id: int, imsi: str | None, seat: str | None) -> None:
    """Let only this SIM in this modem (host/name) take it, or any for None; inside the caller's transaction."""
    Message.update(imsi=imsi, modem=seat).where(Message.id == message_id).execute()


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
        bind_message(message_id, None, None)
        return True
