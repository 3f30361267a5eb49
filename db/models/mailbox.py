"""The zone's mailbox as it was read, the mails that came in, and what officers did about what people wrote."""

from peewee import BigIntegerField, BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField
from db.models.modem_records import InboundMessage


class Mailbox(Table):
    """Position up to which a mailbox was read, of its `uidvalidity` (RFC 3501 § 2.3.1.1).

    `trouble` is a code with its values (plp.rules.sentences) or empty. The mail `trying_uid` was begun `tries` times:
    one that ends the process is known by that.
    """

    account = TextField(unique=True)
    uidvalidity = BigIntegerField(null=True)
    last_uid = BigIntegerField(default=0)
    read_at = UtcField(null=True)
    trouble = TextField(default="")
    trying_uid = BigIntegerField(default=0)
    tries = IntegerField(default=0)


class SeenMail(Table):
    """A mail that was taken in once. `digest` says nothing of it, and stays longer than the mail itself."""

    digest = TextField(unique=True)
    seen_at = UtcField(index=True)


class InboundMail(Table):
    """A mail to the zone, which the mailbox keeps whole. `kind`: `db.inbound.mailbox.arrivals`; `enclosures`: JSON.

    `quoted` is what its writer answered to, `reply_to` where the answer goes, `answers_mail` the number of our own
    mail.
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


class InboxMark(Table):
    """An officer's mark on one text or one mail. `handled_at` is of mails alone: a text has its own."""

    text = ForeignKeyField(InboundMessage, null=True, unique=True, on_delete="CASCADE")
    mail = ForeignKeyField(InboundMail, null=True, unique=True, on_delete="CASCADE")
    taken_by = TextField(default="")
    taken_at = UtcField(null=True)
    handled_by = TextField(default="")
    handled_at = UtcField(null=True)


class InboxAnswer(Table):
    """An officer's answer, by `letter` (our mail) or `broadcast` (our text); one for a `key`.

    `kind` is `letter` or `station`. `refused` is the code of why it will not leave (plp.rules.sentences).
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
    text_id: int | None
    mail_id: int | None
