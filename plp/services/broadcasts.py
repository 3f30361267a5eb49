"""Actions on a broadcast that was ordered before: the page, the command line and the API call the same functions."""

from dataclasses import dataclass
from datetime import datetime

from db.alerts.incidents.incidents import incident_of, mark_closed
from db.alerts.incidents.left_out import mark_called, people_left_out
from db.alerts.orders import control
from db.alerts.orders.control import Only, resend_broadcast
from db.alerts.progress.progress import Progress, progress
from db.engine.connection import writing
from db.journal import audit
from db.settings.values import SendingSettings
from rules.people import Actor
from rules.refusals import Missing, WrongState


@dataclass(frozen=True, slots=True)
class Request:
    """One person's or program's request: who asks, with which settings, and when."""

    by: Actor
    sending: SendingSettings
    now: datetime


def existing(broadcast_id: int, now: datetime) -> Progress:
    """The broadcast with its counts. Raises Missing."""
    found = progress(broadcast_id, now)
    if found is None:
        raise Missing("L'envoi {id} n'existe pas.", id=broadcast_id)
    return found


def cancel(broadcast_id: int, request: Request) -> int:
    """Stop it for good; returns how many messages do not go out. Raises Missing or WrongState, as all of these do."""
    return control.cancel_broadcast(broadcast_id, request.by, request.now)


def pause(broadcast_id: int, request: Request) -> int:
    """Submit nothing more until somebody resumes it; returns how many messages wait."""
    return control.pause_broadcast(broadcast_id, request.by, request.now)


def resume(broadcast_id: int, request: Request) -> int:
    """Go on after a pause, or without the rest of the undo seconds; returns how many messages wait."""
    return control.resume_broadcast(broadcast_id, request.by, request.now)


def release(broadcast_id: int, request: Request, *, rest: bool = False) -> int:
    """Send held work, or with `rest` only to those who certainly have nothing of it; returns how many parts wait."""
    return control.release_broadcast(broadcast_id, request.by, request.sending, request.now, rest=rest)


def expire(broadcast_id: int, request: Request) -> int:
    """Give held work up; returns how many parts lapsed."""
    return control.expire_broadcast(broadcast_id, request.by, request.now)


def resend(broadcast_id: int, request: Request, *, only: Only, idempotency_key: str | None = None) -> int:
    """Queue the messages of one state again, each whole; returns how many. Raises KeyTaken, too."""
    return resend_broadcast(broadcast_id, only, request.by, request.sending, request.now, idempotency_key)


def close(broadcast_id: int, request: Request) -> int:
    """Close an alert's incident without a text to anybody; returns its id. Raises Missing, and WrongState for what is
    no alert, still goes out, or is closed.
    """
    if existing(broadcast_id, request.now).kind != "alert":
        raise WrongState("L'envoi {id} n'est pas une alerte : il n'y a rien à clôturer.", id=broadcast_id)
    if incident_of(broadcast_id, request.now).runs:
        raise WrongState("L'envoi {id} est encore en cours : arrêtez-le d'abord.", id=broadcast_id)
    with writing():
        if not mark_closed(broadcast_id, request.now):
            raise WrongState("L'alerte {id} est déjà clôturée.", id=broadcast_id)
        audit.record(request.now, request.by, "broadcast_closed", str(broadcast_id))
    return broadcast_id


def tick_call(broadcast_id: int, member_id: int, called: bool, request: Request) -> int:
    """Note that somebody called a member whom no SMS reaches, or take that back; returns the member's id."""
    existing(broadcast_id, request.now)
    if all(person.member_id != member_id for person in people_left_out(broadcast_id)):
        raise WrongState("Cette personne n'est plus à prévenir par téléphone.")
    with writing():
        if mark_called(broadcast_id, member_id, called, request.by, request.now):
            action = "broadcast_called" if called else "broadcast_not_called"
            audit.record(request.now, request.by, action, str(broadcast_id))
    return member_id
