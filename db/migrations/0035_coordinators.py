"""Corrections that coordinators propose, and probes that prove that a Google Group delivers. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Member(There):
        pass

    class Neighbourhood(There):
        pass

    class MemberCorrection(There):
        member = ForeignKeyField(Member, on_delete="CASCADE")
        field = TextField()
        value = TextField()
        proposed_by = TextField()
        proposed_at = DateTimeField()

        class Meta:
            indexes = ((("member", "field"), True),)

    class GroupProbe(There):
        neighbourhood = ForeignKeyField(Neighbourhood, on_delete="CASCADE")
        address = TextField()
        asked_by = TextField()
        asked_at = DateTimeField()
        arrived_at = DateTimeField(null=True)

    db.create_tables([MemberCorrection, GroupProbe])
