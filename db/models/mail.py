"""Mails and the ways out; the zone's mailbox, the mails that came in, and the officers' answers."""

from typing import Any

from peewee import BigIntegerField, BlobField, BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import EnumField, Table, UtcField
from db.models.bulletins import BulletinRelay
from db.models.modem_records import InboundMessage
from db.models.people import Member
from rules.mail import MailState
from rules.sentences import Sentence


class MailLetter(Table):
    """Content of a mail that its readers share; `in_reply_to`: a Message-ID or empty; `enclosures`: once claimed."""

    kind = TextField()
    subject = TextField()
    reply_to = TextField(default="")
    in_reply_to = TextField(default="")
    created_at = UtcField(index=True)
    enclosures: list[Any]


class MailEnclosure(Table):
    """A file enclosed with a letter."""

    letter = ForeignKeyField(MailLetter, backref="enclosures", on_delete="CASCADE")
    position = IntegerField()
    filename = TextField()
    media_type = TextField()
    content = BlobField()


class Mail(Table):
    """A letter to one reader, once for a `key`. `holder` sends it now; `doubts` are attempts since a person's last
    decision that the server may have received, `handed_at` the start of one. `reason` is a word of `rules.mail`,
    `reply` the server's; `domain_failures`, of a claimed one, are refusals in a row.
    """

    letter = ForeignKeyField(MailLetter, backref="mails", on_delete="CASCADE")
    key = TextField(unique=True)
    message_id = TextField(unique=True)
    member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
    address = TextField()
    domain = TextField()
    name = TextField()
    text = TextField()
    html = TextField(default="")
    lane = IntegerField()
    state = EnumField(MailState, default=MailState.QUEUED)
    perhaps_twice = BooleanField(default=False)
    doubts = IntegerField(default=0)
    attempts = IntegerField(default=0)
    queued_at = UtcField()
    next_at = UtcField()
    expires_at = UtcField()
    changed_at = UtcField(index=True)
    holder = TextField(null=True)
    lease_until = UtcField(null=True)
    handed_at = UtcField(null=True)
    accepted_at = UtcField(null=True)
    reason = TextField(default="")
    reply = TextField(default="")
    # The broadcast that it is about, if any; the reader of a bulletin, and whether it reminds them of it.
    broadcast = IntegerField(null=True)
    relay = ForeignKeyField(BulletinRelay, null=True, on_delete="SET NULL")
    is_nudge = BooleanField(default=False)
    letter_id: int
    member_id: int | None
    relay_id: int | None
    domain_failures: int


Mail.add_index(Mail.lane, Mail.next_at, Mail.id, where=Mail.state == MailState.QUEUED, name="mail_queue")
Mail.add_index(Mail.state, Mail.changed_at, name="mail_by_state")
Mail.add_index(Mail.broadcast, Mail.member, where=Mail.broadcast.is_null(False), name="mail_about")
Mail.add_index(Mail.lease_until, where=Mail.state == MailState.SENDING, name="mail_sending")


class MailDomain(Table):
    """A domain of readers: nothing is sent to it before `next_at`; `failures` are temporary refusals in a row."""

    domain = TextField(unique=True)
    next_at = UtcField()
    failures = IntegerField(default=0)
    reason = TextField(default="")
    reply = TextField(default="")


class MailServer(Table):
    """A host's SMTP server (`name:port`) as it last was; while it works `down_since_at` is null and `reason` empty."""

    host = TextField(unique=True)
    server = TextField()
    failures = IntegerField(default=0)
    down_since_at = UtcField(null=True)
    next_at = UtcField(null=True)
    seen_at = UtcField()
    reason = TextField(default="")
    reply = TextField(default="")


class Mailbox(Table):
    """Position up to which a mailbox was read, of its `uidvalidity` (RFC 3501 § 2.3.1.1). `trouble` is a code with its
    values, or empty; the mail `trying_uid` was begun `tries` times: one that ends the process is known by that.
    """

    account = TextField(unique=True)
    uidvalidity = BigIntegerField(null=True)
    last_uid = BigIntegerField(default=0)
    read_at = UtcField(null=True)
    trouble = TextField(default="")
    trying_uid = BigIntegerField(default=0)
    tries = IntegerField(default=0)


class SeenMail(Table):
    """A mail that was received once. `digest` reveals nothing about it, and is kept longer than the mail itself."""

    digest = TextField(unique=True)
    seen_at = UtcField(index=True)


class InboundMail(Table):
    """A mail to the zone, which the mailbox keeps whole. `kind`: `db.inbound.mailbox`; `quoted`: the text that it
    answers; `reply_to`: the address for the answer; `answers_mail`: the number of our mail; `enclosures`: JSON.
    """

    kind = TextField()
    sender = TextField(index=True)
    sender_name = TextField(default="")
    reply_to = TextField(default="")
    subject = TextField(default="")
    text = TextField(default="")
    quoted = TextField(default="")
    message_id = TextField(default="")
    answers_mail = IntegerField(null=True, index=True)
    enclosures = TextField(default="[]")
    size_bytes = BigIntegerField(default=0)
    is_shortened = BooleanField(default=False)
    sent_at = UtcField(null=True)
    received_at = UtcField(index=True)
    # An officer does it, and is done with it.
    taken_by = TextField(default="")
    taken_at = UtcField(null=True)
    handled_by = TextField(default="")
    handled_at = UtcField(null=True)


class InboxAnswer(Table):
    """An officer's answer, once per `key`: our mail `letter` or our text `broadcast`; `refused`: why it cannot go,
    `refusal` as a sentence, where it is read with its `ref`. One to send has its `item`, the `person` who wrote that,
    and the `address` for the answer: a number or an e-mail's, empty where only a group is known.
    """

    key = TextField(unique=True)
    text = ForeignKeyField(InboundMessage, null=True, on_delete="CASCADE")
    mail = ForeignKeyField(InboundMail, null=True, on_delete="CASCADE")
    kind = TextField()
    body = TextField()
    by = TextField()
    at = UtcField()
    letter = IntegerField(null=True)
    broadcast = IntegerField(null=True)
    refused = TextField(default="")
    ref: Any
    refusal: Sentence
    item: Any
    person: Any
    address: str
    language: str
