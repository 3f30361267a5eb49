"""Further numbers of members, and where they live. Frozen."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    columns = ("landline", "second_number", "street", "house_number", "postal_code")
    migrator.migrate(*(migrator.add_column("member", column, TextField(default="")) for column in columns))
