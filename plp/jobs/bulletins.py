"""Queues the mails of bulletins: first mails, reminders, and those to deputies."""

import logging
from datetime import datetime
from itertools import groupby

from db.bulletins.listing import enclosures
from db.bulletins.owed import enqueue_deputies, mark_written, owed_mails, still_owed
from db.bulletins.tokens import signed
from db.bulletins.values import OwedMail
from db.engine.connection import give_way, writing
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from db.settings.values import MailSettings
from plp.letters.bulletin import Reader, Written, bulletin_letter

# Readers per transaction.
AT_A_TIME = 10

_log = logging.getLogger(__name__)


def send_bulletins(settings: MailSettings, now: datetime) -> bool:
    """Queue the mails that are due; True when there were some. Without a mail server they wait."""
    if not mail_configured(settings):
        return False
    enqueue_deputies(now)
    owed = owed_mails()
    for _, together in groupby(owed, key=_letter_of):
        _enqueue(list(together), settings, now)
    return bool(owed)


def _letter_of(owed: OwedMail) -> tuple[int, str, str, int]:
    """Those that share one letter, and so keep its enclosures once; a reminder answers a mail of its own."""
    return owed.bulletin.id, owed.language, owed.kind, owed.relay_id if owed.kind == "nudge" else 0


def _enqueue(together: list[OwedMail], settings: MailSettings, now: datetime) -> None:
    """Queue them, rendered beforehand, in short transactions: alerts wait for the write lock."""
    for owed in together:
        if not owed.address:
            _log.warning("bulletin %d: the reader of relay %d has no address left", owed.bulletin.id, owed.relay_id)
            with writing():
                mark_written(owed.relay_id, None, owed.kind)
    reachable = [owed for owed in together if owed.address]
    if not reachable:
        return
    written = [_written(owed, settings) for owed in reachable]
    copies = [_copy(owed, one) for owed, one in zip(reachable, written, strict=True)]
    letter = _letter(reachable[0], written[0].subject, settings)
    first: Copy | None = None
    for begin, end in _slices(len(reachable)):
        give_way()
        queued = _enqueue_some(letter, first, reachable[begin:end], copies[begin:end], now)
        first = first or queued


def _slices(readers: int) -> list[tuple[int, int]]:
    """The first reader alone, with the enclosures; then some at a time."""
    return [(0, 1), *((begin, begin + AT_A_TIME) for begin in range(1, readers, AT_A_TIME))]


def _enqueue_some(
    letter: Letter, first: Copy | None, owed: list[OwedMail], copies: list[Copy], now: datetime
) -> Copy | None:
    """In one transaction, so that a mail is in the queue exactly when it is no longer owed; returns a copy that is
    there. `first` is one of this letter that is there already.
    """
    with writing():
        waiting = still_owed(owed)
        kept = [(one, copy) for one, copy in zip(owed, copies, strict=True) if one.relay_id in waiting]
        if not kept:
            return None
        before = [first] if first else []
        ids = enqueue_letter(letter, [*before, *(copy for _, copy in kept)], now)[len(before) :]
        for (one, _), mail_id in zip(kept, ids, strict=True):
            mark_written(one.relay_id, mail_id, one.kind)
    return kept[0][1]


def _letter(owed: OwedMail, subject: str, settings: MailSettings) -> Letter:
    """The letter: the content that is the same for all its readers."""
    return Letter(
        "bulletin",
        subject,
        reply_to=settings.sender,
        # A reminder carries them again: its reader may have thrown the first mail away.
        enclosures=tuple(enclosures(owed.bulletin.id)),
        in_reply_to=_message_id(owed.in_reply_to),
    )


def _written(owed: OwedMail, settings: MailSettings) -> Written:
    kind: str = "deputy" if owed.deputy and owed.kind == "first" else owed.kind
    if owed.group_id is not None:
        kind = "group"
    reader = Reader(owed.name, owed.place, owed.language, kind, owed.group_address)
    return bulletin_letter(owed.bulletin, reader, signed("relay", owed.relay_id), settings.sender, settings.public_url)


def _copy(owed: OwedMail, written: Written) -> Copy:
    key = f"relay/{owed.relay_id}/{owed.kind}/{owed.nudges}"
    return Copy(key, owed.address, owed.name, written.text, written.html, owed.member_id)


def _message_id(mail_id: int | None) -> str:
    card = mail_cards([mail_id]).get(mail_id) if mail_id is not None else None
    return card.message_id if card is not None else ""
