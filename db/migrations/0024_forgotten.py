"""Forgotten people as keyed hashes, so that no list brings them back. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Forgotten(Model):
        id = AutoField()
        digest = TextField(unique=True)
        at = DateTimeField()
        cleaned_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Forgotten])
