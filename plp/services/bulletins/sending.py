"""A bulletin is sent as the officer saw it: what the text guard finds in it is answered for with a reason, as in an
alert, and its readers are those of that moment. The jobs write the mails.
"""

from datetime import datetime

from db.alerts.planned import DatedOrder
from db.bulletins.correspondents import readers_of
from db.bulletins.drafts import lock_bulletin, mark_bulletin_sent
from db.bulletins.listing import bulletin
from db.bulletins.values import BulletinCard, Readers
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.mail.enqueue import writes_mail
from plp.services.bulletins.drafts import require_longer
from plp.services.drills import plan_for
from plp.services.texts import Answers, judged
from rules.refusals import SHORTEST_REASON, Refusal
from rules.states import LONGER
from rules.text_guard import FindingsRefused, TextFinding, kinds_of, require_meant

UNANSWERED = Answers()


def send_bulletin(
    bulletin_id: int, seen: str, by: str, now: datetime, answers: Answers = UNANSWERED, people: int | None = None
) -> bool:
    """Send a draft as it was `seen` (`BulletinCard.seen`); False where it was sent already. `people` is the number of
    readers that somebody confirms, which a longer version of an alert requires. Raises FindingsRefused for unconfirmed
    findings, and Refusal.
    """
    card = _draft_as_seen(bulletin_id, seen)
    if card is not None and not writes_mail():
        raise Refusal("Aucun e-mail n'a été envoyé : l'envoi d'e-mails n'est pas configuré. Prévenez le technicien.")
    findings = bulletin_findings(card) if card is not None else ()
    require_meant(findings, answers.accepted)
    if findings and len(answers.reason.strip()) < SHORTEST_REASON:
        raise FindingsRefused("Aucun e-mail n'a été envoyé. Indiquez le motif : il reste dans l'historique.", findings)
    with writing():
        take_turn("bulletin")
        lock_bulletin(bulletin_id)
        card = _draft_as_seen(bulletin_id, seen)
        if card is None:
            return False
        readers = _present_readers(card, people)
        mark_bulletin_sent(card, readers.people, by, now)
        audit.record(
            now,
            by,
            "bulletin_sent",
            str(bulletin_id),
            category=card.category,
            readers=len(readers.people),
            without_reader=len(readers.gaps),
            **({"guard": kinds_of(findings), "guard_reason": answers.reason} if findings else {}),
        )
    return True


def plan_bulletin(bulletin_id: int, seen: str, due_at: datetime, by: str, now: datetime) -> int:
    """Keep a draft, as it was `seen`, for its date; its id. Raises Refusal where somebody has to answer for it then."""
    card = _draft_as_seen(bulletin_id, seen)
    if card is None:
        raise Refusal("Ce brouillon n'existe plus.")
    if card.category == LONGER or bulletin_findings(card):
        raise Refusal("Ce bulletin contient des points à confirmer et ne peut pas être planifié. Envoyez-le vous-même.")
    return plan_for(DatedOrder("bulletin", due_at, bulletin_id=bulletin_id, seen=seen), by, now)


def bulletin_findings(card: BulletinCard) -> tuple[TextFinding, ...]:
    """Findings that somebody answers for. A bulletin need not name a place or a time."""
    findings = judged({words.language: f"{words.title}\n{words.body}" for words in card.texts}, drill=False)
    return tuple(finding for finding in findings if finding.asks)


def _draft_as_seen(bulletin_id: int, seen: str) -> BulletinCard | None:
    """The draft as it was seen; None if it was already sent. Raises Refusal if it was changed since, or deleted."""
    card = bulletin(bulletin_id)
    if card is None:
        raise Refusal("Ce brouillon n'existe plus.")
    if card.sent_at is None and card.seen != seen:
        raise Refusal(
            "Aucun e-mail n'a été envoyé : le bulletin a été modifié depuis l'ouverture de cette page. Vérifiez-le."
        )
    return card if card.sent_at is None else None


def _present_readers(card: BulletinCard, people: int | None) -> Readers:
    """Its present readers. Raises Refusal if it has none, or a longer version may not be sent."""
    readers = readers_of(card)
    if card.category == LONGER:
        require_longer(card.alert_id)
        if not readers.people:
            raise Refusal("Aucun e-mail n'a été envoyé : aucune personne de l'alerte n'a d'adresse e-mail.")
        if people != len(readers.people):
            raise Refusal("Aucun e-mail n'a été envoyé. Tapez le nombre de destinataires pour confirmer.")
    if not readers.people:
        raise Refusal(
            "Aucun e-mail n'a été envoyé : aucun coordinateur de ces quartiers n'a d'adresse e-mail. Un"
            " administrateur peut en ajouter."
        )
    return readers
