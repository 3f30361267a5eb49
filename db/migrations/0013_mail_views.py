"""The queue of mail is shown from an index: the newest of a state without reading all of them. Frozen."""

from typing import Any

from peewee import DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Mail(Model):
        state = TextField()
        changed_at = DateTimeField()

        class Meta:
            database = db
            legacy_table_names = False

    migrator.migrate(migrator.drop_index("mail", "mail_state"))
    Mail.add_index(Mail.state, Mail.changed_at, name="mail_by_state")
    db.create_tables([Mail])  # the table is there: only the index is made
