"""An alert that went out without the second person: every admin learns of it by mail, with the reason."""

from datetime import datetime

from db.alerts.orders.approval import ApprovalCard, mark_alone_told, untold_alone
from db.engine.connection import writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Copy, Letter
from db.people.accounts.accounts import readers
from db.settings.values import Settings
from plp.letters.rendering import notes
from plp.rules.calendar import LOCAL


def tell_alone(settings: Settings, now: datetime) -> bool:
    """Queue the mails that are due, one for each admin about each alert; True when there were some."""
    if not mail_configured(settings.mail):
        return False
    owed = untold_alone(now)
    for card in owed:
        letter, copies = alone_letter(card)
        # Queued and noted together: told once, and not forgotten.
        with writing():
            if copies:
                enqueue_letter(letter, copies, now)
            mark_alone_told(card.broadcast_id, now)
    return bool(owed)


def alone_letter(card: ApprovalCard) -> tuple[Letter, list[Copy]]:
    """The mail to each admin. The alert's text stays in the console: a mail may be read anywhere."""
    at = card.decided_at.astimezone(LOCAL) if card.decided_at else None
    when = f"le {at:%d/%m/%Y} à {at:%H:%M}" if at else ""
    heading = f"Envoi {card.broadcast_id} : envoyé sans validation"
    paragraphs = [
        f"{card.decided_by} l'a envoyé {when} à {card.recipients} personnes sans la validation d'un collègue.",
        f"Motif indiqué : « {card.reason} »",
        "Le texte, les destinataires et les suites sont dans la console : « Historique », puis cet envoi.",
    ]
    return Letter("alarm", heading), notes(f"alone/{card.broadcast_id}/", readers("admin"), heading, paragraphs)
