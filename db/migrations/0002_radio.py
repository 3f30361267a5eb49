"""Modems and SIMs over time, requests to the daemons, and texts that come in. Frozen, like every migration."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class SimCard(Frozen):
        imei = TextField()
        imsi = TextField()
        iccid = TextField(null=True)
        host = TextField()
        modem = TextField()
        seen_at = DateTimeField()
        accepted_at = DateTimeField(null=True)
        accepted_by = TextField(default="")

        class Meta:
            indexes = ((("imei", "imsi"), True), (("imsi",), False), (("host", "modem"), False))

    class PinTry(Frozen):
        card = TextField(unique=True)
        digest = TextField()
        tried_at = DateTimeField()
        refused = BooleanField(default=False)

    class ModemSample(Frozen):
        host = TextField()
        modem = TextField()
        at = DateTimeField()
        registered = BooleanField()
        operator = TextField(null=True)
        technology = TextField(null=True)
        signal_dbm = IntegerField(null=True)

        class Meta:
            indexes = ((("host", "modem", "at"), False),)

    class ModemStorage(Frozen):
        host = TextField()
        modem = TextField()
        name = TextField()
        used = IntegerField()
        total = IntegerField()
        seen_at = DateTimeField()

        class Meta:
            indexes = ((("host", "modem", "name"), True),)

    class ModemRequest(Frozen):
        host = TextField()
        modem = TextField()
        verb = TextField()
        asked_by = TextField()
        asked_at = DateTimeField()
        done_at = DateTimeField(null=True)

    ModemRequest.add_index(
        ModemRequest.host, ModemRequest.modem, where=ModemRequest.done_at.is_null(), name="request_open"
    )

    class Transcript(Frozen):
        host = TextField()
        modem = TextField()
        saved_at = DateTimeField()
        lines = TextField()

        class Meta:
            indexes = ((("host", "modem"), True),)

    class InboundMessage(Frozen):
        imsi = TextField()
        sender = TextField()
        reference = IntegerField(null=True)
        total = IntegerField(default=1)
        text = TextField()
        sent_at = DateTimeField()
        received_at = DateTimeField(index=True)
        completed_at = DateTimeField(null=True)
        given_up_at = DateTimeField(null=True)
        handled_at = DateTimeField(null=True)
        simulated = BooleanField(default=False)

    InboundMessage.add_index(
        InboundMessage.imsi, InboundMessage.sender, where=InboundMessage.completed_at.is_null(), name="inbound_open"
    )

    class InboundPart(Frozen):
        message = ForeignKeyField(InboundMessage, backref="parts", on_delete="CASCADE")
        seq = IntegerField(default=1)
        text = TextField()
        digest = TextField(unique=True)

    class UnreadablePdu(Frozen):
        imsi = TextField()
        pdu = TextField()
        received_at = DateTimeField()

        class Meta:
            indexes = ((("imsi", "pdu"), True),)

    db.create_tables(Frozen.__subclasses__())

    class Attempt(Model):
        imsi = TextField()
        outcome = TextField(default="open")

        class Meta:
            database = db
            legacy_table_names = False

    Attempt.add_index(Attempt.imsi, where=Attempt.outcome == "unconfirmed", name="attempt_unconfirmed")
    db.create_tables([Attempt])  # the table is there: only the index is made
