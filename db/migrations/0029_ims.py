"""Notes of a model on SMS over 4G with an operator's cards. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class ImsNote(Model):
        id = AutoField()
        model = TextField()
        operator = TextField()
        tried = TextField()
        state = TextField()
        seen_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("model", "operator", "tried"), True),)

    db.create_tables([ImsNote])
