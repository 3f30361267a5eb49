"""STOPs that are held for a person are found by an index of their own. Frozen."""

from typing import Any

from peewee import IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class InboundVerdict(Model):
        inbound = IntegerField(column_name="inbound_id")
        silence = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    InboundVerdict.add_index(InboundVerdict.inbound, where=InboundVerdict.silence == "held", name="verdict_held")
    db.create_tables([InboundVerdict])  # the table is there: only the index is made
