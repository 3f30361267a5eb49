"""The duty roster, and the calls of people on duty. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Account(There):
        pass

    class Broadcast(There):
        pass

    class DutyShift(There):
        account = ForeignKeyField(Account, on_delete="CASCADE")
        days = TextField()
        from_minute = IntegerField()
        until_minute = IntegerField()
        first_day = TextField(default="")
        last_day = TextField(default="")
        turn = IntegerField(default=1)

    class Summons(There):
        kind = TextField()
        opened_at = DateTimeField()
        mailed_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        ended_by = TextField(default="")
        outcome = TextField(default="")

    Summons.add_index(Summons.kind, unique=True, where=Summons.ended_at.is_null(), name="summons_open")

    class SummonsCause(There):
        summons = ForeignKeyField(Summons, on_delete="CASCADE")
        subject = TextField()
        settled_at = DateTimeField(null=True)

        class Meta:
            indexes = ((("summons", "subject"), True),)

    class SummonsCall(There):
        summons = ForeignKeyField(Summons, on_delete="CASCADE")
        place = IntegerField()
        account = ForeignKeyField(Account, null=True, on_delete="SET NULL")
        name = TextField()
        broadcast = ForeignKeyField(Broadcast, null=True, on_delete="SET NULL")
        begun_at = DateTimeField()
        called_at = DateTimeField(null=True)
        ended_at = DateTimeField(null=True)
        outcome = TextField(default="")
        ring = TextField(default="")

        class Meta:
            indexes = ((("summons", "place"), True),)

    SummonsCall.add_index(SummonsCall.id, where=SummonsCall.ring == "wanted", name="call_to_ring")
    db.create_tables([DutyShift, Summons, SummonsCause, SummonsCall])
