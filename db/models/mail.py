"""One MailLetter, a Mail per reader, its enclosures once; and how the ways out are: domains, and servers per host."""

from peewee import BlobField, BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import EnumField, Table, UtcField
from db.models.people import Member
from plp.rules.mail_states import MailState


class MailLetter(Table):
    """Content of a mail that all its readers share. `in_reply_to` is a Message-ID with its brackets, empty for none."""

    kind = TextField()
    subject = TextField()
    reply_to = TextField(default="")
    in_reply_to = TextField(default="")
    created_at = UtcField(index=True)


class MailEnclosure(Table):
    """A file that goes with a letter."""

    letter = ForeignKeyField(MailLetter, backref="enclosures", on_delete="CASCADE")
    position = IntegerField()
    filename = TextField()
    media_type = TextField()
    content = BlobField()


class Mail(Table):
    """A letter to one reader. `key` makes writing it twice impossible; the reader's server knows it by `message_id`.

    `holder` sends it now; `doubts` are attempts that the server may have had since a person looked, `handed_at` the
    start of such a one. `reason` is a word of `plp.rules.mail_verdicts`, `reply` the server's, without addresses.
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
    letter_id: int
    member_id: int | None


Mail.add_index(Mail.lane, Mail.next_at, Mail.id, where=Mail.state == MailState.QUEUED, name="mail_queue")
Mail.add_index(Mail.state, Mail.changed_at, name="mail_by_state")
Mail.add_index(Mail.lease_until, where=Mail.state == MailState.SENDING, name="mail_sending")


class MailDomain(Table):
    """The readers' mail domains: nothing goes to one before `next_at`. `failures` are temporary refusals in a row."""

    domain = TextField(unique=True)
    next_at = UtcField()
    failures = IntegerField(default=0)
    reason = TextField(default="")
    reply = TextField(default="")


class MailServer(Table):
    """A host's way out: its SMTP server (`name:port`) as it last was, `failures` in a row. While it works
    `down_since_at` is null and `reason`, a word of `plp.rules.mail_verdicts`, empty.
    """

    host = TextField(unique=True)
    server = TextField()
    failures = IntegerField(default=0)
    down_since_at = UtcField(null=True)
    next_at = UtcField(null=True)
    seen_at = UtcField()
    reason = TextField(default="")
    reply = TextField(default="")
