"""Mail as a durable queue: what is put into it leaves once, or says why not.

Whoever has something to say calls `enqueue_letter`; `jobs.post` claims, sends and marks; a person decides about what
did not leave.
"""

from db.mail.bounces import apply_bounce
from db.mail.cards import mail_cards, mail_of_message_id, mail_waits
from db.mail.claim import LEASE, claim_mail, mail_due
from db.mail.decisions import cancel_mail, retry_expired, retry_mail
from db.mail.enqueue import PATIENCE, enqueue_letter
from db.mail.erasure import erase_mail_of, erase_mail_to, erase_newest_mail
from db.mail.marks import mark_accepted, mark_domain_waits, mark_handed, mark_later, mark_refused
from db.mail.recovery import expire_overdue, recover_mail
from db.mail.sender import MailOff, mail_configured, send_as
from db.mail.servers import MailServerCard, mail_server, mail_servers, mark_server_down, mark_server_up
from db.mail.values import Copy, Enclosure, Letter, MailCard, MailClaim, MailKind

__all__ = [
    "LEASE",
    "PATIENCE",
    "Copy",
    "Enclosure",
    "Letter",
    "MailCard",
    "MailClaim",
    "MailKind",
    "MailOff",
    "MailServerCard",
    "apply_bounce",
    "cancel_mail",
    "claim_mail",
    "enqueue_letter",
    "erase_mail_of",
    "erase_mail_to",
    "erase_newest_mail",
    "expire_overdue",
    "mail_cards",
    "mail_configured",
    "mail_due",
    "mail_of_message_id",
    "mail_server",
    "mail_servers",
    "mail_waits",
    "mark_accepted",
    "mark_domain_waits",
    "mark_handed",
    "mark_later",
    "mark_refused",
    "mark_server_down",
    "mark_server_up",
    "recover_mail",
    "retry_expired",
    "retry_mail",
    "send_as",
]
