"""Which database this is and how far it came, so that an older copy is noticed; and why work is held. Frozen."""

import secrets
from typing import Any

from peewee import AutoField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Base(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Broadcast(Base):
        pass

    class Hold(Base):
        broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
        reason = TextField()
        reach = IntegerField(null=True)

    class Lineage(Base):
        token = TextField()
        epoch = IntegerField(default=0)
        progress = IntegerField(default=0)

    db.create_tables([Hold, Lineage])
    Lineage.create(token=secrets.token_hex(8))
