"""Actions on a broadcast that was ordered before: the page, the command line and the API call the same functions. All
raise Missing where it does not exist, and WrongState where it is not in a state in which this is possible.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from db.alerts.incidents.incidents import incident_of, mark_closed
from db.alerts.incidents.left_out import mark_called, people_left_out
from db.alerts.orders import control
from db.alerts.orders.control import Obstacle, Only, Resend, lane_of, resent_before
from db.alerts.orders.follow_up import original_of
from db.alerts.progress.progress import Progress, progress
from db.alerts.progress.threads import standing_follow_up
from db.engine.connection import writing
from db.journal import audit
from plp.settings.values import SendingSettings
from rules.orders.agreement import WITHOUT_AGREEMENT
from rules.people import Actor
from rules.refusals import KeyTaken, Missing, WrongState
from rules.states import LANE_URGENT


@dataclass(frozen=True, slots=True)
class Request:
    """One person's or program's request: who asks, with which settings, and when."""

    by: Actor
    sending: SendingSettings
    now: datetime


def existing(broadcast_id: int, now: datetime) -> Progress:
    """The broadcast with its counts."""
    shown = progress(broadcast_id, now)
    return _missing(broadcast_id) if shown is None else shown


def cancel(broadcast_id: int, request: Request) -> int:
    """Stop it for good; returns how many messages do not go out."""
    _lane(broadcast_id)
    count = control.cancel_broadcast(broadcast_id, request.by, request.now)
    if count is None:
        raise WrongState("Envoi {id} : aucun SMS en attente, arrêt inutile.", id=broadcast_id)
    return count


def pause(broadcast_id: int, request: Request) -> int:
    """Submit nothing more until somebody resumes it; returns how many messages wait."""
    _lane(broadcast_id)
    count = control.pause_broadcast(broadcast_id, request.by, request.now)
    if count is None:
        raise WrongState("L'envoi {id} n'est pas en cours : pause inutile.", id=broadcast_id)
    return count


def resume(broadcast_id: int, request: Request) -> int:
    """Go on after a pause, or without the rest of the undo seconds; returns how many messages wait."""
    _lane(broadcast_id)
    count = control.resume_broadcast(broadcast_id, request.by, request.now)
    if count is None:
        raise WrongState("L'envoi {id} n'est pas en pause.", id=broadcast_id)
    return count


def release(broadcast_id: int, request: Request, *, rest: bool = False) -> int:
    """Send held work, or with `rest` only to those who certainly have nothing of it; returns how many parts wait."""
    validity = request.sending.validity(urgent=_lane(broadcast_id) == LANE_URGENT)
    count = control.release_broadcast(broadcast_id, request.by, validity, request.now, rest=rest)
    if count is None:
        raise WrongState("L'envoi {id} n'est pas bloqué.", id=broadcast_id)
    if rest and not count:
        raise WrongState("Tous les destinataires en attente ont peut-être déjà reçu l'envoi {id}.", id=broadcast_id)
    return count


def expire(broadcast_id: int, request: Request) -> int:
    """Give held work up; returns how many parts lapsed."""
    _lane(broadcast_id)
    count = control.expire_broadcast(broadcast_id, request.by, request.now)
    if count is None:
        raise WrongState("L'envoi {id} n'est pas bloqué.", id=broadcast_id)
    return count


def resend(
    broadcast_id: int,
    request: Request,
    *,
    only: Only,
    idempotency_key: str | None = None,
    among: Collection[int] | None = None,
) -> int:
    """Queue the messages of one state again (with `among` only of these), whole and with a new reference; returns
    how many. Inside no transaction: cut short, the rest stays in its state and can be sent again. The same key returns
    the same number and queues nothing: what failed once more since would go out a third time. An alert or a drill of
    more than a day ago is a new order, which somebody must agree to. Raises KeyTaken, too.
    """
    validity = request.sending.validity(urgent=_lane(broadcast_id) == LANE_URGENT)
    digest = None if idempotency_key is None else hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
    before = None if digest is None else resent_before(broadcast_id, digest)
    if before is not None and before[0] != only:
        raise KeyTaken(
            "Aucun SMS n'a été envoyé : cette clé a servi à un autre envoi ({id}). Utilisez une nouvelle clé.",
            id=broadcast_id,
        )
    if before is not None:
        return before[1]
    _refuse_old(broadcast_id, request.now)
    work = Resend(broadcast_id, only, request.by, validity, request.now, digest, among)
    if not work.apply():
        raise _not_resent(broadcast_id, work.obstacle)
    return work.count


def _refuse_old(broadcast_id: int, now: datetime) -> None:
    original = original_of(broadcast_id)
    if original is None or original.kind not in ("alert", "drill") or now - original.begun_at <= WITHOUT_AGREEMENT:
        return
    raise WrongState(
        "L'envoi {id} date de plus de 24 heures : il ne peut plus être renvoyé. Au besoin, rédigez une nouvelle "
        "alerte.",
        id=broadcast_id,
    )


def _not_resent(broadcast_id: int, obstacle: Obstacle) -> WrongState:
    if obstacle == "stage":
        return WrongState("L'envoi {id} exige d'abord une décision.", id=broadcast_id)
    if obstacle == "stopping":
        return WrongState("L'envoi {id} est en train d'être arrêté : recommencez dans un instant.", id=broadcast_id)
    if obstacle == "leaving":
        return WrongState("Une partie de ces messages est en cours d'envoi : recommencez dans un instant.")
    later = standing_follow_up(broadcast_id) if obstacle == "followed" else None
    if later is None:
        return WrongState("Aucun message de l'envoi {id} n'est dans cet état.", id=broadcast_id)
    return WrongState(
        "L'envoi {id} a été suivi d'une correction ou d'une fin d'alerte (envoi {later}) : il ne "
        "peut plus être renvoyé. Au besoin, rédigez une nouvelle alerte.",
        id=broadcast_id,
        later=later.id,
    )


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
    _lane(broadcast_id)
    if all(person.member_id != member_id for person in people_left_out(broadcast_id)):
        raise WrongState("Cette personne n'est plus à prévenir par téléphone.")
    with writing():
        if mark_called(broadcast_id, member_id, called, request.by, request.now):
            now, by = request.now, request.by
            audit.record(now, by, "broadcast_called" if called else "broadcast_not_called", str(broadcast_id))
    return member_id


def _lane(broadcast_id: int) -> int:
    lane = lane_of(broadcast_id)
    return _missing(broadcast_id) if lane is None else lane


def _missing(broadcast_id: int) -> NoReturn:
    raise Missing("L'envoi {id} n'existe pas.", id=broadcast_id)
