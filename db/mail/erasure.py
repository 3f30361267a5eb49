"""Whom the house forgets, its mail forgets too."""

from datetime import datetime

from db.connection import writing
from db.mail_states import MailCause, MailState, mail_sources
from db.models import Mail, MailEnclosure

_NOBODY = {"address": "", "name": "", "text": "", "html": ""}


def erase_mail_of(member_id: int, now: datetime) -> None:
    """What waits for this member is cancelled, and what was sent keeps neither their name nor what it said."""
    with writing():
        Mail.update(state=MailState.CANCELLED, reason="erased", reply="", changed_at=now).where(
            Mail.member == member_id, Mail.state.in_(mail_sources(MailState.CANCELLED, MailCause.ERASURE))
        ).execute()
        Mail.update(**_NOBODY).where(Mail.member == member_id).execute()


def erase_mail_before(moment: datetime) -> int:
    """Readers, bodies and enclosures of letters that are done with since before `moment`; returns how many mails.

    That they were written, and what became of them, stays: counts and keys need it.
    """
    busy = [MailState.QUEUED, MailState.SENDING]
    waiting = Mail.select(Mail.letter).where(Mail.state.in_(busy) | (Mail.changed_at >= moment))
    with writing():
        erased = Mail.update(**_NOBODY).where(Mail.letter.not_in(waiting), Mail.address != "").execute()
        done = Mail.select(Mail.letter).where(Mail.letter.not_in(waiting))
        MailEnclosure.delete().where(MailEnclosure.letter.in_(done)).execute()
    return int(erased)
