"""Mails to accounts (admins and technicians): they follow a changed address of the account.

Not those that tell the owner of a change to the account: whoever changes the address would take them away.
"""

from datetime import datetime

from db.engine.connection import writing
from db.models.mail import Mail, MailLetter
from plp.rules.mail_headers import NAME_CHARACTERS, domain_of, header_line
from plp.rules.mail_states import MailCause, MailState, mail_sources

_TO_ACCOUNTS = ("alarm", "daily")


def readdress_mail(name: str, old: str, new: str, now: datetime) -> None:
    """What waits for the account `name` at `old` goes to `new`; empty: it is cancelled. Joins the caller's `writing()`.

    What leaves at this moment is not called back; tried again, it goes there too.
    """
    letters = MailLetter.select(MailLetter.id).where(MailLetter.kind.in_(_TO_ACCOUNTS))
    theirs = (Mail.address == old) & (Mail.name == header_line(name, NAME_CHARACTERS)) & Mail.letter.in_(letters)
    with writing():
        if not new:
            Mail.update(state=MailState.CANCELLED, reason="withdrawn", reply="", changed_at=now).where(
                theirs, Mail.state.in_(mail_sources(MailState.CANCELLED, MailCause.WITHDRAWAL))
            ).execute()
        Mail.update(address=new, domain=domain_of(new)).where(
            theirs, Mail.state.in_([MailState.QUEUED, MailState.SENDING])
        ).execute()
