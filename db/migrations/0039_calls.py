"""Calls to people whom no SMS of an alert reaches. Frozen."""

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

    class Member(There):
        pass

    class AlertCall(There):
        broadcast = ForeignKeyField(Broadcast, on_delete="CASCADE")
        member = ForeignKeyField(Member, on_delete="CASCADE")
        called_at = DateTimeField()
        called_by = TextField()

        class Meta:
            indexes = ((("broadcast", "member"), True),)

    db.create_tables([AlertCall])
