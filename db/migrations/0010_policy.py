"""The zone's policy, approvals by a second person, outlines of neighbourhoods, the drill group. Frozen."""

from typing import Any

from peewee import (
    SQL,
    AutoField,
    BooleanField,
    DateTimeField,
    FloatField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Account(There):
        pass

    class Broadcast(There):
        stage = TextField()

    class Member(There):
        pass

    class Neighbourhood(There):
        pass

    class ZonePolicy(Frozen):
        approval = TextField(default="typed")
        undo_grows = BooleanField(default=True)
        night_from_hour = IntegerField(default=22)
        night_to_hour = IntegerField(default=7)
        sms_price_millieuros = IntegerField(null=True)
        changed_by = TextField(default="")
        changed_at = DateTimeField(null=True)

    class Approval(Frozen):
        broadcast = ForeignKeyField(Broadcast, unique=True, on_delete="CASCADE")
        outcome = TextField(default="waiting")
        asked_at = DateTimeField()
        lapses_at = DateTimeField()
        decided_by = TextField(default="")
        decided_at = DateTimeField(null=True)
        reason = TextField(default="")
        told_at = DateTimeField(null=True)

    Approval.add_index(Approval.lapses_at, where=Approval.outcome == "waiting", name="approval_waiting")

    class Outline(Frozen):
        neighbourhood = ForeignKeyField(Neighbourhood, unique=True, on_delete="CASCADE")
        shape = TextField()
        longitude = FloatField()
        latitude = FloatField()
        imported_by = TextField()
        imported_at = DateTimeField()

    class DrillPerson(Frozen):
        member = ForeignKeyField(Member, null=True, unique=True, on_delete="CASCADE")
        account = ForeignKeyField(Account, null=True, unique=True, on_delete="CASCADE")
        added_by = TextField()
        added_at = DateTimeField()

    db.create_tables(Frozen.__subclasses__())
    db.execute(Broadcast.index(Broadcast.id, where=Broadcast.stage == SQL("'cancelled'"), name="broadcast_stopped"))
