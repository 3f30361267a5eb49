"""The journal is searched by indexes, newest first; members may have their data kept and not used. Frozen."""

from typing import Any

from peewee import DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class AuditEntry(Model):
        at = DateTimeField()
        actor = TextField()
        action = TextField()
        subject = TextField()

        class Meta:
            database = db
            legacy_table_names = False
            indexes = (
                (("actor", "at"), False),
                (("action", "at"), False),
                (("action", "actor", "at"), False),
                (("subject", "at"), False),
            )

    db.create_tables([AuditEntry])  # the table is there: only the indexes are made
    migrator.migrate(migrator.add_column("member", "restricted_at", DateTimeField(null=True)))
