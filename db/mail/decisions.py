"""Decisions of a person about a mail: try it again, try it now, or cancel it."""

from datetime import datetime

from db.engine.connection import change_in_chunks, writing
from db.journal import audit
from db.mail.enqueue import PATIENCE
from db.mail.readers import address_now, move_mails
from db.models.mail import Mail, MailDomain, MailServer
from plp.rules.mail_headers import address_trouble, domain_of
from plp.rules.mail_states import MailCause, MailState, mail_sources
from plp.rules.refusals import Refusal

# What surely did not arrive, of what nobody tries any more.
EXPIRED_UNSEEN = (Mail.state == MailState.EXPIRED) & (Mail.address != "") & ~Mail.perhaps_twice


def retry_mail(mail_id: int, by: str, now: datetime) -> None:
    """Try it now, for another day, at the address that its reader has now. Raises Refusal."""
    with writing():
        row = _found(mail_id)
        again = [MailState.QUEUED, *mail_sources(MailState.QUEUED, MailCause.PERSON)]
        if row.state not in again:
            raise Refusal("E-mail déjà envoyé ou en cours d'envoi : rechargez la page.")
        address = address_now(row)
        if row.address and not address:
            raise Refusal(
                "Cette personne n'a plus d'adresse, ou ne doit plus recevoir cet e-mail. Mettez sa fiche à "
                "jour, puis réessayez."
            )
        if address_trouble(address):
            raise Refusal(
                "Adresse e-mail non valable : corrigez-la dans la fiche de la personne, puis écrivez à nouveau."
            )
        Mail.update(address=address, domain=domain_of(address)).where(Mail.id == row.id).execute()
        _again([row.id], now)
        _hurry(domain_of(address), now)
        audit.record(now, by, "mail_retried", str(mail_id))


def retry_expired(by: str, now: datetime) -> int:
    """Try all that surely did not arrive and expired; returns the number."""
    count = change_in_chunks(Mail.select(Mail.id).where(EXPIRED_UNSEEN), lambda ids: _again(ids, now))
    if count:
        with writing():
            audit.record(now, by, "mail_retried", "", messages=count)
    return count


def cancel_mail(mail_id: int, by: str, now: datetime) -> None:
    """Do not send it. Raises Refusal when it went out meanwhile."""
    with writing():
        _found(mail_id)
        if not move_mails(Mail.id == mail_id, MailState.CANCELLED, MailCause.PERSON, "stopped", now):
            raise Refusal("E-mail déjà envoyé ou annulé : rechargez la page.")
        audit.record(now, by, "mail_cancelled", str(mail_id))


def _found(mail_id: int) -> Mail:
    row = Mail.get_or_none(Mail.id == mail_id)
    if row is None:
        raise Refusal("Cet e-mail n'existe plus.")
    return row


def _again(ids: list[int], now: datetime) -> int:
    sources = [MailState.QUEUED, *mail_sources(MailState.QUEUED, MailCause.PERSON)]
    again = Mail.update(state=MailState.QUEUED, doubts=0, next_at=now, expires_at=now + PATIENCE, changed_at=now)
    return int(again.where(Mail.id.in_(ids), Mail.state.in_(sources)).execute())


def _hurry(domain: str, now: datetime) -> None:
    """Neither its domain nor a server waits any longer: a person who asks for now means it."""
    MailDomain.update(next_at=now).where(MailDomain.domain == domain, MailDomain.next_at > now).execute()
    MailServer.update(next_at=None).execute()
