"""A live alert that left without a fresh second factor: journalled, and every admin learns of it by mail."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.mail.enqueue import enqueue_letter
from db.mail.sender import mail_configured
from db.mail.values import Letter
from db.people.accounts.addresses import readers
from db.settings.values import Settings
from plp.letters.rendering import notes


def record_without_code(broadcast_id: int, by: str, because: str, settings: Settings, now: datetime) -> None:
    """Write down who went on without a code, and why."""
    with writing():
        audit.record(now, by, "sent_without_code", str(broadcast_id), reason=because)
        admins = readers("admin") if mail_configured(settings.mail) else []
        if not admins:
            return
        heading = f"Envoi {broadcast_id} : envoyé sans deuxième facteur"
        paragraphs = [
            f"{by} a confirmé cette alerte sans deuxième facteur.",
            f"Motif indiqué : « {because} »",
            "Le texte, les destinataires et les suites sont dans la console : « Historique », puis cet envoi.",
        ]
        copies = notes(f"without_code/{broadcast_id}/", admins, heading, paragraphs)
        enqueue_letter(Letter("alarm", heading), copies, now)
