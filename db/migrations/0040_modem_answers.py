"""Answers of modems to people, the codes that tell a card's balance, and names of modems. Frozen."""

from typing import Any

from peewee import AutoField, DateTimeField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class Base(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class ModemAnswer(Base):
        host = TextField()
        modem = TextField()
        verb = TextField()
        imsi = TextField(default="")
        state = TextField()
        text = TextField(default="")
        answered_at = DateTimeField()

        class Meta:
            indexes = ((("host", "modem", "verb"), True),)

    class SimUssd(Base):
        imsi = TextField(unique=True)
        code = TextField()

    class ModemLabel(Base):
        host = TextField()
        name = TextField()
        label = TextField()

        class Meta:
            indexes = ((("host", "name"), True),)

    db.create_tables([ModemAnswer, SimUssd, ModemLabel])
