"""The needs of an alert besides its order: the hand of whoever sends it, and a second person, who reads it and agrees,
or the record that none could be reached.
"""

from contextlib import suppress
from datetime import datetime

from db.alerts.orders import approval
from db.alerts.orders.approval import ApprovalCard, approval_of, waiting_broadcast
from db.alerts.progress.progress import Progress
from db.engine.connection import writing
from db.journal import audit
from db.mail.enqueue import NoSender, enqueue_letter
from db.mail.values import Letter
from db.people.accounts import accounts
from db.people.accounts.signing_in import factors
from db.people.policy import policy
from plp.letters.rendering import notes
from plp.services.broadcasts import Request, existing
from plp.services.second_person import second_person_refusal
from rules.agreement import Hand, require_count, require_proof, wants_proof
from rules.people import same_person
from rules.refusals import Refusal


def require_hand(hand: Hand, by: str, people: int, now: datetime, *, drill: bool = False) -> None:
    """Raise WrongCount or ProofWanted unless this person meant so many. No number is typed where the zone confirms
    nothing; of who must have a second factor, nobody comes as far as here without.
    """
    if policy().approval != "none":
        require_count(hand, people)
    if wants_proof(people, drill=drill) and factors(accounts.account_card(by).id):
        require_proof(hand, now)


def approve_broadcast(broadcast_id: int, hand: Hand, request: Request) -> None:
    """Agree to it: its undo seconds begin. Where no person is known to have ordered it, it waits for one more. Raises
    Refusal, WrongCount, ProofWanted.
    """
    with writing():
        card = _waiting(broadcast_id, request.now)
        refusal = approver_refusal(broadcast_id, request.by, request.now)
        if refusal is not None:
            raise refusal
        drill = existing(broadcast_id, request.now).drill
        require_hand(hand, request.by, card.recipients, request.now, drill=drill)
        if card.author or card.first_by:
            approval.mark_approved(broadcast_id, request.by, request.sending, request.now)
        else:
            approval.mark_first_approval(broadcast_id, request.by, request.now)
        record_without_code(broadcast_id, hand, request.by, request.now)


def break_glass(broadcast_id: int, hand: Hand, reason: str, request: Request) -> None:
    """Send it without a second person, because none can be reached; this stays visible. Raises as approving does."""
    with writing():
        card = _waiting(broadcast_id, request.now)
        drill = existing(broadcast_id, request.now).drill
        require_hand(hand, request.by, card.recipients, request.now, drill=drill)
        approval.break_glass(broadcast_id, request.by, reason, request.sending, request.now)
        record_without_code(broadcast_id, hand, request.by, request.now)


def _waiting(broadcast_id: int, now: datetime) -> ApprovalCard:
    """The approval that waits, locked until the transaction ends."""
    waiting_broadcast(broadcast_id, now)
    card = approval_of(broadcast_id)
    if card is None:
        raise RuntimeError("what waits has no approval")
    return card


def approver_refusal(broadcast_id: int, by: str, now: datetime) -> Refusal | None:
    """The reason why this person cannot approve it (they ordered it, wrote what it changes, or agreed already); None
    where they can.
    """
    card = approval_of(broadcast_id)
    before = [card.first_by] if card is not None and card.first_by else []
    if before and same_person(by, before[0]):
        return Refusal(
            "Vous avez déjà validé cet envoi. Son auteur n'est pas connu : un deuxième collègue doit aussi le valider."
        )
    refusals = (
        second_person_refusal(by, first, "officer", now) for first in (*approval.authors(broadcast_id), *before)
    )
    return next((refusal for refusal in refusals if refusal is not None), None)


def goes_alone(before: Progress, because: str | None) -> bool:
    """True when an order that waits for a second person is given again with a reason why there is none."""
    return because is not None and before.state == "awaiting_approval"


def record_without_code(broadcast_id: int, hand: Hand | None, by: str, now: datetime) -> None:
    """Write down who went on without a code, and why, and tell the admins; inside the transaction that lets it go."""
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
    copies = notes(f"without_code/{broadcast_id}/{by}/", accounts.readers("admin"), heading, paragraphs)
    with suppress(NoSender):  # without mail the journal alone has it
        enqueue_letter(Letter("alarm", heading), copies, now)
