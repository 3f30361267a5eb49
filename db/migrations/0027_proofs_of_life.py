"""Proofs of life: the messages by which the SIMs show each other that they still work. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(There):
        pass

    class Proof(There):
        host = TextField()
        modem = TextField()
        imsi = TextField(index=True)
        slot_at = DateTimeField()
        placed_at = DateTimeField()
        to_seat = TextField(default="")
        to_imsi = TextField(null=True, index=True)
        text = TextField(unique=True)
        broadcast = ForeignKeyField(Broadcast, null=True, unique=True, on_delete="CASCADE")
        arrived_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("host", "modem", "imsi", "slot_at"), True),)

    db.create_tables([Proof])
