"""Ready-made alerts, and the words that a zone's alerts begin and end with."""

from peewee import BooleanField, ForeignKeyField, IntegerField, TextField

from db.engine.base import Table, UtcField


class AlertTemplate(Table):
    """A tile on the officer's home, alert or drill; `fields` is JSON, as db.alerts.templates reads it."""

    title = TextField()
    icon = TextField()
    kind = TextField(default="alert")
    position = IntegerField(default=0)
    fields = TextField(default="[]")
    changed_by = TextField()
    changed_at = UtcField()


class AlertTemplateText(Table):
    """A template's text in one language, with {fields} in it."""

    template = ForeignKeyField(AlertTemplate, backref="texts", on_delete="CASCADE")
    language = TextField()
    body = TextField()

    class Meta:
        indexes = ((("template", "language"), True),)


class AlertWording(Table):
    """First and last words of alerts in one language. `required`: its readers must get a text of their own."""

    language = TextField(unique=True)
    prefix = TextField(default="")
    closing = TextField(default="")
    required = BooleanField(default=True)
