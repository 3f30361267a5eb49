"""Actions on a broadcast, the same by every door. All raise Missing, and WrongState where its state forbids this."""

from dataclasses import dataclass
from datetime import datetime

from base.settings.values import SendingSettings
from db.alerts.incidents import left_out
from db.alerts.incidents.incidents import incident_of, mark_closed
from db.alerts.orders import control
from db.alerts.orders.approval import approval_of
from db.alerts.progress.progress import Progress, progress
from db.engine.connection import writing
from db.journal import audit
from rules.people import Actor
from rules.refusals import Missing, WrongState, required
from rules.states import CORRECTED, NOT_BEGUN


@dataclass(frozen=True, slots=True)
class Request:
    """One person's or program's request: the actor, the settings, and the time."""

    by: Actor
    sending: SendingSettings
    now: datetime


def existing(broadcast_id: int, now: datetime) -> Progress:
    """The broadcast with its counts."""
    return required(progress(broadcast_id, now), _missing(broadcast_id))


def cancel(broadcast_id: int, request: Request) -> int:
    """Stop it permanently, with the corrected alert of a correction undone; returns how many messages are not sent."""
    shown = existing(broadcast_id, request.now)
    idle = WrongState("Envoi {id} : aucun SMS en attente, rien n'a été arrêté.", id=broadcast_id)
    count = required(control.cancel_broadcast(broadcast_id, request.by, request.now), idle)
    if shown.state == "scheduled":
        beside = [row.id for row in shown.follow_ups if row.kind == CORRECTED]
        count += sum(control.cancel_broadcast(number, request.by, request.now) or 0 for number in beside)
    return count


def pause(broadcast_id: int, request: Request) -> int:
    """Submit nothing more until somebody resumes it; returns how many messages wait."""
    require_known(broadcast_id)
    idle = WrongState("L'envoi {id} n'est pas en cours : pause inutile.", id=broadcast_id)
    return required(control.pause_broadcast(broadcast_id, request.by, request.now), idle)


def expire(broadcast_id: int, request: Request) -> int:
    """Give held work up; returns how many parts lapsed."""
    require_known(broadcast_id)
    free = WrongState("L'envoi {id} n'est pas bloqué.", id=broadcast_id)
    return required(control.expire_broadcast(broadcast_id, request.by, request.now), free)


def close(broadcast_id: int, request: Request) -> int:
    """Close an alert's incident without a text to anybody; returns its id."""
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
    if existing(broadcast_id, request.now).state in NOT_BEGUN:
        raise WrongState("L'envoi {id} n'a pas commencé : n'appelez personne d'ici là.", id=broadcast_id)
    require_agreed(broadcast_id)
    if all(person.member_id != member_id for person in left_out.people_left_out(broadcast_id)):
        raise WrongState("Cette personne n'est plus à prévenir par téléphone.")
    with writing():
        if left_out.mark_called(broadcast_id, member_id, called, request.by, request.now):
            now, by = request.now, request.by
            audit.record(now, by, "broadcast_called" if called else "broadcast_not_called", str(broadcast_id))
    return member_id


def may_call(shown: Progress) -> bool:
    """True where its people may be called: it has begun, and whoever had to agree to it did."""
    return shown.state not in NOT_BEGUN and _is_agreed(shown.id)


def skip_reached(broadcast_id: int, request: Request) -> int:
    """Send no more SMS to people who had the alert by mail or by a call; returns how many messages are not sent."""
    require_known(broadcast_id)
    with writing():
        count = left_out.skip_reached(broadcast_id, request.now)
        if not count:
            raise WrongState("Envoi {id} : aucun SMS en attente pour une personne déjà alertée.", id=broadcast_id)
        audit.record(request.now, request.by, "broadcast_skipped", str(broadcast_id), messages=count)
    return count


def require_agreed(broadcast_id: int) -> int:
    """Its id. Raises WrongState where a second person had to agree and none did: nothing goes on from such a text,
    whatever became of it, nor does a correction of it go to the people who never had it.
    """
    if not _is_agreed(broadcast_id):
        raise WrongState("Envoi {id} non validé : rédigez-le à nouveau.", id=broadcast_id)
    return broadcast_id


def _is_agreed(broadcast_id: int) -> bool:
    agreement = approval_of(broadcast_id)
    return agreement is None or agreement.is_given


def require_known(broadcast_id: int) -> int:
    """The lane of this broadcast. Raises Missing."""
    return required(control.lane_of(broadcast_id), _missing(broadcast_id))


def _missing(broadcast_id: int) -> Missing:
    return Missing("L'envoi {id} n'existe pas.", id=broadcast_id)
