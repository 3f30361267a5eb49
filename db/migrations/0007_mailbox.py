"""The zone's mailbox, the mails that came in, and who handled what people wrote. Frozen, like every migration."""

from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
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

    class InboundMessage(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Mailbox(Frozen):
        account = TextField(unique=True)
        uidvalidity = BigIntegerField(null=True)
        last_uid = BigIntegerField(default=0)
        read_at = DateTimeField(null=True)
        trouble = TextField(default="")
        trying_uid = BigIntegerField(default=0)
        tries = IntegerField(default=0)

    class SeenMail(Frozen):
        digest = TextField(unique=True)
        seen_at = DateTimeField(index=True)

    class InboundMail(Frozen):
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
        sent_at = DateTimeField(null=True)
        received_at = DateTimeField(index=True)

    class InboxMark(Frozen):
        text = ForeignKeyField(InboundMessage, null=True, unique=True, on_delete="CASCADE")
        mail = ForeignKeyField(InboundMail, null=True, unique=True, on_delete="CASCADE")
        taken_by = TextField(default="")
        taken_at = DateTimeField(null=True)
        handled_by = TextField(default="")
        handled_at = DateTimeField(null=True)

    class InboxAnswer(Frozen):
        key = TextField(unique=True)
        text = ForeignKeyField(InboundMessage, null=True, on_delete="CASCADE")
        mail = ForeignKeyField(InboundMail, null=True, on_delete="CASCADE")
        kind = TextField()
        body = TextField()
        by = TextField()
        at = DateTimeField()
        letter = IntegerField(null=True)
        broadcast = IntegerField(null=True)
        refused = TextField(default="")

    db.create_tables(Frozen.__subclasses__())
