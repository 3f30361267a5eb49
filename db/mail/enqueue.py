"""A letter goes into the queue: one mail per reader, once, in the name of `[mail] from` (`send_as`)."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from base.settings.values import MailSettings
from db.engine.connection import change_in_chunks, writing
from db.mail.readers import move_mails
from db.mail.values import LANES, Copy, Letter
from db.models.mail import Mail, MailDomain, MailEnclosure, MailLetter, MailServer
from rules import mail
from rules.mail import MailCause, MailState

# How long temporary refusals are answered with another try.
PATIENCE = timedelta(hours=24)
# How often a mail is sent that may have arrived; then a person decides. More often, and a reader gets it all day long.
DOUBTS = 3
# What surely did not arrive, of what nobody tries any more.
EXPIRED_UNSEEN = (Mail.state == MailState.EXPIRED) & (Mail.address != "") & ~Mail.perhaps_twice
_sender = ""


def enqueue_letter(letter: Letter, copies: Sequence[Copy], now: datetime) -> list[int]:
    """Write the mails, whole or not at all; their ids in the order of `copies`, also of keys that exist. Calls of one
    `now` with a copy of the call before share a letter. An impossible address is refused at once. Whoever calls it has
    asked `writes_mail`."""
    if not writes_mail():
        raise RuntimeError("[mail] from is empty")
    domain = _sender.rpartition("@")[2]
    with writing("mail"):
        known = Mail.select(Mail.key, Mail.id).where(Mail.key.in_([copy.key for copy in copies]))
        ids: dict[str, int] = {row.key: int(row.id) for row in known}
        new = {copy.key: copy for copy in copies if copy.key not in ids}
        if new:
            # An older letter may have lost its enclosures.
            shared = MailLetter.select().join(Mail).where(Mail.id.in_(list(ids.values())), MailLetter.created_at == now)
            row = shared.first() or _write_letter(letter, now)
            for key, copy in new.items():
                ids[key] = _write_mail(row, copy, LANES[letter.kind], domain, now)
    return [ids[copy.key] for copy in copies]


def _write_letter(letter: Letter, now: datetime) -> MailLetter:
    row = MailLetter.create(
        kind=letter.kind,
        subject=mail.header_line(letter.subject),
        reply_to="" if mail.address_trouble(letter.reply_to) else letter.reply_to,
        in_reply_to=mail.message_id(letter.in_reply_to),
        created_at=now,
    )
    for position, enclosure in enumerate(letter.enclosures):
        safe = {"filename": mail.file_name(enclosure.filename), "media_type": mail.media_type(enclosure.media_type)}
        MailEnclosure.create(letter=row.id, position=position, content=enclosure.content, **safe)
    return row


def _write_mail(letter: MailLetter, copy: Copy, lane: int, domain: str, now: datetime) -> int:
    address = mail.body(copy.address).strip()
    trouble = mail.address_trouble(address)
    row = Mail.create(
        letter=letter,
        key=copy.key,
        message_id=f"<{secrets.token_hex(16)}@{domain}>",
        member=copy.member_id,
        broadcast=copy.broadcast_id,
        address=address,
        domain=mail.domain_of(address),
        name=mail.header_line(copy.name, mail.NAME_CHARACTERS),
        text=mail.body(copy.text),
        html=mail.body(copy.html),
        lane=lane,
        state=MailState.REFUSED if trouble else MailState.QUEUED,
        reason=trouble,
        queued_at=now,
        next_at=now,
        expires_at=now + PATIENCE,
        changed_at=now,
    )
    return int(row.id)


def mail_configured(settings: MailSettings) -> bool:
    """True when mail may be sent."""
    return bool(settings.sender)


def writes_mail() -> bool:
    """True when this process may write mail (`send_as`)."""
    return bool(_sender)


def send_as(settings: MailSettings | None) -> None:
    """From now on this process writes mail by these `settings`; None, or an empty `from`: it writes none."""
    global _sender
    _sender = settings.sender if settings is not None else ""


def requeue_mail(mail_id: int, address: str, now: datetime) -> None:
    """Have a mail tried now, at this address, whatever its domain or server waits for. In the caller's transaction."""
    domain = mail.domain_of(address)
    Mail.update(address=address, domain=domain).where(Mail.id == mail_id).execute()
    _requeue([mail_id], now)
    MailDomain.update(next_at=now).where(MailDomain.domain == domain, MailDomain.next_at > now).execute()
    MailServer.update(next_at=None).execute()


def requeue_expired(now: datetime) -> int:
    """Have all tried again that surely did not arrive and expired; returns the number."""
    return change_in_chunks(Mail.select(Mail.id).where(EXPIRED_UNSEEN), lambda ids: _requeue(ids, now))


def _requeue(ids: list[int], now: datetime) -> int:
    sources = [MailState.QUEUED, *mail.mail_sources(MailState.QUEUED, MailCause.PERSON)]
    again = Mail.update(state=MailState.QUEUED, doubts=0, next_at=now, expires_at=now + PATIENCE, changed_at=now)
    return int(again.where(Mail.id.in_(ids), Mail.state.in_(sources)).execute())


def mark_mail_stopped(mail_id: int, now: datetime) -> bool:
    """A person stopped it; False if it was already sent or cancelled. In the caller's transaction."""
    return bool(move_mails(Mail.id == mail_id, MailState.CANCELLED, MailCause.PERSON, "stopped", now))
