"""Decisions of a person about a mail of the queue: try it again, try it now, or do not send it."""

from datetime import datetime

from db.engine.connection import writing
from db.journal import audit
from db.mail.enqueue import mark_mail_stopped, requeue_expired, requeue_mail
from db.mail.readers import mail_with_address
from rules.mail import MailCause, MailState, address_trouble, mail_sources
from rules.refusals import Refusal, required

# Kinds of mails by which people know of an act or of a fault.
TELLING = ("account", "alarm")


def retry_mail(mail_id: int, by: str, now: datetime) -> None:
    """Try it now, for another day, at the address that its reader has now. Raises Refusal."""
    with writing():
        mail, address = required(mail_with_address(mail_id), _gone())
        if mail.state not in (MailState.QUEUED, *mail_sources(MailState.QUEUED, MailCause.PERSON)):
            raise Refusal("E-mail déjà envoyé ou en cours d'envoi : rechargez la page.")
        if mail.address and not address:
            raise Refusal(
                "Cette personne n'a plus d'adresse, ou ne doit plus recevoir cet e-mail. Mettez sa fiche à "
                "jour, puis réessayez."
            )
        if address_trouble(address):
            raise Refusal(
                "Adresse e-mail non valable : corrigez-la dans la fiche de la personne, puis écrivez à nouveau."
            )
        requeue_mail(mail_id, address, now)
        audit.record(now, by, "mail_retried", str(mail_id))


def retry_expired(by: str, now: datetime) -> int:
    """Try all that surely did not arrive and expired; returns the number."""
    count = requeue_expired(now)
    if count:
        audit.record(now, by, "mail_retried", "", messages=count)
    return count


def cancel_mail(mail_id: int, by: str, now: datetime) -> None:
    """Do not send it. Raises Refusal when it went out meanwhile, and for one that tells colleagues of what was done:
    whoever did it may be the one who stops it.
    """
    with writing():
        mail, _address = required(mail_with_address(mail_id), _gone())
        if mail.letter.kind in TELLING:
            raise Refusal("Cet e-mail prévient des collègues : il ne peut pas être annulé.")
        if not mark_mail_stopped(mail_id, now):
            raise Refusal("E-mail déjà envoyé ou annulé : rechargez la page.")
        audit.record(now, by, "mail_cancelled", str(mail_id))


def _gone() -> Refusal:
    return Refusal("Cet e-mail n'existe plus.")
