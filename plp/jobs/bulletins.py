"""Queues the mails of bulletins: first mails, reminders, and those to deputies."""

import logging
from datetime import datetime
from itertools import groupby

from db.bulletins.listing import enclosures
from db.bulletins.owed import mark_written, owed_mails, still_owed
from db.bulletins.relay import signed
from db.bulletins.values import OwedMail
from db.engine.connection import give_way, writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from plp.letters.bulletin import bulletin_letter
from plp.services.bulletins.relaying import enqueue_deputies
from plp.settings.values import MailSettings

# Readers per transaction.
AT_A_TIME = 10

_log = logging.getLogger(__name__)


def send_bulletins(settings: MailSettings, now: datetime) -> bool:
    """Queue the mails that are due; True when some were. Without a mail server they wait."""
    if not mail_configured(settings):
        return False
    enqueue_deputies(now)
    owed = owed_mails()
    # Those of one letter keep its enclosures once; a reminder answers a mail of its own.
    for _, sharing in groupby(
        owed, lambda mail: (mail.bulletin.id, mail.language, mail.kind, mail.relay_id if mail.kind == "nudge" else 0)
    ):
        _enqueue(list(sharing), settings, now)
    return bool(owed)


def _enqueue(sharing: list[OwedMail], settings: MailSettings, now: datetime) -> None:
    """Queue the mails of one letter, rendered beforehand, in short transactions: alerts wait for the write lock."""
    mails: list[tuple[OwedMail, Copy]] = []
    subject = ""
    for owed in sharing:
        if not owed.address:
            _log.warning("bulletin %d: the reader of relay %d has no address left", owed.bulletin.id, owed.relay_id)
            with writing():
                mark_written(owed.relay_id, None, owed.kind)
            continue
        token = signed("relay", owed.relay_id)
        written = bulletin_letter(owed.bulletin, owed, token, settings, owed.kind == "nudge", owed.group_address)
        subject = subject or written.subject
        key = f"relay/{owed.relay_id}/{owed.kind}/{owed.nudges}"
        mails.append((owed, Copy(key, owed.address, owed.name, written.text, written.html, owed.member_id)))
    if not mails:
        return
    answered = mail_cards([sharing[0].in_reply_to or 0]).get(sharing[0].in_reply_to or 0)
    letter = Letter(
        "bulletin",
        subject,
        reply_to=settings.sender,
        # A reminder carries them again: its reader may have thrown the first mail away.
        enclosures=tuple(enclosures(sharing[0].bulletin.id)),
        in_reply_to=answered.message_id if answered else "",
    )
    queued: list[Copy] = []
    for begin in range(0, len(mails), AT_A_TIME):
        give_way()
        queued = _enqueue_some(letter, queued, mails[begin : begin + AT_A_TIME], now)


def _enqueue_some(letter: Letter, queued: list[Copy], mails: list[tuple[OwedMail, Copy]], now: datetime) -> list[Copy]:
    """In one transaction, so that a mail is in the queue exactly when it is no longer owed; returns a copy of the
    letter that is in the queue, as `queued` is, or none.
    """
    with writing():
        waiting = still_owed([owed for owed, _ in mails])
        kept = [(owed, copy) for owed, copy in mails if owed.relay_id in waiting]
        if not kept:
            return queued
        ids = enqueue_letter(letter, [*queued, *(copy for _, copy in kept)], now)[len(queued) :]
        for (owed, _), mail_id in zip(kept, ids, strict=True):
            mark_written(owed.relay_id, mail_id, owed.kind)
    return [kept[0][1]]
