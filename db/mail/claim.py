"""A process takes the next mail: conditionally, with a lease, or gets None."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL

from db.engine.base import card_of, put
from db.engine.connection import take_turn, writing
from db.mail.readers import address_now
from db.mail.values import Enclosure, MailClaim
from db.models.mail import Mail, MailDomain, MailEnclosure, MailLetter
from plp.rules.mail_headers import address_trouble, domain_of
from plp.rules.mail_states import MailCause, MailState, mail_sources

# Longer than an attempt whose every answer takes its time-out (`plp.jobs.smtp.connection`: STEP_S, TEXT_S).
LEASE = timedelta(minutes=15)


def mail_due(now: datetime) -> bool:
    """True when something could go out at `now`; a glance that locks nothing."""
    return bool(_due(now).exists())


def claim_mail(host: str, now: datetime, pace: timedelta) -> MailClaim | None:
    """The next mail by lane and waiting time, now SENDING; None when there is none.

    One per `pace` and domain; what is for nobody any more is cancelled, what is for another address goes there.
    """
    with writing():
        take_turn("mail claim")  # so that two hosts keep one pace
        while True:
            row = _due(now).first()
            if row is None:
                return None
            if _is_for_its_reader(row, now):
                return _taken(row, host, now, pace)


def _is_for_its_reader(row: Mail, now: datetime) -> bool:
    """False when it was not, and is now cancelled or addressed anew."""
    address = address_now(row)
    if address and address == row.address:
        return True
    trouble = address_trouble(address) if address else "withdrawn" if row.address else "erased"
    if trouble:
        cause = MailCause.WITHDRAWAL if row.address else MailCause.ERASURE
        values: dict[str, object] = {"state": MailState.CANCELLED, "reason": trouble, "reply": "", "changed_at": now}
        sources = mail_sources(MailState.CANCELLED, cause)
    else:
        values, sources = {"address": address, "domain": domain_of(address)}, [MailState.QUEUED]
    Mail.update(values).where(Mail.id == row.id, Mail.state.in_(sources)).execute()
    return False


def _due(now: datetime) -> Any:
    held = MailDomain.select(MailDomain.domain).where(MailDomain.next_at > now)
    return (
        Mail.select(Mail, MailLetter)
        .join(MailLetter)
        .where(Mail.state == MailState.QUEUED, Mail.next_at <= now, Mail.domain.not_in(held))
        .order_by(Mail.lane, Mail.next_at, Mail.id)
        .limit(1)
    )


def _taken(row: Mail, host: str, now: datetime, pace: timedelta) -> MailClaim | None:
    holder, until = f"{host}/{secrets.token_hex(6)}", now + LEASE
    taken = Mail.update(
        state=MailState.SENDING,
        holder=holder,
        lease_until=until,
        handed_at=None,
        attempts=Mail.attempts + SQL("1"),
        changed_at=now,
    ).where(Mail.id == row.id, Mail.state.in_(mail_sources(MailState.SENDING, MailCause.CLAIM)))
    if not taken.execute():
        return None
    if pace:
        put(MailDomain, {"domain": row.domain}, next_at=now + pace)
    known = MailDomain.get_or_none(MailDomain.domain == row.domain)
    files = MailEnclosure.select().where(MailEnclosure.letter == row.letter_id).order_by(MailEnclosure.position)
    letter = row.letter
    return card_of(
        MailClaim,
        row,
        holder=holder,
        kind=letter.kind,
        subject=letter.subject,
        reply_to=letter.reply_to,
        in_reply_to=letter.in_reply_to,
        attempts=row.attempts + 1,
        lease_until=until,
        domain_failures=known.failures if known else 0,
        enclosures=tuple(Enclosure(each.filename, each.media_type, bytes(each.content)) for each in files),
    )
