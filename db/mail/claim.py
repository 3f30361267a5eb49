"""A mail on its way: a process claims the next one with a lease and marks its result (False if the claim was lost).
Mails whose process died, or whose server was away too long, are put right. The state of every host's SMTP server
(docs/adr/0016)."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, fn

from db.engine.base import card_of, move_times, put
from db.engine.cached_queries import Prepared, given
from db.engine.connection import change_in_chunks, take_turn, writing
from db.mail.enqueue import DOUBTS
from db.mail.readers import address_now, move_mails
from db.mail.values import LANES, Enclosure
from db.models.mail import Mail as Mail  # the postman names it
from db.models.mail import MailDomain, MailEnclosure, MailLetter, MailServer
from rules.mail import MailCause, MailState, address_trouble, domain_of, mail_sources, without_addresses, without_name

# Longer than an attempt whose every answer takes its time-out (`plp.jobs.smtp.connection`: STEP_S, TEXT_S).
LEASE = timedelta(minutes=15)
# A server is tried at least every quarter of an hour while mail waits for it; one of a host that is gone is forgotten.
_LAST_HEARD = timedelta(days=2)
# Held by nobody.
_FREE: dict[str, Any] = {"holder": None, "lease_until": None}
# Asked every few seconds for ever, nearly always in vain.
_ANY_DUE = Prepared(lambda: _due(given("now")).select(SQL("1")).limit(1))
_SERVERS = Prepared(MailServer.select().where(MailServer.seen_at > given("since")).order_by(MailServer.host))


def mail_due(now: datetime) -> bool:
    """True when something could go out at `now`; a glance that locks nothing."""
    return _ANY_DUE.first(now=now) is not None


def claim_mail(host: str, now: datetime, pace: timedelta) -> Mail | None:
    """The next mail by lane and waiting time, now SENDING, or None. One per `pace` and domain, except of an alert
    (docs/adr/0095); without a reader it is cancelled, and a reader's new address is used."""
    with writing():
        take_turn("mail claim")  # so that two hosts keep one pace
        while True:
            row = _due(now).first()
            if row is None:
                return None
            address = address_now(row)
            if address and address == row.address:
                return _taken(row, host, now, pace)
            if address:
                trouble = address_trouble(address)
            else:
                trouble = "withdrawn" if row.address else "erased"
            if trouble:
                cause = MailCause.WITHDRAWAL if row.address else MailCause.ERASURE
                move_mails(Mail.id == row.id, MailState.CANCELLED, cause, trouble, now)
            else:
                moved = Mail.update(address=address, domain=domain_of(address))
                moved.where(Mail.id == row.id, Mail.state == MailState.QUEUED).execute()


def _due(now: datetime) -> Any:
    paced = MailDomain.select(MailDomain.domain).where(MailDomain.next_at > now)
    held = paced.where(MailDomain.failures > 0)
    return (
        Mail.select(Mail, MailLetter)
        .join(MailLetter)
        .where(Mail.state == MailState.QUEUED, Mail.next_at <= now, Mail.domain.not_in(held))
        .where((Mail.lane == LANES["alert"]) | Mail.domain.not_in(paced))
        .order_by(Mail.lane, Mail.next_at, Mail.id)
        .limit(1)
    )


def _taken(row: Mail, host: str, now: datetime, pace: timedelta) -> Mail | None:
    holder = f"{host}/{secrets.token_hex(6)}"
    taken = Mail.update(
        state=MailState.SENDING,
        holder=holder,
        lease_until=now + LEASE,
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
    row.holder, row.attempts, row.domain_failures = holder, row.attempts + 1, known.failures if known else 0
    row.letter.enclosures = [card_of(Enclosure, file, content=bytes(file.content)) for file in files]
    return row


def mark_handed(claim: Mail, now: datetime) -> bool:
    """Before its text is sent: the server may have it from here on. False: the claim is lost, do not send it."""
    with writing():
        begun = Mail.update(handed_at=now).where(_is_held(claim), Mail.state == MailState.SENDING)
        return bool(begun.execute())


def mark_accepted(claim: Mail, reply: str, now: datetime) -> bool:
    """The server accepted it, and is responsible for it from now on."""
    with writing():
        accepts = MailDomain.update(failures=0, reason="", reply="")
        accepts.where(MailDomain.domain == claim.domain, MailDomain.failures > 0).execute()
        return _moved(claim, MailState.ACCEPTED, "accepted", reply, now, accepted_at=now)


def mark_refused(claim: Mail, reason: str, reply: str, now: datetime) -> bool:
    """The server will never take it."""
    with writing():
        return _moved(claim, MailState.REFUSED, reason, reply, now)


def mark_later(
    claim: Mail, reason: str, reply: str, next_at: datetime, now: datetime, perhaps_taken: bool = False
) -> bool:
    """Try again at `next_at`, the last time when it expires; expired after that, or DOUBTS times `perhaps_taken`."""
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
    """Nothing is sent to this domain before `next_at`."""
    values = {"next_at": next_at, "reason": reason, "reply": without_addresses(reply)}
    with writing():
        MailDomain.insert(domain=domain, failures=1, **values).on_conflict(
            conflict_target=[MailDomain.domain], update={**values, "failures": MailDomain.failures + SQL("1")}
        ).execute()


def _moved(claim: Mail, to: MailState, reason: str, reply: str, now: datetime, **more: Any) -> bool:
    more |= {"reply": without_addresses(reply), **_FREE}
    return bool(move_mails(_is_held(claim), to, MailCause.SERVER, reason, now, **more))


def _is_held(claim: Mail) -> Any:
    return (Mail.id == claim.id) & (Mail.holder == claim.holder)


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


def recover_mail(now: datetime, host: str | None = None) -> int:
    """Put back mails whose lease ran out, or (its start) all of `host`; returns how many. Begun ones are in doubt."""
    with writing():
        columns = (Mail.id, Mail.holder, Mail.lease_until, Mail.handed_at, Mail.doubts, Mail.perhaps_twice)
        open_claims = Mail.select(*columns).where(Mail.state == MailState.SENDING)
        left = [row for row in open_claims if row.lease_until <= now or (row.holder or "").rpartition("/")[0] == host]
        for row in left:
            is_handed = row.handed_at is not None
            is_often = is_handed and row.doubts + 1 >= DOUBTS
            this = (Mail.id == row.id) & (Mail.holder == row.holder)
            to = MailState.EXPIRED if is_often else MailState.QUEUED
            reason = "restart_doubt" if is_handed else "restart"
            if is_often:
                reason = "doubt_often"
            doubt = {"doubts": row.doubts + is_handed, "perhaps_twice": row.perhaps_twice or is_handed}
            move_mails(this, to, MailCause.RECOVERY, reason, now, **_FREE, next_at=now, **doubt)
    return len(left)


def expire_after_restore(now: datetime) -> int:
    """In a restored copy, what waits or is sent may have been sent: a person decides. Returns how many."""
    doubt = {"perhaps_twice": True, **_FREE}
    with writing():
        return sum(
            move_mails(Mail.state != MailState.EXPIRED, MailState.EXPIRED, cause, "restored", now, **doubt)
            for cause in (MailCause.OUTAGE, MailCause.RECOVERY)
        )


def expire_overdue(reason: str, now: datetime) -> int:
    """While no server can be reached, expire what was tried for long enough; returns the number."""
    sources = mail_sources(MailState.EXPIRED, MailCause.OUTAGE)
    overdue = Mail.state.in_(sources) & (Mail.expires_at <= now)

    def expire(ids: list[int]) -> int:
        return move_mails(overdue & Mail.id.in_(ids), MailState.EXPIRED, MailCause.OUTAGE, reason, now)

    return change_in_chunks(Mail.select(Mail.id).where(overdue), expire)


def apply_mail_jump(was: datetime, jump: timedelta) -> None:
    """The clock showed `was`, and was set by `jump`. Inside the caller's transaction."""
    columns = (Mail.id, Mail.next_at, Mail.expires_at, Mail.lease_until)
    move_times(Mail.select(*columns).where(Mail.state == MailState.QUEUED), was, jump, "next_at", "expires_at")
    move_times(Mail.select(*columns).where(Mail.state == MailState.SENDING), was, jump, "lease_until")
    for way in (MailDomain, MailServer):
        move_times(way.select(way.id, way.next_at), was, jump, "next_at")


def mail_servers(now: datetime, within: timedelta = _LAST_HEARD) -> list[MailServer]:
    """The servers that were heard of lately, by host."""
    return _SERVERS.results(since=now - within)


def mail_server(host: str, server: str) -> MailServer | None:
    """The state of the server that `host` uses now; None when it never used this one."""
    return MailServer.get_or_none(MailServer.host == host, MailServer.server == server)


def mark_server_down(host: str, server: str, reason: str, reply: str, next_at: datetime, now: datetime) -> None:
    """A connection failed; the next try is at `next_at`."""
    said = {"reason": reason, "reply": without_addresses(reply)}
    values = {"server": server, "next_at": next_at, "seen_at": now, **said}
    again = {"failures": MailServer.failures + SQL("1"), "down_since_at": fn.COALESCE(MailServer.down_since_at, now)}
    with writing():
        MailServer.delete().where(MailServer.host == host, MailServer.server != server).execute()
        MailServer.insert(host=host, failures=1, down_since_at=now, **values).on_conflict(
            conflict_target=[MailServer.host], update={**values, **again}
        ).execute()


def mark_server_up(host: str, server: str, now: datetime) -> None:
    """It answered, encrypted and let us in."""
    works = {"failures": 0, "down_since_at": None, "next_at": None, "reason": "", "reply": ""}
    with writing():
        put(MailServer, {"host": host}, server=server, seen_at=now, **works)
