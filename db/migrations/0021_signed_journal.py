"""Entries of the journal are signed by whoever writes them, and the chain has a signed beginning. Frozen.

Entries that are there already are signed by `db.journal.chain.begin_chain`, which has the key.
"""

from typing import Any

from peewee import AutoField, DateTimeField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class AuditAnchor(Model):
        id = AutoField()
        at = DateTimeField()
        number = IntegerField()
        hash = TextField()
        entry = IntegerField()
        key = TextField()
        mac = TextField()

        class Meta:
            database = db
            legacy_table_names = False

    migrator.migrate(
        migrator.add_column("audit_entry", "detail_mac", TextField(default="")),
        migrator.add_column("audit_entry", "mac", TextField(default="")),
        migrator.add_column("audit_entry", "erased", TextField(default="")),
    )
    db.create_tables([AuditAnchor])
