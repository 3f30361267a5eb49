"""The ready-made alert of a broadcast with its answers, and when an incident was closed without a text. Frozen."""

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

    class AlertTemplate(There):
        pass

    class FilledTemplate(There):
        broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
        template = ForeignKeyField(AlertTemplate, on_delete="CASCADE")
        answers = TextField()

    db.create_tables([FilledTemplate])
    migrator.migrate(migrator.add_column("broadcast_order", "closed_at", DateTimeField(null=True)))
