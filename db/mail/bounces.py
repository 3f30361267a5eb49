"""A mail came back, or its way on takes long."""

from datetime import datetime

from db.engine.connection import writing
from db.models.mail import Mail
from plp.rules.mail_states import MailCause, MailState, mail_sources
from plp.rules.mail_verdicts import without_addresses, without_name


def apply_bounce(mail_id: int, permanent: bool, reason: str, now: datetime) -> bool:
    """Store a report of non-delivery of a mail; `reason` is the reporting server's words.

    A permanent one makes it bounced; a temporary one (RFC 3464 § 2.3.3, `delayed`) is only noted, as that server goes
    on trying. False when the mail does not exist, was never with a server, or bounced already.
    """
    sources = mail_sources(MailState.BOUNCED, MailCause.BOUNCE)
    with_a_server = (Mail.state == MailState.ACCEPTED) | Mail.perhaps_twice
    with writing():
        mail = Mail.select(Mail.address).where(Mail.id == mail_id).first()
        reply = without_addresses(without_name(reason, mail.address if mail is not None else ""))
        values: dict[str, object] = {"reason": "bounced" if permanent else "delayed", "reply": reply}
        if permanent:
            values |= {"state": MailState.BOUNCED, "changed_at": now}
        changed = Mail.update(values).where(Mail.id == mail_id, Mail.state.in_(sources), with_a_server).execute()
    return bool(changed)
