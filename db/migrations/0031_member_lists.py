"""Acts on many members that can be undone, remembered columns of lists, and members ordered and searched by columns of
their own. Frozen.
"""

import unicodedata
from typing import Any

from peewee import AutoField, DateTimeField, ForeignKeyField, Model, TextField


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Member(There):
        first_name = TextField()
        last_name = TextField()
        mobile = TextField(null=True)
        email = TextField(null=True)
        landline = TextField()
        second_number = TextField()
        street = TextField()
        house_number = TextField()
        name_key = TextField(default="", index=True)
        searchable = TextField(default="")

    class MembersAct(There):
        kind = TextField()
        by = TextField()
        at = DateTimeField()
        beat_at = DateTimeField()
        finished_at = DateTimeField(null=True)
        undone_at = DateTimeField(null=True)
        counts = TextField(default="{}")

    class MembersActChange(There):
        act = ForeignKeyField(MembersAct, on_delete="CASCADE")
        member = ForeignKeyField(Member, on_delete="CASCADE")
        changes = TextField()

        class Meta:
            indexes = ((("act", "member"), True),)

    class ListColumns(There):
        header = TextField(unique=True)
        columns = TextField()
        at = DateTimeField()

    migrator.migrate(
        migrator.add_column("member", "name_key", TextField(default="", index=True)),
        migrator.add_column("member", "searchable", TextField(default="")),
    )
    searched = ("last_name", "first_name", "email", "mobile", "second_number", "landline", "street", "house_number")
    for row in list(Member.select()):
        row.name_key = _folded(f"{row.last_name} {row.first_name}")
        row.searchable = _folded(" ".join(getattr(row, column) or "" for column in searched))
        row.save(only=["name_key", "searchable"])
    db.create_tables([MembersAct, MembersActChange, ListColumns])


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
