"""Registrations that people propose on the public page. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Registration(Model):
        id = AutoField()
        token = TextField(unique=True)
        mobile = TextField(index=True)
        draft = TextField()
        code = TextField()
        tries = IntegerField(default=0)
        broadcast = IntegerField()
        asked_at = DateTimeField()
        confirmed_at = DateTimeField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Registration])
