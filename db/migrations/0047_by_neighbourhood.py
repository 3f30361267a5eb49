"""Indexes for the list of members by neighbourhood, of which a late page sorted everybody. Frozen."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_index("neighbourhood", ("position", "name")),
        migrator.add_index("member", ("neighbourhood_id", "name_key")),
        migrator.drop_index("member", "member_neighbourhood_id"),
    )
