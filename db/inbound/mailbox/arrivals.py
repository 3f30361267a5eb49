"""Mails that came in, each stored once. Personal data: it stands in these tables only, never in a log or the audit."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from db.engine.batches import delete_in_chunks
from db.engine.connection import take_turn, writing
from db.inbound.mailbox.position import mark_skipped
from db.models.mailbox import InboundMail, SeenMail

Kind = Literal["message", "automatic", "relay", "bounce", "unreadable"]
# message     somebody wrote: an officer reads it
# automatic   an absence note, a newsletter, a bounce that belongs to no mail of ours: kept, never answered
# relay       a coordinator's “relayed”, and
# bounce      what came back of a mail of ours: both show at the bulletin, not in the inbox
# unreadable  no rule can read it: an officer opens the mailbox
KINDS: tuple[Kind, ...] = ("message", "automatic", "relay", "bounce", "unreadable")

# So long a mail is known again after it was forgotten: a mailbox that was moved numbers all of it anew.
KNOWN_AGAIN_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class MailPosition:
    """The place of a mail: `account` names the mailbox, `uid` counts in its `uidvalidity` (RFC 3501 § 2.3.1.1)."""

    account: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail, read and clean. `digest` knows it again; `answers_mail` is the number of our mail that it answers.

    `size_bytes` is the whole mail's; `sent_at` is the writer's clock, `arrived_at` the mailbox's, None where
    unreadable.
    """

    kind: Kind
    digest: str
    sender: str
    sender_name: str = ""
    reply_to: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""
    message_id: str = ""
    answers_mail: int | None = None
    enclosures: tuple[str, ...] = ()
    size_bytes: int = 0
    is_shortened: bool = False
    sent_at: datetime | None = None
    arrived_at: datetime | None = None


def apply_mail(arrival: Arrival, place: MailPosition, now: datetime) -> int | None:
    """Store the mail and how far the mailbox was read, in one transaction; its id, or None when it is known already."""
    with writing():
        # Two hosts that read one mailbox see the same mail at the same moment.
        take_turn("mailbox")
        mark_skipped(place.account, place.uidvalidity, place.uid, now)
        if SeenMail.select().where(SeenMail.digest == arrival.digest).exists():
            return None
        SeenMail.create(digest=arrival.digest, seen_at=now)
        stored = InboundMail.create(
            kind=arrival.kind,
            sender=arrival.sender,
            sender_name=arrival.sender_name,
            reply_to=arrival.reply_to,
            subject=arrival.subject,
            text=arrival.text,
            quoted=arrival.quoted,
            message_id=arrival.message_id,
            answers_mail=arrival.answers_mail,
            enclosures=json.dumps(arrival.enclosures, ensure_ascii=False),
            size_bytes=arrival.size_bytes,
            is_shortened=arrival.is_shortened,
            sent_at=arrival.sent_at,
            # What came while this box was off came then; a clock that is ahead brings nothing from the future.
            received_at=min(arrival.arrived_at or now, now),
        )
        return int(stored.id)


def forget_mail_before(when: datetime) -> int:
    """Retention: delete mails that came before `when`; returns how many. None of them is taken in again."""
    delete_in_chunks(SeenMail, SeenMail.seen_at < when - KNOWN_AGAIN_FOR)
    return delete_in_chunks(InboundMail, InboundMail.received_at < when)
