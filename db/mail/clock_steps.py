"""The machine's clock was set: mail that waits moves along, so that it neither expires nor waits for a day."""

from datetime import timedelta

from db.engine.connection import writing
from db.models.mail import Mail, MailDomain, MailServer
from plp.rules.mail_states import MailState


def apply_mail_jump(jump: timedelta) -> None:
    """By how much the clock was set. Inside the caller's transaction where there is one."""
    with writing():
        for mail in Mail.select(Mail.id, Mail.next_at, Mail.expires_at).where(Mail.state == MailState.QUEUED):
            moved = {"next_at": mail.next_at + jump, "expires_at": mail.expires_at + jump}
            Mail.update(moved).where(Mail.id == mail.id).execute()
        for mail in Mail.select(Mail.id, Mail.lease_until).where(Mail.state == MailState.SENDING):
            if mail.lease_until is not None:
                Mail.update(lease_until=mail.lease_until + jump).where(Mail.id == mail.id).execute()
        for way in (MailDomain, MailServer):
            for row in way.select(way.id, way.next_at).where(way.next_at.is_null(False)):
                way.update(next_at=row.next_at + jump).where(way.id == row.id).execute()
