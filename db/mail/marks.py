"""Results of a mail. Only the process that holds it may mark it: False when the claim was lost."""

from datetime import datetime
from typing import Any

from peewee import SQL

from db.engine.connection import writing
from db.mail.enqueue import DOUBTS
from db.mail.values import MailClaim
from db.models.mail import Mail, MailDomain
from plp.rules.mail_states import MailCause, MailState, mail_sources
from plp.rules.mail_verdicts import without_addresses, without_name


def mark_handed(claim: MailClaim, now: datetime) -> bool:
    """Before its text goes out: from here on the server may have it. False: the claim is lost, do not send it."""
    with writing():
        return _held(claim, {"handed_at": now})


def mark_accepted(claim: MailClaim, reply: str, now: datetime) -> bool:
    """The server took it, and answers for it from now on."""
    with writing():
        MailDomain.update(failures=0, reason="", reply="").where(
            MailDomain.domain == claim.domain, MailDomain.failures > 0
        ).execute()
        return _moved(claim, MailState.ACCEPTED, "accepted", reply, now, accepted_at=now)


def mark_refused(claim: MailClaim, reason: str, reply: str, now: datetime) -> bool:
    """The server will never take it."""
    with writing():
        return _moved(claim, MailState.REFUSED, reason, reply, now)


def mark_later(
    claim: MailClaim, reason: str, reply: str, next_at: datetime, now: datetime, perhaps_taken: bool = False
) -> bool:
    """Try again at `next_at`, the last time when it expires; expired when that is past, or after DOUBTS of
    `perhaps_taken`.
    """
    with writing():
        row = Mail.get_or_none(Mail.id == claim.id)
        if row is None:
            return False
        doubts = row.doubts + perhaps_taken
        doubt: dict[str, Any] = {"doubts": doubts, "perhaps_twice": row.perhaps_twice or perhaps_taken}
        if perhaps_taken and doubts >= DOUBTS:
            return _moved(claim, MailState.EXPIRED, "doubt_often", reply, now, **doubt)
        if now < row.expires_at:
            return _moved(claim, MailState.QUEUED, reason, reply, now, next_at=min(next_at, row.expires_at), **doubt)
        return _moved(claim, MailState.EXPIRED, reason, reply, now, **doubt)


def mark_domain_waits(domain: str, reason: str, reply: str, next_at: datetime) -> None:
    """Nothing goes to this domain before `next_at`."""
    values = {"next_at": next_at, "reason": reason, "reply": without_addresses(reply)}
    with writing():
        MailDomain.insert(domain=domain, failures=1, **values).on_conflict(
            conflict_target=[MailDomain.domain], update={**values, "failures": MailDomain.failures + SQL("1")}
        ).execute()


def _moved(claim: MailClaim, to: MailState, reason: str, reply: str, now: datetime, **more: Any) -> bool:
    cause = MailCause.SERVER
    values = {"state": to, "reason": reason, "reply": without_addresses(reply), "changed_at": now}
    return _held(claim, values | {"holder": None, "lease_until": None} | more, mail_sources(to, cause))


def _held(claim: MailClaim, values: dict[str, Any], sources: list[MailState] | None = None) -> bool:
    held = (Mail.id == claim.id) & (Mail.holder == claim.holder)
    return bool(Mail.update(values).where(held, Mail.state.in_(sources or [MailState.SENDING])).execute())


def apply_bounce(mail_id: int, permanent: bool, reason: str, now: datetime) -> bool:
    """Store a report of non-delivery, `permanent` or `delayed` (RFC 3464 § 2.3.3). False when none such was sent."""
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
