"""The reason for taking a modem out of service, or back into it. Frozen."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("modem_request", "reason", TextField(default="")))
