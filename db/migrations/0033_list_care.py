"""Numbers that get no alerts, and the yearly question whether a member stays. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Member(There):
        pass

    class DeadNumber(There):
        member = ForeignKeyField(Member, unique=True, on_delete="CASCADE")
        mobile = TextField()
        why = TextField()
        broadcast = IntegerField()
        seen_at = DateTimeField()
        told_at = DateTimeField(null=True)
        dismissed_at = DateTimeField(null=True)

    class Renewal(There):
        asked_at = DateTimeField()
        asked_by = TextField()
        until_at = DateTimeField()
        ended_at = DateTimeField(null=True)

    class RenewalMember(There):
        renewal = ForeignKeyField(Renewal, on_delete="CASCADE")
        member = ForeignKeyField(Member, on_delete="CASCADE")
        channel = TextField()
        ordered_at = DateTimeField(null=True)
        broadcast = IntegerField(null=True, index=True)
        mail = IntegerField(null=True, index=True)
        answer = TextField(default="")
        answered_at = DateTimeField(null=True)
        how = TextField(default="")

        class Meta:
            indexes = ((("renewal", "member"), True),)

    db.create_tables([DeadNumber, Renewal, RenewalMember])
