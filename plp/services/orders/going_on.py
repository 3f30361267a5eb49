"""Acts that go on with an alert agreed to before: after a pause or a stop, or again. All raise Missing, WrongState."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from db.alerts.orders import control, follow_up, holding
from db.alerts.orders.approval import approval_of
from db.alerts.progress import progress, threads
from db.engine.connection import writing
from db.people.zone import policy
from plp.services.broadcasts import Request, existing, require_agreed, require_known
from plp.services.orders import approving, following_up, twins
from rules.orders.agreement import WITHOUT_AGREEMENT, Hand, is_fresh, needs_second, wants_proof
from rules.refusals import WrongState, required
from rules.states import LANE_URGENT


def wants_hand(shown: progress.Progress, people: int, hand: Hand, now: datetime) -> bool:
    """True when going on asks what ordering it now would: not after a fresh proof, unless a number was typed."""
    if (is_fresh(hand.proven_at, now) and not hand.typed) or not wants_proof(people, drill=shown.drill):
        return False
    return shown.follows is None or following_up.follows_late(shown.id, now)


def waiting(shown: progress.Progress, *, rest: bool = False) -> int:
    """The number of people that a paused or held broadcast waits for; with `rest`, of whom certainly have nothing."""
    hold = holding.hold_of(shown.id) if rest else None
    return hold.nothing if hold is not None else shown.counts["queued"]


def resume(broadcast_id: int, request: Request, hand: Hand | None = None) -> int:
    """Go on after a pause, or without the rest of the undo seconds; returns how many messages wait."""
    shown = existing(broadcast_id, request.now)
    with writing():
        if shown.state == "paused":  # the undo seconds would end by themselves
            _require(shown, waiting(shown), request, hand)
        going = WrongState("L'envoi {id} n'est pas en pause.", id=broadcast_id)
        count = required(control.resume_broadcast(broadcast_id, request.by, request.now), going)
        approving.record_without_code(broadcast_id, hand, request.by, request.now)
    return count


def release(broadcast_id: int, request: Request, hand: Hand | None = None, *, rest: bool = False) -> int:
    """Send held work, or with `rest` only to those who certainly received nothing; returns how many parts wait."""
    shown = existing(broadcast_id, request.now)
    validity = request.sending.validity(urgent=require_known(broadcast_id) == LANE_URGENT)
    with writing():
        if shown.state == "held":
            _require(shown, waiting(shown, rest=rest), request, hand)
        free = WrongState("L'envoi {id} n'est pas bloqué.", id=broadcast_id)
        count = required(control.release_broadcast(broadcast_id, request.by, validity, request.now, rest=rest), free)
        if rest and not count:
            raise WrongState("Tous les destinataires en attente ont peut-être déjà reçu l'envoi {id}.", id=broadcast_id)
        approving.record_without_code(broadcast_id, hand, request.by, request.now)
    return count


def resend(
    broadcast_id: int,
    request: Request,
    hand: Hand | None = None,
    *,
    only: control.Only,
    idempotency_key: str | None = None,
    among: Collection[int] | None = None,
) -> int:
    """Queue the messages of one state again (of `among` only these), whole, with a new reference; returns how many. Not
    inside a transaction: cut short, the rest can be sent again. The same key queues nothing, since messages that failed
    again would be sent a third time. Also raises KeyTaken.
    """
    validity = request.sending.validity(urgent=require_known(broadcast_id) == LANE_URGENT)
    digest = None if idempotency_key is None else hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
    before = None if digest is None else control.resent_before(broadcast_id, digest)
    if before is not None and before[0] != only:
        raise twins.key_taken(broadcast_id)
    if before is not None:
        return before[1]
    work = control.Resend(broadcast_id, only, request.by, validity, request.now, digest, among)
    if work.messages:  # of a copy that was put back: it may have been sent, but nobody knows that somebody agreed
        require_agreed(broadcast_id)
    _require(existing(broadcast_id, request.now), len(work.messages), request, hand)
    work.taken = lambda: approving.record_without_code(broadcast_id, hand, request.by, request.now)
    if not work.apply():
        raise _not_resent(broadcast_id, work.obstacle)
    return work.count


def _require(shown: progress.Progress, people: int, request: Request, hand: Hand | None) -> None:
    """Raise WrongState after a day, when it would be a new order to agree to, and WrongCount or ProofWanted as one.
    Also where the zone wants a second person since it was ordered: whoever paused it alone would go on alone.
    """
    if approval_of(shown.id) is None and needs_second(policy().approval, shown.kind, shown.recipients):
        raise WrongState("Envoi {id} non validé : rédigez-le à nouveau.", id=shown.id)
    original = follow_up.original_of(shown.id)
    if original is not None and original.kind in following_up.FOLLOWED:
        # A correction of the next day was agreed to itself.
        late = shown.created_at - original.begun_at > WITHOUT_AGREEMENT
        if request.now - (shown.created_at if late else original.begun_at) > WITHOUT_AGREEMENT:
            raise WrongState(
                "L'envoi {id} date de plus de 24 heures : il ne peut plus être repris ni renvoyé. Au besoin, rédigez "
                "une nouvelle alerte.",
                id=shown.id,
            )
    if hand is not None and wants_hand(shown, people, hand, request.now):
        approving.require_hand(hand, request.by, people, request.now)


def _not_resent(broadcast_id: int, obstacle: control.Obstacle) -> WrongState:
    if obstacle == "stage":
        return WrongState("L'envoi {id} exige d'abord une décision.", id=broadcast_id)
    if obstacle == "stopping":
        return WrongState("L'envoi {id} est en train d'être arrêté : recommencez dans un instant.", id=broadcast_id)
    if obstacle == "leaving":
        return WrongState("Une partie de ces messages est en cours d'envoi : recommencez dans un instant.")
    later = threads.standing_follow_up(broadcast_id) if obstacle == "followed" else None
    if later is None:
        return WrongState("Aucun message de l'envoi {id} n'est dans cet état.", id=broadcast_id)
    return WrongState(
        "L'envoi {id} a été suivi d'une correction ou d'une fin d'alerte (envoi {later}) : il ne "
        "peut plus être renvoyé. Au besoin, rédigez une nouvelle alerte.",
        id=broadcast_id,
        later=later.id,
    )
