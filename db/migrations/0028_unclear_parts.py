"""Parts that nobody answered are found by an index of their own. Frozen."""

from typing import Any

from peewee import IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Part(Model):
        broadcast = IntegerField(column_name="broadcast_id")
        state = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    Part.add_index(Part.broadcast, where=Part.state == "unconfirmed", name="part_unconfirmed")
    db.create_tables([Part])  # the table is there: only the index is made
