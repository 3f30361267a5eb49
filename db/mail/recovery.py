"""Mails whose process died, whose server was away too long, or that wait while the machine's clock is set."""

from datetime import datetime, timedelta

from db.engine.base import move_times
from db.engine.batches import change_in_chunks
from db.engine.connection import writing
from db.mail.enqueue import DOUBTS
from db.models.mail import Mail, MailDomain, MailServer
from plp.rules.mail_states import MailCause, MailState, mail_sources


def recover_mail(now: datetime, host: str | None = None) -> int:
    """Put back mails whose lease ran out, or (its start) all of `host`; returns how many. Begun ones are in doubt."""
    with writing():
        columns = (Mail.id, Mail.holder, Mail.lease_until, Mail.handed_at, Mail.doubts, Mail.perhaps_twice)
        open_claims = Mail.select(*columns).where(Mail.state == MailState.SENDING)
        left = [row for row in open_claims if row.lease_until <= now or _host(row) == host]
        for row in left:
            _put_back(row, now)
    return len(left)


def _host(row: Mail) -> str:
    return (row.holder or "").rpartition("/")[0]


def _put_back(row: Mail, now: datetime) -> None:
    handed = row.handed_at is not None
    doubts = row.doubts + handed
    often = handed and doubts >= DOUBTS
    to = MailState.EXPIRED if often else MailState.QUEUED
    values: dict[str, object] = {
        "state": to,
        "holder": None,
        "lease_until": None,
        "next_at": now,
        "changed_at": now,
        "doubts": doubts,
        "perhaps_twice": row.perhaps_twice or handed,
        "reason": "doubt_often" if often else "restart_doubt" if handed else "restart",
        "reply": "",
    }
    sources = mail_sources(to, MailCause.RECOVERY)
    Mail.update(values).where(Mail.id == row.id, Mail.holder == row.holder, Mail.state.in_(sources)).execute()


def expire_after_restore(now: datetime) -> int:
    """In a copy that was put back: what waits or is on its way may have gone out since. A person decides of each;
    returns how many.
    """
    sources = {*mail_sources(MailState.EXPIRED, MailCause.OUTAGE), *mail_sources(MailState.EXPIRED, MailCause.RECOVERY)}
    waiting = Mail.update(
        state=MailState.EXPIRED,
        reason="restored",
        reply="",
        perhaps_twice=True,
        holder=None,
        lease_until=None,
        changed_at=now,
    ).where(Mail.state.in_(list(sources)))
    with writing():
        return int(waiting.execute())


def expire_overdue(reason: str, now: datetime) -> int:
    """While no server can be reached, expire what was tried for long enough; returns the number."""
    sources = mail_sources(MailState.EXPIRED, MailCause.OUTAGE)
    overdue = Mail.state.in_(sources) & (Mail.expires_at <= now)
    expired = Mail.update(state=MailState.EXPIRED, reason=reason, reply="", changed_at=now).where(overdue)
    return change_in_chunks(Mail.select(Mail.id).where(overdue), lambda ids: expired.where(Mail.id.in_(ids)).execute())


def apply_mail_jump(jump: timedelta) -> None:
    """By how much the clock was set. Inside the caller's transaction."""
    columns = (Mail.id, Mail.next_at, Mail.expires_at, Mail.lease_until)
    move_times(Mail.select(*columns).where(Mail.state == MailState.QUEUED), jump, "next_at", "expires_at")
    move_times(Mail.select(*columns).where(Mail.state == MailState.SENDING), jump, "lease_until")
    for way in (MailDomain, MailServer):
        move_times(way.select(way.id, way.next_at), jump, "next_at")
