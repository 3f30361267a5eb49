"""A message is bound to its modem and that one's card; several PINs are noted of one card. Frozen."""

from typing import Any

from peewee import BooleanField, DateTimeField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class PinTry(Model):
        card = TextField()
        digest = TextField()
        tried_at = DateTimeField()
        refused = BooleanField(default=False)

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("card", "digest"), True),)

    migrator.migrate(
        migrator.add_column("message", "modem", TextField(null=True)),
        migrator.add_column("report", "modem", TextField(null=True)),
        migrator.add_column("modem", "pin_tries", IntegerField(null=True)),
        migrator.drop_index("pin_try", "pin_try_card"),
    )
    db.create_tables([PinTry])  # the table is there: only the index is made
