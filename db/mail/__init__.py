"""Mail as a durable queue: what is put into it leaves once, or says why not.

Whoever has something to say calls `enqueue_letter`; `jobs.post` claims, sends and marks.
"""

from db.mail.bounces import apply_bounce
from db.mail.cards import mail_cards, mail_of_message_id, mail_waits
from db.mail.enqueue import enqueue_letter
from db.mail.sender import MailOff, mail_configured, send_as
from db.mail.values import Copy, Enclosure, Letter, MailCard, MailKind

__all__ = [
    "Copy",
    "Enclosure",
    "Letter",
    "MailCard",
    "MailKind",
    "MailOff",
    "apply_bounce",
    "enqueue_letter",
    "mail_cards",
    "mail_configured",
    "mail_of_message_id",
    "mail_waits",
    "send_as",
]
