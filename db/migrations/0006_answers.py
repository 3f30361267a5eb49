"""How texts that came in were read, who said OK to which alert, and the numbers of our own SIMs. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Known(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(Known):
        pass

    class Message(Known):
        pass

    class InboundMessage(Known):
        sender = TextField()
        handled_at = DateTimeField(null=True)
        received_at = DateTimeField()
        judged_at = DateTimeField(null=True)

    class InboundVerdict(Frozen):
        inbound = ForeignKeyField(InboundMessage, unique=True, on_delete="CASCADE")
        meaning = TextField()
        language = TextField()
        judged_at = DateTimeField(index=True)
        broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
        answer = TextField(default="")
        silence = TextField(default="")
        answered_at = DateTimeField(null=True)

    InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.meaning == "alarm", name="verdict_alarm")

    class AlertReply(Frozen):
        message = ForeignKeyField(Message, unique=True, on_delete="CASCADE")
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        at = DateTimeField()

    class OwnNumber(Frozen):
        host = TextField()
        modem = TextField()
        msisdn = TextField()

        class Meta:
            indexes = ((("host", "modem"), True),)

    db.create_tables(Frozen.__subclasses__())
    migrator.migrate(migrator.add_column("inbound_message", "judged_at", InboundMessage.judged_at))
    text = InboundMessage
    for index in (
        text.index(text.received_at, where=text.judged_at.is_null(), name="inbound_unjudged"),
        text.index(text.sender, where=text.handled_at.is_null(), name="inbound_unhandled"),
        text.index(text.sender, name="inbound_sender"),
    ):
        db.execute(index)
