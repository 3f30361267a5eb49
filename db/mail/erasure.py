"""Erasure of a person from the queue of mails."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from db.engine.connection import writing
from db.models.mail import Mail, MailEnclosure, MailLetter
from plp.rules.mail_states import MailCause, MailState, mail_sources

_UNDER_WAY = (MailState.QUEUED, MailState.SENDING)
_NOBODY = {"address": "", "name": "", "text": "", "html": ""}


def erase_mail_of(member_ids: Collection[int], now: datetime) -> int:
    """Cancel these members' waiting mails, empty the sent ones, and the letters that only they read; how many."""
    return _erase(Mail.member.in_(member_ids), now)


def erase_mail_to(address: str, now: datetime) -> int:
    """The same of mails to an address that no member has any more; an answer to a shared one names no member."""
    return _erase(Mail.member.is_null() & (Mail.address == address), now)


def _erase(condition: Any, now: datetime) -> int:
    with writing():
        Mail.update(state=MailState.CANCELLED, reason="erased", reply="", changed_at=now).where(
            condition, Mail.state.in_(mail_sources(MailState.CANCELLED, MailCause.ERASURE))
        ).execute()
        letters = Mail.select(Mail.letter).where(condition)
        others = Mail.select(Mail.letter).where(Mail.address != "", ~condition)
        MailLetter.update(subject="", reply_to="", in_reply_to="").where(
            MailLetter.id.in_(letters), MailLetter.id.not_in(others)
        ).execute()
        return int(Mail.update(**_NOBODY).where(condition).execute())


def erase_newest_mail(before: datetime) -> bool:
    """Empty the newest mail, if it ended `before`; True when it did.

    Its row stays: SQLite would give its number, by which bulletins and answers know it, to the next mail.
    """
    newest = Mail.select(Mail.id, Mail.letter, Mail.changed_at, Mail.state).order_by(Mail.id.desc()).first()
    if newest is None or newest.changed_at >= before or newest.state in _UNDER_WAY:
        return False
    with writing():
        Mail.update(**_NOBODY, domain="", reply="", member=None).where(Mail.id == newest.id).execute()
        if Mail.select().where(Mail.letter == newest.letter_id, Mail.id != newest.id).exists():
            return True
        MailLetter.update(subject="", reply_to="", in_reply_to="").where(MailLetter.id == newest.letter_id).execute()
        MailEnclosure.delete().where(MailEnclosure.letter == newest.letter_id).execute()
    return True
