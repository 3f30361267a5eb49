"""The chain over the audit. Entries that are there already are sealed by the jobs. Frozen, like every migration."""

from typing import Any

from peewee import AutoField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class AuditSeal(Model):
        id = AutoField()
        entry = IntegerField(unique=True)
        previous = TextField()
        hash = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([AuditSeal])
