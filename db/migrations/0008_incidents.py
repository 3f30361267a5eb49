"""Incidents, what runs once per day, where an account can be written to, and who was welcomed by mail. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Incident(Frozen):
        kind = TextField()
        subject = TextField(default="")
        sentence = TextField()
        opened_at = DateTimeField(index=True)
        ended_at = DateTimeField(null=True)
        reopened = IntegerField(default=0)
        told_at = DateTimeField(null=True)
        end_told_at = DateTimeField(null=True)
        texted_at = DateTimeField(null=True)
        end_texted_at = DateTimeField(null=True)

    Incident.add_index(
        Incident.kind, Incident.subject, unique=True, where=Incident.ended_at.is_null(), name="incident_open"
    )

    class Suspicion(Frozen):
        kind = TextField()
        subject = TextField(default="")
        since_at = DateTimeField()

        class Meta:
            indexes = ((("kind", "subject"), True),)

    class JobRun(Frozen):
        name = TextField()
        slot = TextField()
        host = TextField()
        started_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        outcome = TextField(default="")

        class Meta:
            indexes = ((("name", "slot"), True),)

    db.create_tables([Incident, Suspicion, JobRun])
    migrator.migrate(
        migrator.add_column("account", "email", TextField(null=True)),
        migrator.add_column("member", "welcome_mailed_at", DateTimeField(null=True)),
    )
    # Whoever was welcomed before there was a mail for it is not greeted once more.
    db.execute_sql("UPDATE member SET welcome_mailed_at = welcomed_at")
