"""An alert's needs besides its order: its sender's confirmation, and a second person or the record of having none
(docs/adr/0020)."""

from datetime import datetime, timedelta

from db.alerts.orders import approval
from db.alerts.orders.control import cancel_parts
from db.alerts.values import FOLLOW_UP_VALIDITY
from db.engine.connection import writing
from db.journal import audit
from db.people.accounts.accounts import readers
from db.people.accounts.factors import factors
from db.people.zone import policy
from plp.letters.rendering import write_to_accounts
from plp.services.accounts.rights import account_card
from plp.services.accounts.second_person import second_person_refusal
from plp.services.broadcasts import Request, existing
from plp.services.machine import mark_opened
from rules.orders.agreement import Hand, require_count, require_proof, wants_proof
from rules.people import same_person
from rules.refusals import Refusal, none_of, reason_of, required
from rules.states import FOLLOW_UPS, LANE_URGENT, Cause


def require_hand(hand: Hand, by: str, people: int, now: datetime, *, drill: bool = False) -> None:
    """Raise WrongCount or ProofWanted unless this person confirmed so many people, as the zone requires it."""
    if policy().approval != "none":
        require_count(hand, people)
    if wants_proof(people, drill=drill) and factors(account_card(by).id):
        require_proof(hand, now)


def approve_broadcast(broadcast_id: int, hand: Hand, request: Request) -> None:
    """Agree to it: its undo seconds begin. Where nobody is known to have ordered it, it waits for one more."""
    with writing():
        card = _waiting(broadcast_id, request.now)
        none_of(approver_refusal(broadcast_id, request.by, request.now))
        _require_hand_for(card, hand, request)
        if card.author or card.first_by:
            _let_go(card, "approved", "", request)
            audit.record(request.now, request.by, "broadcast_approved", str(broadcast_id))
        else:
            approval.mark_approval(broadcast_id, first_by=request.by)
            audit.record(request.now, request.by, "broadcast_approved_first", str(broadcast_id))
        record_without_code(broadcast_id, hand, request.by, request.now)


def break_glass(broadcast_id: int, hand: Hand, reason: str, request: Request) -> None:
    """Send it without a second person, because none can be reached; this stays visible. Raises as approving does."""
    with writing():
        card = _waiting(broadcast_id, request.now)
        _require_hand_for(card, hand, request)
        reason = reason_of(reason)
        _let_go(card, "alone", reason, request)
        audit.record(request.now, request.by, "approval_alone", str(broadcast_id), reason=reason)
        record_without_code(broadcast_id, hand, request.by, request.now)


def go_alone(broadcast_id: int, hand: Hand, reason: str, request: Request) -> None:
    """Break the glass of an order that was given once more, with a reason; nothing where it waits for nobody."""
    if not _is_open(broadcast_id):
        return
    try:
        break_glass(broadcast_id, hand, reason, request)
    except Refusal:
        # Of two presses at once the second finds it decided, and its page shows what became of it.
        if _is_open(broadcast_id):
            raise


def _is_open(broadcast_id: int) -> bool:
    card = approval.approval_of(broadcast_id)
    return card is not None and card.is_open


def refuse_broadcast(broadcast_id: int, by: str, reason: str, now: datetime) -> None:
    """Refuse it for good, with a reason that its author reads. Raises Refusal."""
    reason = reason_of(reason)
    with writing():
        _waiting(broadcast_id, now)
        approval.mark_not_approved(broadcast_id, "refused", by, reason, now)
        audit.record(now, by, "approval_refused", str(broadcast_id), reason=reason)
    cancel_parts(broadcast_id, "not_approved", Cause.PERSON, now)


def _waiting(broadcast_id: int, now: datetime) -> approval.ApprovalCard:
    """The approval that waits, locked until the transaction ends. Raises Refusal if it can no longer be decided."""
    missing = Refusal("La validation de l'envoi {id} n'est pas demandée.", id=broadcast_id)
    card = required(approval.lock_approval(broadcast_id), missing)
    if not card.is_open:
        raise Refusal("Envoi {id} : un collègue a déjà décidé.", id=broadcast_id)
    if card.lapses_at <= now:
        raise Refusal("Envoi {id} non validé à temps. Rédigez-le à nouveau.", id=broadcast_id)
    return card


def _require_hand_for(card: approval.ApprovalCard, hand: Hand, request: Request) -> None:
    require_hand(hand, request.by, card.recipients, request.now, drill=existing(card.broadcast_id, request.now).drill)


def _let_go(card: approval.ApprovalCard, outcome: str, reason: str, request: Request) -> None:
    validity = request.sending.validity(urgent=card.lane == LANE_URGENT)
    if card.kind in FOLLOW_UPS:
        validity = FOLLOW_UP_VALIDITY
    undo = timedelta(seconds=policy().undo_seconds(request.sending.undo_seconds, card.recipients))
    approval.mark_let_go(card.broadcast_id, outcome, request.by, reason, undo, validity, request.now)


def approver_refusal(broadcast_id: int, by: str, now: datetime) -> Refusal | None:
    """The reason why this person cannot approve it (ordered, wrote, or agreed to it already); None where they can."""
    card = approval.approval_of(broadcast_id)
    before = [card.first_by] if card is not None and card.first_by else []
    if before and same_person(by, before[0]):
        return Refusal(
            "Vous avez déjà validé cet envoi. Son auteur n'est pas connu : un deuxième collègue doit aussi le valider."
        )
    people = (*approval.authors(broadcast_id), *before)
    return next(filter(None, (second_person_refusal(by, first, "officer", now) for first in people)), None)


def open_approval(broadcast_id: int, by: str, now: datetime) -> Refusal | None:
    """The same; where they can, nobody else is called for it once they read it."""
    refusal = approver_refusal(broadcast_id, by, now)
    if refusal is None:
        mark_opened("approval", [str(broadcast_id)], by, now)
    return refusal


def record_without_code(broadcast_id: int, hand: Hand | None, by: str, now: datetime) -> None:
    """Record who continued without a code, and why, and inform the admins; inside the transaction that releases it."""
    because = hand.without_code if hand is not None else None
    if because is None:
        return
    audit.record(now, by, "sent_without_code", str(broadcast_id), reason=because)
    heading = f"Envoi {broadcast_id} : envoyé sans deuxième facteur"
    paragraphs = [
        f"{by} a confirmé cette alerte sans deuxième facteur.",
        f"Motif indiqué : « {because} »",
        "Le texte, les destinataires et les suites sont dans la console : « Historique », puis cet envoi.",
    ]
    key = f"without_code/{broadcast_id}/{by}/{now.isoformat()}/"
    write_to_accounts("alarm", key, readers("admin"), heading, paragraphs, now)
