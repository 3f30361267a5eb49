"""Room on each machine's disk, a row a day; and the latest time that was ever written here. Frozen."""

from typing import Any

from peewee import AutoField, BigIntegerField, DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Base(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class DiskDay(Base):
        host = TextField()
        day = TextField()
        measured_at = DateTimeField()
        total_bytes = BigIntegerField()
        free_bytes = BigIntegerField()
        taken = TextField(default="{}")

        class Meta:
            indexes = ((("host", "day"), True),)

    class LatestTime(Base):
        at = DateTimeField()

    db.create_tables([DiskDay, LatestTime])
