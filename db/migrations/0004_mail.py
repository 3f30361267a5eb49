"""Mail as a queue. Frozen, like every migration."""

from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    DateTimeField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Member(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class MailLetter(Frozen):
        kind = TextField()
        subject = TextField()
        reply_to = TextField(default="")
        in_reply_to = TextField(default="")
        created_at = DateTimeField(index=True)

    class MailEnclosure(Frozen):
        letter = ForeignKeyField(MailLetter, on_delete="CASCADE")
        position = IntegerField()
        filename = TextField()
        media_type = TextField()
        content = BlobField()

    class Mail(Frozen):
        letter = ForeignKeyField(MailLetter, on_delete="CASCADE")
        key = TextField(unique=True)
        message_id = TextField(unique=True)
        member = ForeignKeyField(Member, null=True, on_delete="SET NULL")
        address = TextField()
        domain = TextField()
        name = TextField()
        text = TextField()
        html = TextField(default="")
        lane = IntegerField()
        state = TextField(default="queued", index=True)
        perhaps_twice = BooleanField(default=False)
        doubts = IntegerField(default=0)
        attempts = IntegerField(default=0)
        queued_at = DateTimeField()
        next_at = DateTimeField()
        expires_at = DateTimeField()
        changed_at = DateTimeField(index=True)
        holder = TextField(null=True)
        lease_until = DateTimeField(null=True)
        handed_at = DateTimeField(null=True)
        accepted_at = DateTimeField(null=True)
        reason = TextField(default="")
        reply = TextField(default="")

    Mail.add_index(Mail.lane, Mail.next_at, Mail.id, where=Mail.state == "queued", name="mail_queue")
    Mail.add_index(Mail.lease_until, where=Mail.state == "sending", name="mail_sending")

    class MailDomain(Frozen):
        domain = TextField(unique=True)
        next_at = DateTimeField()
        failures = IntegerField(default=0)
        reason = TextField(default="")
        reply = TextField(default="")

    class MailServer(Frozen):
        host = TextField(unique=True)
        server = TextField()
        failures = IntegerField(default=0)
        down_since_at = DateTimeField(null=True)
        next_at = DateTimeField(null=True)
        seen_at = DateTimeField()
        reason = TextField(default="")
        reply = TextField(default="")

    db.create_tables(Frozen.__subclasses__())
