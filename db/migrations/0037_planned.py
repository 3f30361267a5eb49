"""Drills and bulletins that are planned for a date. Frozen."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Bulletin(There):
        pass

    class Broadcast(There):
        pass

    class Planned(There):
        kind = TextField()
        due_at = DateTimeField()
        monthly = BooleanField(default=False)
        text = TextField(default="")
        bulletin = ForeignKeyField(Bulletin, null=True, on_delete="CASCADE")
        seen = TextField(default="")
        planned_by = TextField()
        planned_at = DateTimeField()
        state = TextField(default="waiting")
        why = TextField(default="")
        ended_at = DateTimeField(null=True)
        broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")

    Planned.add_index(Planned.due_at, where=Planned.state == "waiting", name="planned_waiting")
    db.create_tables([Planned])
