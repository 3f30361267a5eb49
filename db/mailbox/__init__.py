"""The zone's mailbox: how far it was read, what came in, and for how long that is kept."""

from db.mailbox.arrivals import KINDS, Arrival, Place, apply_mail, forget_mail_before
from db.mailbox.position import (
    Position,
    mailbox_position,
    mark_generation,
    mark_mailbox_read,
    mark_mailbox_trouble,
    mark_skipped,
    mark_trying,
)
from db.mailbox.standing import MailboxCard, mailboxes

__all__ = [
    "KINDS",
    "Arrival",
    "MailboxCard",
    "Place",
    "Position",
    "apply_mail",
    "forget_mail_before",
    "mailbox_position",
    "mailboxes",
    "mark_generation",
    "mark_mailbox_read",
    "mark_mailbox_trouble",
    "mark_skipped",
    "mark_trying",
]
