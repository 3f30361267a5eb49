"""A zone may send a longer version of an alert by mail, and a planned drill keeps its other languages. Frozen."""

from typing import Any

from peewee import BooleanField, TextField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("bulletin_policy", "longer_alerts", BooleanField(default=False)),
        migrator.add_column("planned", "others", TextField(default="{}")),
    )
