"""Ready-made alerts, and what a zone's alerts begin and end with. Frozen, like every migration."""

from typing import Any

from peewee import AutoField, BooleanField, DateTimeField, ForeignKeyField, IntegerField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Frozen(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class AlertTemplate(Frozen):
        title = TextField()
        icon = TextField()
        kind = TextField(default="alert")
        position = IntegerField(default=0)
        fields = TextField(default="[]")
        changed_by = TextField()
        changed_at = DateTimeField()

    class AlertTemplateText(Frozen):
        template = ForeignKeyField(AlertTemplate, on_delete="CASCADE")
        language = TextField()
        body = TextField()

        class Meta:
            indexes = ((("template", "language"), True),)

    class AlertWording(Frozen):
        language = TextField(unique=True)
        prefix = TextField(default="")
        closing = TextField(default="")
        required = BooleanField(default=True)

    db.create_tables(Frozen.__subclasses__())
