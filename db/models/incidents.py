"""Incidents, suspicions of one, and runs of the daily jobs."""

from peewee import IntegerField, TextField

from db.engine.base import Table, UtcField


class Incident(Table):
    """A trouble that people are told of. `subject` is `host/modem`, a SIM, a host; `reopened` counts its returns.

    `told_at`, `end_told_at` are of the mails, `texted_at`, `end_texted_at` of the SMS to the duty phone.
    """

    kind = TextField()
    subject = TextField(default="")
    sentence = TextField()
    opened_at = UtcField(index=True)
    ended_at = UtcField(null=True)
    reopened = IntegerField(default=0)
    told_at = UtcField(null=True)
    end_told_at = UtcField(null=True)
    texted_at = UtcField(null=True)
    end_texted_at = UtcField(null=True)


# Unique: of two processes that see the same trouble, the second finds what the first opened.
Incident.add_index(
    Incident.kind, Incident.subject, unique=True, where=Incident.ended_at.is_null(), name="incident_open"
)


class Suspicion(Table):
    """Something that may become an incident, if it lasts."""

    kind = TextField()
    subject = TextField(default="")
    since_at = UtcField()

    class Meta:
        indexes = ((("kind", "subject"), True),)


class JobRun(Table):
    """A daily run. `slot` is the local date; without `ended_at` it is under way, or its process died."""

    name = TextField()
    slot = TextField()
    host = TextField()
    started_at = UtcField()
    ended_at = UtcField(null=True)
    outcome = TextField(default="")

    class Meta:
        indexes = ((("name", "slot"), True),)
